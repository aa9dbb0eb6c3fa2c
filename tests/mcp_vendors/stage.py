"""Connectors over a served mock: every request on record with its body, and time that passes when it is waited for."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.clock import Clock
from tillhand_common.http import Resilience, RetryPolicy, Timeouts, UpstreamClient
from tillhand_common.testing import FakeClock
from tillhand_mcp.adapters.bing.connector import BingConnector
from tillhand_mcp.adapters.google.client import GoogleClient
from tillhand_mcp.adapters.google.ga4 import Ga4Connector
from tillhand_mcp.adapters.google.quota import PropertyQuota
from tillhand_mcp.adapters.google.search_console import SearchConsoleConnector
from tillhand_mcp.adapters.shopify.bulk import BulkExport
from tillhand_mcp.adapters.shopify.client import ShopifyClient
from tillhand_mcp.adapters.shopify.connector import ShopifyConnector
from tillhand_mcp.adapters.shopify.exports import Exports
from tillhand_mcp.adapters.shopify.previews import Previews
from tillhand_mcp.adapters.shopify.reading import Reading
from tillhand_mcp.adapters.shopify.writing import Writing
from tillhand_mcp.adapters.upstreams.bucket import CostBucket
from tillhand_mcp.adapters.upstreams.standing import Standing
from tillhand_mcp.adapters.upstreams.tokens import FixedToken, Tokens
from tillhand_mcp.domain.origins import Access
from tillhand_mcp.mock.app import whole_mock
from tillhand_mcp.mock.serving import serving
from tillhand_mcp.mock.state import Mock
from tillhand_mcp.mock.world import (
    ACCESS_TOKEN,
    BING_KEY,
    BING_SITE,
    GA4_PROPERTY,
    SEARCH_CONSOLE_SITE,
    World,
)
from tillhand_mcp.ports.connector import Answer, AnyTool, Connector, ReadTool, WriteTool
from tillhand_mcp.ports.toolbox import Caller, no_progress
from tillhand_mcp.settings import VERSION
from tillhand_mockshop.model import Shop

NOW: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
CALLER: Final = Caller("key:agent", "agent", "main", frozenset({"mcp:call"}))
DEADLINE_S: Final = 0.6
LATE_S: Final = 0.1
NAMES: Final = ("shopify", "ga4", "search_console", "bing")


class QuickClock(FakeClock):
    """Whoever sleeps on it moves it on, so that nothing takes real time."""

    def __init__(self) -> None:
        super().__init__(NOW)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        await self.advance(max(0.0, seconds))


@dataclass(slots=True)
class Exchange:
    """One request as it came, and what was answered to it."""

    method: str
    path: str
    query: str
    body: bytes
    status: int = 0
    answer: bytes = b""

    def json(self) -> Any:  # noqa: ANN401  # any JSON
        return orjson.loads(self.body)

    def answered(self) -> Any:  # noqa: ANN401  # any JSON
        return orjson.loads(self.answer)


class Recording:
    """ASGI middleware that keeps requests and answers, bodies included."""

    def __init__(self, app: ASGIApp, exchanges: list[Exchange]) -> None:
        self._app, self._exchanges = app, exchanges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and keep."""
        if scope["type"] != "http" or scope["path"].startswith("/mock/"):
            await self._app(scope, receive, send)
            return
        raw = scope.get("raw_path", scope["path"].encode()).decode().partition("?")[0]
        kept = Exchange(scope["method"], raw, scope["query_string"].decode(), b"")
        self._exchanges.append(kept)

        async def received() -> Message:
            message = await receive()
            kept.body += message.get("body", b"")
            return message

        async def sent(message: Message) -> None:
            kept.status = message.get("status", kept.status)
            kept.answer += message.get("body", b"")
            await send(message)

        await self._app(scope, received, sent)


@dataclass(slots=True, repr=False, eq=False)
class Stage:
    """A served mock. It is not shown: the whole shop would be, whenever an event loop tells of a task."""

    url: str
    world: World
    mock: Mock
    exchanges: list[Exchange] = field(default_factory=list)

    def graphql(self) -> list[dict[str, Any]]:
        """Every GraphQL operation that has arrived."""
        return [each.json() for each in self.exchanges if each.path.endswith("/graphql.json")]

    def operations(self) -> list[str]:
        """Their names, in order."""
        return [each["operationName"] for each in self.graphql()]

    def written(self) -> list[tuple[str, str | None]]:
        """What took effect, with the keys."""
        return [(each.operation, each.key) for each in self.world.writes]


@asynccontextmanager
async def staged(shop: Shop, clock: Clock) -> AsyncIterator[Stage]:
    """Serve the mock of all vendors over a shop."""
    world = World(shop, clock)
    app = whole_mock(world)
    exchanges: list[Exchange] = []
    app.add_middleware(Recording, exchanges=exchanges)
    async with serving(app) as url:
        yield Stage(url, world, app.state.mock, exchanges)


@dataclass(frozen=True, slots=True)
class How:
    """How a connector is built."""

    clock: Clock = field(default_factory=QuickClock)
    access: Access = field(default_factory=lambda: Access("mock"))
    total_s: float = 5.0
    attempts: int = 3
    threshold: int = 1000
    show_customers: bool = False
    tokens: Tokens = field(default_factory=lambda: FixedToken(SecretStr(ACCESS_TOKEN)))

    def client(self, name: str, base_url: str) -> UpstreamClient:
        """The client of one upstream."""
        policy = RetryPolicy(attempts=self.attempts, base_s=0.001, cap_s=0.002)
        resilience = Resilience(name, retry=policy, clock=self.clock, failure_threshold=self.threshold)
        return UpstreamClient(name, base_url, resilience=resilience, timeouts=Timeouts(total_s=self.total_s))


def shopify(base_url: str, folder: Path, how: How) -> ShopifyConnector:
    http = how.client("shopify", base_url)
    standing = Standing("shopify", how.access, http, how.clock)
    bucket = CostBucket("shopify", how.clock)
    standing.quota = bucket.quota
    client = ShopifyClient(http, how.tokens, bucket, standing, VERSION)
    reading = Reading(client, standing, show_customers=how.show_customers)
    bulk = BulkExport(client, Exports(folder / "exports"), standing, how.clock, base_url)
    return ShopifyConnector(
        http, client, standing, reading, Writing(client, reading, standing), Previews(client, reading), bulk
    )


def built(name: str, base_url: str, folder: Path, how: How) -> tuple[Connector, UpstreamClient]:
    """A connector of ours over any upstream, and its client."""
    if name == "shopify":
        made = shopify(base_url, folder, how)
        return made, made.http
    http = how.client(name, base_url)
    standing = Standing(name, how.access, http, how.clock)
    if name == "bing":
        return BingConnector(http, SecretStr(BING_KEY), standing, BING_SITE), http
    google = GoogleClient(http, how.tokens, standing, help_with_access="Share it.")
    if name == "ga4":
        return Ga4Connector(http, google, standing, PropertyQuota(name, how.clock), GA4_PROPERTY), http
    return SearchConsoleConnector(http, google, standing, SEARCH_CONSOLE_SITE), http


def tool(connector: Connector, name: str) -> AnyTool:
    """A tool of a connector."""
    return next(each for each in connector.tools() if each.name == name)


async def read(connector: Connector, name: str, **arguments: object) -> Answer:
    """Call a tool that reads, past registry and cache."""
    bound = tool(connector, name)
    assert isinstance(bound, ReadTool)
    return await bound.run(CALLER, bound.takes.model_validate(arguments), no_progress)


def writer(connector: Connector, name: str) -> WriteTool[Any]:
    bound = tool(connector, name)
    assert isinstance(bound, WriteTool)
    return bound


ASKING: Final[Mapping[str, tuple[str, Mapping[str, object]]]] = {
    "shopify": ("shopify_locations", {}),
    "ga4": ("ga4_metadata", {"kind": "metrics"}),
    "search_console": ("search_console_sitemaps", {}),
    "bing": ("bing_submission_quota", {}),
}
"""A call of each connector that takes one request."""


async def asked(connector: Connector) -> Answer:
    """The call of `ASKING`."""
    name, arguments = ASKING[connector.id]
    return await read(connector, name, **arguments)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Within, a request is being served that has to be answered by then."""
    info = context.from_headers(None, None, None)
    info.deadline = time.monotonic() + seconds
    before = context.current()
    context.enter(info)
    try:
        yield
    finally:
        if before is not None:
            context.enter(before)
        else:
            context.set_deadline(None)


@asynccontextmanager
async def trial(shop: Shop, name: str, how: How, clock: Clock | None = None) -> AsyncIterator[tuple[Stage, Connector]]:
    """A fresh mock, and one connector of it; no time passes there, so that what is waited for never comes."""
    async with staged(shop, clock or FakeClock(NOW)) as served:
        made, _ = built(name, served.url, Path("exports-that-nobody-makes"), how)
        try:
            yield served, made
        finally:
            await made.aclose()
