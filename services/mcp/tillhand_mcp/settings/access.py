"""Which connectors are live: by the settings alone, and said before anything is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tillhand_mcp.domain.origins import Access, Missing
from tillhand_mcp.settings import McpSettings

_SHOPIFY_STORE: Final = Missing("TILLHAND_SHOPIFY_STORE", "The shop's *.myshopify.com name, from its admin's address.")
_SHOPIFY_APP: Final = (
    Missing("TILLHAND_SHOPIFY_CLIENT_ID", "Client id of the app, in the Dev Dashboard under Settings."),
    Missing("TILLHAND_SHOPIFY_CLIENT_SECRET", "Client secret of the app, beside its id."),
)
_GOOGLE: Final = Missing(
    "TILLHAND_GOOGLE_CREDENTIALS", "Path of a service account's key file; `tillhand connect ga4` tells how to get one."
)
_GA4: Final = Missing("TILLHAND_GA4_PROPERTY", "The property's number, in Analytics under Admin, Property details.")
_SEARCH_CONSOLE: Final = Missing(
    "TILLHAND_SEARCH_CONSOLE_SITE", "The site as Search Console lists it, such as sc-domain:example.com."
)
_BING_KEY: Final = Missing("TILLHAND_BING_API_KEY", "In Bing Webmaster Tools under Settings, API access.")
_BING_SITE: Final = Missing("TILLHAND_BING_SITE", "The site as Bing Webmaster Tools lists it.")


def shopify(settings: McpSettings) -> Access:
    """A store, with an app's id and secret, or with an older app's token."""
    wanted = [(_SHOPIFY_STORE, bool(settings.shopify_store))]
    if settings.shopify_access_token is None:
        wanted += [
            (_SHOPIFY_APP[0], bool(settings.shopify_client_id)),
            (_SHOPIFY_APP[1], settings.shopify_client_secret is not None),
        ]
    begun = settings.shopify_access_token is not None
    return _access(settings, wanted, begun=begun)


def ga4(settings: McpSettings) -> Access:
    """Google's credentials are shared: the property says that Analytics is wanted."""
    wanted = [(_GOOGLE, settings.google_credentials is not None), (_GA4, bool(settings.ga4_property))]
    return _access(settings, wanted, begun=bool(settings.ga4_property), needs_own=_GA4)


def search_console(settings: McpSettings) -> Access:
    """As `ga4`; the site says that Search Console is wanted."""
    wanted = [
        (_GOOGLE, settings.google_credentials is not None),
        (_SEARCH_CONSOLE, bool(settings.search_console_site)),
    ]
    return _access(settings, wanted, begun=bool(settings.search_console_site), needs_own=_SEARCH_CONSOLE)


def bing(settings: McpSettings) -> Access:
    """A key and a site."""
    wanted = [(_BING_KEY, settings.bing_api_key is not None), (_BING_SITE, bool(settings.bing_site))]
    return _access(settings, wanted)


def _access(
    settings: McpSettings,
    wanted: Sequence[tuple[Missing, bool]],
    *,
    begun: bool = False,
    needs_own: Missing | None = None,
) -> Access:
    """All there: live. Nothing there: a mock, unless mocks are never wanted. A part of it there: blocked, never a mock.

    What several connectors share is no sign that one is wanted; `needs_own` is what is.
    """
    missing = tuple(each for each, there in wanted if not there)
    if settings.force_mocks:
        return Access("mock", missing)
    if not missing:
        return Access("live")
    begun = begun or any(there for each, there in wanted if needs_own in (None, each))
    return Access("mock" if not begun and settings.mocks == "auto" else "blocked", missing)


BY_NAME: Final[Mapping[str, Callable[[McpSettings], Access]]] = {
    "shopify": shopify,
    "ga4": ga4,
    "search_console": search_console,
    "bing": bing,
}
