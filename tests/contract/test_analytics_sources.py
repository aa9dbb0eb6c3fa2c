"""The same figures, whichever way a shop is read: from the generator, through the connectors, and from a recording.

A real account is read where `TILLHAND_LIVE=1` and its credentials are set.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from pydantic import SecretStr

from tests.analytics.served_connectors import served
from tests.contract.shop_rows import (
    assert_same,
    lines_of,
    orders_of,
    refunds_of,
    searches_of,
    stock_of,
    texts,
    variants_of,
    visits_of,
)
from tests.contract.shop_rules import assert_whole, kinds
from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.adapters.sources import recorded
from tillhand_analytics.adapters.sources.connectors import Connectors
from tillhand_analytics.adapters.sources.live import LiveSources
from tillhand_analytics.adapters.sources.mock import MockSources
from tillhand_analytics.app import create_app as create_analytics
from tillhand_analytics.domain.provenance import SOURCES, Source
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.ports.sources import Loaded
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_analytics.store.database import Database
from tillhand_analytics.store.keeping import SqliteKeeper
from tillhand_common import keys
from tillhand_common.clock import SystemClock
from tillhand_common.http import UpstreamClient
from tillhand_common.settings import load
from tillhand_common.testing import client, running
from tillhand_mcp.app import create_app
from tillhand_mcp.schemas import location
from tillhand_mcp.settings import McpSettings
from tillhand_mcp.settings.access import BY_NAME
from tillhand_mockshop import model
from tillhand_mockshop.generator import LAST_DAY, build

BAD_FIGURE: Final = "urn:tillhand:problem:bad-figure"
"""Four weeks are too short for some."""
LIVE: Final = os.environ.get("TILLHAND_LIVE") == "1"
DAYS: Final = 28
SLACK: Final = 2
"""Days after the shop's last one that are read, too: by then everybody has counted it."""


@dataclass(frozen=True)
class Readings:
    """One shop, in every way."""

    made: model.Shop
    generated: Shop
    live: Loaded
    recorded: Loaded
    files: Mapping[str, bytes]

    @property
    def ways(self) -> Mapping[str, Shop]:
        """The shop by how it was read."""
        return {"live": self.live.shop, "recorded": self.recorded.shop}


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Readings:
    """Read once, for all tests of the module."""
    if not (location.folder() / "NOTICE").is_file():
        pytest.skip("the vendors' schemas are not here: python tools/schemas.py")
    made = build(skus=60, days=DAYS)
    return asyncio.run(_read(made, tmp_path_factory.mktemp("sources")))


async def _read(made: model.Shop, folder: Path) -> Readings:
    async with served(made, folder) as connectors:
        sources = connectors.sources(days=DAYS + SLACK)
        try:
            live = await sources.load()
            taken = await sources.take()
        finally:
            await sources.aclose()
    recorded.write(folder / "recording", taken)
    replayed = await recorded.RecordedSources(folder / "recording").load()
    return Readings(made, columns(made), live, replayed, taken.files)


@pytest.fixture(params=["live", "recorded"])
def way(request: pytest.FixtureRequest, readings: Readings) -> Shop:
    """The shop as it was read in one way."""
    return readings.ways[request.param]


def test_a_replay_is_the_reading_itself(readings: Readings) -> None:
    assert [stamp.digest for stamp in readings.recorded.stamps] == [stamp.digest for stamp in readings.live.stamps]
    assert {stamp.mode for stamp in readings.recorded.stamps} == {"recorded"}
    assert {stamp.mode for stamp in readings.live.stamps} == {"mock"}
    assert_same(readings.live.shop, readings.recorded.shop, "shop")


def test_every_way_gives_columns_of_the_same_kinds_that_keep_what_a_shop_promises(readings: Readings) -> None:
    for shop in (readings.generated, *readings.ways.values()):
        assert kinds(shop) == kinds(readings.generated)
        assert_whole(shop)


async def test_every_figure_answers_whichever_way_the_shop_was_read(way: Shop, tmp_path: Path) -> None:
    app = create_analytics(AnalyticsSettings(data_dir=tmp_path, rate_limit="off"), sources=HeldSources(way))
    asked = [path for path, told in app.openapi()["paths"].items() if "get" in told and "{" not in path]
    async with client(app) as http:
        answers = {path: await http.get(path) for path in asked if path.startswith("/v1/")}
    wrong = {path: answer.text for path, answer in answers.items() if answer.status_code not in {200, 422}}
    assert wrong == {}
    assert all(answer.json()["type"] == BAD_FIGURE for answer in answers.values() if answer.status_code == 422)
    assert sum(answer.status_code == 200 for answer in answers.values()) > 100


def test_net_sales_agree(readings: Readings, way: Shop) -> None:
    lines = sum(
        line.quantity * line.unit_price_minor - line.discount_minor
        for order in readings.made.orders
        for line in order.lines
    )
    given = sum(refund.amount_minor for order in readings.made.orders for refund in order.refunds)
    assert given > 0
    assert (int(way.lines.amount_minor.sum()), int(way.refunds.amount_minor.sum())) == (lines, given)
    assert int(way.lines.discount_minor.sum()) == int(readings.generated.lines.discount_minor.sum()) > 0


def test_orders_agree_one_by_one(readings: Readings, way: Shop) -> None:
    assert orders_of(way) == orders_of(readings.generated)
    assert lines_of(way) == lines_of(readings.generated)
    assert refunds_of(way) == refunds_of(readings.generated)


def test_variants_agree_one_by_one(readings: Readings, way: Shop) -> None:
    assert variants_of(way) == variants_of(readings.generated)


def test_units_by_sku_agree(readings: Readings, way: Shop) -> None:
    sku = {variant.id: variant.sku for variant in readings.made.variants()}
    expected: Counter[str] = Counter()
    for order in readings.made.orders:
        for line in order.lines:
            expected[sku[line.variant_id]] += line.quantity
    sold = zip(way.lines.variant.tolist(), way.lines.quantity.tolist(), strict=True)
    found: Counter[str] = Counter()
    for variant, quantity in sold:
        found[way.variants.skus[variant]] += quantity
    assert found == expected


def test_stock_agrees_place_by_place(readings: Readings, way: Shop) -> None:
    assert stock_of(way) == stock_of(readings.generated)


def test_searches_on_google_agree_row_by_row(readings: Readings, way: Shop) -> None:
    assert searches_of(way) == searches_of(readings.generated)


def test_searches_on_bing_agree_week_by_week(readings: Readings, way: Shop) -> None:
    last = LAST_DAY + timedelta(days=SLACK)
    expected: Counter[tuple[date, str]] = Counter()
    shown: Counter[tuple[date, str]] = Counter()
    for row in readings.made.search:
        week = row.day + timedelta(days=(5 - row.day.weekday()) % 7)
        if row.engine == "bing" and week <= last:
            expected[week, row.query] += row.clicks
            shown[week, row.query] += row.impressions
    bing = way.searches.engine == 1
    assert bing.any()
    keys_ = list(
        zip(way.searches.day[bing].tolist(), texts(way.searches.queries, way.searches.query[bing]), strict=True)
    )
    assert dict(zip(keys_, way.searches.clicks[bing].tolist(), strict=True)) == dict(expected)
    assert dict(zip(keys_, way.searches.impressions[bing].tolist(), strict=True)) == dict(shown)


def test_visits_agree_once_their_sources_are_summed_up(readings: Readings, way: Shop) -> None:
    assert visits_of(way) == visits_of(readings.generated)


def test_nobody_is_named_in_what_is_kept(readings: Readings) -> None:
    content = b"".join(readings.files.values()).decode()
    for customer in readings.made.customers:
        assert customer.email not in content
        assert customer.last_name not in content or f" {customer.last_name} " not in content
    assert "@" not in content


def test_what_can_only_be_observed_is_unknown_at_first(way: Shop) -> None:
    assert len(way.stock_outs.day) == 0
    assert np.isnat(way.stock_outs.known_from)
    assert len(way.deliveries.ids) == 0


def test_each_source_says_until_when_it_is_whole(readings: Readings) -> None:
    through = {stamp.source: stamp.complete_through for stamp in readings.live.stamps}
    assert through["shopify"] == LAST_DAY + timedelta(days=SLACK)
    assert through["ga4"] == LAST_DAY + timedelta(days=SLACK - 1)
    assert through["search_console"] == LAST_DAY
    assert not any(stamp.truncated or stamp.stale for stamp in readings.live.stamps)


@pytest.mark.skipif(not LIVE, reason="TILLHAND_LIVE=1 reads the real accounts")
async def test_a_real_shop_can_be_read(tmp_path: Path) -> None:
    settings = load(McpSettings).model_copy(update={"data_dir": tmp_path, "mocks": "never", "approvals_url": ""})
    if missing := ", ".join(each.setting for each in BY_NAME["shopify"](settings).missing):
        pytest.skip(f"the shop is not read: {missing} not set (see `tillhand connect`)")
    async with running(create_app(settings)) as url:
        http = UpstreamClient("mcp", url, bearer=SecretStr(keys.read_token(tmp_path, "service") or ""))
        keeper = SqliteKeeper(Database(tmp_path / "analytics.sqlite3"))
        sources = LiveSources(Connectors(http), keeper, SystemClock(), days=DAYS, has_token=True, mock=None)
        try:
            loaded, taken = await sources.load(), await sources.take()
        finally:
            await sources.aclose()
    recorded.write(tmp_path / "recording", taken)
    replayed = await recorded.RecordedSources(tmp_path / "recording").load()
    assert kinds(replayed.shop) == kinds(loaded.shop) == kinds(columns(build(skus=3, days=DAYS)))
    assert_whole(replayed.shop)
    assert {stamp.mode for stamp in loaded.stamps} == {"live"}
    assert_whole(loaded.shop)
    assert (loaded.shop.last_day - loaded.shop.first_day).astype(int) == DAYS - 1


@pytest.mark.skipif(not LIVE, reason="TILLHAND_LIVE=1 reads the real accounts")
@pytest.mark.parametrize("source", [each for each in SOURCES if each != "shopify"])
async def test_searches_and_visits_that_are_real_fit_beside_a_made_up_shop(source: Source, tmp_path: Path) -> None:
    settings = load(McpSettings).model_copy(update={"data_dir": tmp_path, "mocks": "auto", "approvals_url": ""})
    if missing := ", ".join(each.setting for each in BY_NAME[source](settings).missing):
        pytest.skip(f"{source} is not read: {missing} not set (see `tillhand connect`)")
    async with running(create_app(settings)) as url:
        http = UpstreamClient("mcp", url, bearer=SecretStr(keys.read_token(tmp_path, "service") or ""))
        keeper, clock = SqliteKeeper(Database(tmp_path / "analytics.sqlite3")), SystemClock()
        sources = LiveSources(Connectors(http), keeper, clock, days=DAYS, has_token=True, mock=MockSources(clock))
        try:
            loaded = await sources.load()
        finally:
            await sources.aclose()
    assert {stamp.source: stamp.mode for stamp in loaded.stamps}[source] == "live"
    assert_whole(loaded.shop)
