"""What connectors promise, whoever is at the other end: the mock always, real accounts with `make live`.

Only reading is tried. A real account is asked where `TILLHAND_LIVE=1` and its credentials are set; which are missing is
the reason for which it is skipped.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from tillhand_common.clock import SystemClock
from tillhand_common.http import UpstreamMetrics
from tillhand_common.metrics import Metrics
from tillhand_common.settings import load
from tillhand_mcp.app.opening import Counting, open_connectors
from tillhand_mcp.domain.tools import Done
from tillhand_mcp.mock.serving import serving
from tillhand_mcp.mock.world import World
from tillhand_mcp.ports.connector import Connector
from tillhand_mcp.ports.toolbox import Caller, Toolbox
from tillhand_mcp.schemas import location
from tillhand_mcp.settings import McpSettings
from tillhand_mcp.settings.access import BY_NAME
from tillhand_mockshop.generator import build

LIVE: Final = os.environ.get("TILLHAND_LIVE") == "1"
TARGETS: Final = ("live",) if LIVE else ("mock",)
CALLER: Final = Caller("key:contract", "agent", "default", frozenset({"mcp:call"}))
LAST: Final = date.today() - timedelta(days=4)  # noqa: DTZ011  # a day that every vendor has counted by now
FIRST: Final = LAST - timedelta(days=27)


@dataclass(frozen=True)
class Joined:
    """A connector, its tools, and who is at the other end."""

    target: str
    settings: McpSettings
    connector: Connector
    toolbox: Toolbox

    async def call(self, tool: str, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401  # any JSON
        """The answer, which fits what the tool promises and says where it comes from."""
        found = await self.toolbox.call(CALLER, tool, arguments)
        assert isinstance(found, Done), found
        shown = {each.name: each for each in await self.toolbox.tools(CALLER)}[tool]
        jsonschema.validate(dict(found.structured), dict(shown.output_schema))
        origin = found.structured["origin"]
        assert (origin["source"], origin["mode"]) == (self.connector.id, self.target)
        assert found.text
        return found.structured


@asynccontextmanager
async def joined(target: str, name: str, folder: Path) -> AsyncIterator[Joined]:
    """One connector. Skips where a real account lacks credentials, and names them."""
    if target == "live":
        settings = load(McpSettings).model_copy(update={"data_dir": folder, "mocks": "never", "approvals_url": ""})
        missing = ", ".join(each.setting for each in BY_NAME[name](settings).missing)
        if missing:
            pytest.skip(f"{name} is not asked: {missing} not set (see `tillhand connect`)")
        async with opened(target, settings, name) as found:
            yield found
        return
    if not (location.folder() / "NOTICE").is_file():
        pytest.skip("the vendors' schemas are not here: python tools/schemas.py")
    world = World(build(skus=40, days=60, last_day=LAST + timedelta(days=3)), SystemClock())
    async with serving(world) as url:
        settings = McpSettings(data_dir=folder, mock_url=url)
        async with opened(target, settings, name) as found:
            yield found


@asynccontextmanager
async def opened(target: str, settings: McpSettings, name: str) -> AsyncIterator[Joined]:
    """The connectors without HTTP around them."""
    metrics = Metrics("contract")
    counting = Counting(metrics, UpstreamMetrics(metrics, ("rag", "approvals", *BY_NAME, "google-tokens")))
    async with open_connectors(settings, SystemClock(), counting) as found:
        yield Joined(target, settings, found.joined.connectors[name], found.joined.toolbox)


async def shopify(shop: Joined) -> None:
    await shop.call("shopify_shop")
    products = (await shop.call("shopify_products", limit=3))["products"]
    await shop.call("shopify_inventory", limit=3)
    await shop.call("shopify_locations")
    await shop.call("shopify_customers", limit=2)
    orders = (await shop.call("shopify_orders", limit=2))["orders"]
    if products:
        await shop.call("shopify_metafields", owner_id=products[0]["id"])
    if orders:
        whole = await shop.call("shopify_order", order_id=orders[0]["id"])
        if whole["refunds"]:
            await shop.call("shopify_refunds", refund_ids=[each["id"] for each in whole["refunds"][:20]])


async def ga4(visits: Joined) -> None:
    names = (await visits.call("ga4_metadata", kind="metrics", search="session"))["names"]
    assert "sessions" in {each["name"] for each in names}
    span = {"start_date": FIRST.isoformat(), "end_date": LAST.isoformat()}
    await visits.call("ga4_report", metrics=["sessions"], dimensions=["sessionDefaultChannelGroup"], limit=5, **span)
    await visits.call("ga4_realtime")


async def search_console(search: Joined) -> None:
    span = {"start_date": FIRST.isoformat(), "end_date": LAST.isoformat()}
    found = await search.call("search_console_analytics", dimensions=["PAGE"], limit=5, **span)
    await search.call("search_console_analytics", dimensions=["DATE"], fresh=True, limit=5, **span)
    await search.call("search_console_sitemaps")
    if found["rows"]:
        await search.call("search_console_inspect_url", url=found["rows"][0]["keys"][0])


async def bing(search: Joined) -> None:
    await search.call("bing_query_stats", limit=3)
    await search.call("bing_page_stats", limit=3)
    await search.call("bing_submission_quota")


READING: Final[Mapping[str, Callable[[Joined], Awaitable[None]]]] = {
    "shopify": shopify,
    "ga4": ga4,
    "search_console": search_console,
    "bing": bing,
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", READING)
async def test_what_is_read_fits_what_was_promised(target: str, name: str, tmp_path: Path) -> None:
    async with joined(target, name, tmp_path) as found:
        await READING[name](found)
        state = await found.connector.check()
        assert (state.state, state.breaker) == (target, "closed")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", READING)
async def test_what_upstreams_refuse_is_said_in_their_words(target: str, name: str, tmp_path: Path) -> None:
    wrong: Mapping[str, tuple[str, dict[str, Any]]] = {
        "shopify": ("shopify_products", {"cursor": "nowhere"}),
        "ga4": ("ga4_report", {"metrics": ["noSuchMetric"]}),
        "search_console": ("search_console_inspect_url", {"url": "https://another-site.example/"}),
        "bing": ("bing_query_stats", {"cursor": "x"}),
    }
    async with joined(target, name, tmp_path) as found:
        refused = await found.toolbox.call(CALLER, *wrong[name])
        assert not isinstance(refused, Done)
        assert getattr(refused, "text", "")
