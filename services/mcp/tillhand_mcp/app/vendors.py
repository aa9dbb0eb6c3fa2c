"""Joins the vendors' connectors: the same client, whether the vendor or the mock is at the other end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from tillhand_common.clock import Clock
from tillhand_common.http import Resilience, RetryPolicy, Timeouts, UpstreamClient, UpstreamMetrics
from tillhand_common.lifecycle import StartupError
from tillhand_mcp.adapters.bing.connector import BingConnector
from tillhand_mcp.adapters.google.client import GoogleClient
from tillhand_mcp.adapters.google.credentials import (
    READ_ANALYTICS,
    READ_SEARCH,
    AuthorizedUser,
    ServiceAccount,
    grant,
    read_credentials,
)
from tillhand_mcp.adapters.google.ga4 import Ga4Connector
from tillhand_mcp.adapters.google.quota import PropertyQuota
from tillhand_mcp.adapters.google.search_console import SearchConsoleConnector
from tillhand_mcp.adapters.shopify.bulk import BulkExport
from tillhand_mcp.adapters.shopify.client import ShopifyClient
from tillhand_mcp.adapters.shopify.connector import ShopifyConnector
from tillhand_mcp.adapters.shopify.exports import Exports
from tillhand_mcp.adapters.shopify.grant import grant as shopify_grant
from tillhand_mcp.adapters.shopify.previews import Previews
from tillhand_mcp.adapters.shopify.reading import Reading
from tillhand_mcp.adapters.shopify.writing import Writing
from tillhand_mcp.adapters.upstreams.bucket import CostBucket
from tillhand_mcp.adapters.upstreams.standing import Standing
from tillhand_mcp.adapters.upstreams.tokens import FixedToken, RenewedTokens, Tokens
from tillhand_mcp.domain.origins import Access
from tillhand_mcp.settings import McpSettings, access

UPSTREAMS: Final = ("shopify", "ga4", "search_console", "bing", "google-tokens")
NOWHERE: Final = "http://127.0.0.1:9"
"""Where a blocked connector would call, which it never does."""
MOCK_CREDENTIALS: Final[Mapping[str, str]] = {
    "client_id": "mock-client",
    "client_secret": "mock-secret",  # nosec B105 # the mock asks for none
    "bing_key": "mock-bing-key",
    "ga4_property": "424242424",
    "search_console_site": "sc-domain:brackenlane.example",
    "bing_site": "https://brackenlane.example/",
}
"""What the mock upstream lets in; it holds nothing that is anybody's."""
_SHARE_ANALYTICS: Final = "Give the service account's address the role Viewer in Analytics, Admin, Property access."
_SHARE_SITE: Final = "Add the service account's address as a user in Search Console, Settings, Users and permissions."


@dataclass(frozen=True, slots=True)
class Vendors:
    """The vendors' connectors, and the exports that they have made."""

    shopify: ShopifyConnector
    ga4: Ga4Connector
    search_console: SearchConsoleConnector
    bing: BingConnector
    exports: Exports


@dataclass(frozen=True, slots=True)
class _Joining:
    settings: McpSettings
    clock: Clock
    metrics: UpstreamMetrics | None
    mock_url: Callable[[], str]
    stack: AsyncExitStack

    def base(self, given: Access, live: str) -> str:
        """Where a connector calls."""
        return {"live": live, "mock": self.mock_url() if given.mode == "mock" else "", "blocked": NOWHERE}[given.mode]

    def client(self, name: str, base_url: str, *, attempts: int = 3) -> UpstreamClient:
        """A client with its own pool, breaker, budget and deadline."""
        resilience = Resilience(name, retry=RetryPolicy(attempts=attempts), metrics=self.metrics, clock=self.clock)
        return UpstreamClient(
            name, base_url, resilience=resilience, timeouts=Timeouts(read_s=20.0, total_s=25.0), max_connections=20
        )


def vendors(
    settings: McpSettings,
    clock: Clock,
    metrics: UpstreamMetrics | None,
    mock_url: Callable[[], str],
    stack: AsyncExitStack,
) -> Vendors:
    """All of them. `mock_url` is asked for only where a mock answers. Raises `StartupError`."""
    joining = _Joining(settings, clock, metrics, mock_url, stack)
    exports = Exports(settings.folder / "exports")
    return Vendors(_shopify(joining, exports), _ga4(joining), _search_console(joining), _bing(joining), exports)


def _shopify(joining: _Joining, exports: Exports) -> ShopifyConnector:
    settings, clock = joining.settings, joining.clock
    given = access.shopify(settings)
    base_url = joining.base(given, f"https://{settings.shopify_store}")
    http = joining.client("shopify", base_url)
    standing = Standing("shopify", given, http, clock)
    tokens: Tokens
    if given.mode == "live" and settings.shopify_access_token is not None:
        tokens = FixedToken(settings.shopify_access_token)
    else:
        mock = given.mode == "mock"
        identity = MOCK_CREDENTIALS["client_id"] if mock else settings.shopify_client_id
        secret = settings.shopify_client_secret or SecretStr("")
        secret = SecretStr(MOCK_CREDENTIALS["client_secret"]) if mock else secret
        tokens = RenewedTokens(shopify_grant(http, identity, secret), clock)
    bucket = CostBucket("shopify", clock)
    standing.quota = bucket.quota
    client = ShopifyClient(http, tokens, bucket, standing, settings.shopify_api_version)
    reading = Reading(client, standing, show_customers=settings.shopify_show_customers)
    writing = Writing(client, reading, standing)
    bulk = BulkExport(client, exports, standing, clock, base_url)
    return ShopifyConnector(http, client, standing, reading, writing, Previews(client, reading), bulk)


def _google(joining: _Joining, given: Access, scope: str) -> Tokens:
    credentials: ServiceAccount | AuthorizedUser
    if given.mode == "mock":
        credentials = AuthorizedUser(
            type="authorized_user",
            client_id=MOCK_CREDENTIALS["client_id"],
            client_secret=SecretStr(MOCK_CREDENTIALS["client_secret"]),
            refresh_token=SecretStr("mock-refresh-token"),
            token_uri=f"{joining.mock_url()}/token",
        )
    elif given.mode == "live" and joining.settings.google_credentials is not None:
        try:
            credentials = read_credentials(joining.settings.google_credentials)
        except ValueError as error:
            raise StartupError(f"TILLHAND_GOOGLE_CREDENTIALS: {error}.") from error
        if urlsplit(credentials.token_uri).scheme != "https":
            raise StartupError("TILLHAND_GOOGLE_CREDENTIALS: its token_uri must begin with https://.")
    else:
        return FixedToken(SecretStr(""))
    client, renew = grant(credentials, scope, joining.clock, joining.metrics)
    joining.stack.push_async_callback(client.aclose)
    return RenewedTokens(renew, joining.clock)


def _ga4(joining: _Joining) -> Ga4Connector:
    given = access.ga4(joining.settings)
    # An hour allows a property few server errors: what fails is not asked again blindly.
    http = joining.client("ga4", joining.base(given, "https://analyticsdata.googleapis.com"), attempts=1)
    standing = Standing("ga4", given, http, joining.clock)
    client = GoogleClient(http, _google(joining, given, READ_ANALYTICS), standing, help_with_access=_SHARE_ANALYTICS)
    quota = PropertyQuota("ga4", joining.clock)
    name = MOCK_CREDENTIALS["ga4_property"] if given.mode == "mock" else joining.settings.ga4_property
    return Ga4Connector(http, client, standing, quota, name)


def _search_console(joining: _Joining) -> SearchConsoleConnector:
    given = access.search_console(joining.settings)
    http = joining.client("search_console", joining.base(given, "https://searchconsole.googleapis.com"))
    standing = Standing("search_console", given, http, joining.clock)
    client = GoogleClient(http, _google(joining, given, READ_SEARCH), standing, help_with_access=_SHARE_SITE)
    mock = given.mode == "mock"
    site = MOCK_CREDENTIALS["search_console_site"] if mock else joining.settings.search_console_site
    return SearchConsoleConnector(http, client, standing, site)


def _bing(joining: _Joining) -> BingConnector:
    given = access.bing(joining.settings)
    http = joining.client("bing", joining.base(given, "https://ssl.bing.com"))
    standing = Standing("bing", given, http, joining.clock)
    mock = given.mode == "mock"
    key = SecretStr(MOCK_CREDENTIALS["bing_key"]) if mock else joining.settings.bing_api_key or SecretStr("")
    site = MOCK_CREDENTIALS["bing_site"] if mock else joining.settings.bing_site
    return BingConnector(http, key, standing, site)
