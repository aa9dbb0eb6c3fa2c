"""How a shop is read where credentials are set, and where they lack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from tests.analytics.sources.reading import DAYS, LAST, SUMS, WEB, bing, day, ga4, gates, google, modes, reading
from tests.fakes.connectors import ITEM, FakeConnectors, jsonl, level, line, order, visits
from tillhand_analytics.adapters.sources.live import LiveSources
from tillhand_analytics.domain.gates import banner
from tillhand_analytics.ports.keeping import Purchase
from tillhand_analytics.store.database import Database
from tillhand_analytics.store.keeping import SqliteKeeper
from tillhand_common.testing import FakeClock


async def test_without_any_credentials_the_shop_is_made_up_here_and_no_tool_is_called(
    server: FakeConnectors, sources: LiveSources
) -> None:
    server.states = dict.fromkeys(server.states, "mock")
    loaded = await sources.load()
    assert set(modes(loaded).values()) == {"mock"}
    assert len(loaded.shop.variants.ids) == 40
    assert server.calls == []
    for gate in (await gates(sources)).values():
        assert (gate.state, gate.mode) == ("absent", "mock")
        assert gate.missing[0].how == "Ask for it."


async def test_beside_a_real_shop_nothing_is_made_up(server: FakeConnectors, sources: LiveSources) -> None:
    server.states |= {"ga4": "mock", "search_console": "blocked", "bing": "mock"}
    loaded = await sources.load()
    assert modes(loaded) == {"shopify": "live"}
    assert (len(loaded.shop.visits.day), len(loaded.shop.searches.day)) == (0, 0)
    found = await gates(sources)
    assert (found["shopify"].state, found["shopify"].mode, found["shopify"].reason) == ("verified", "live", "")
    for source in ("ga4", "search_console", "bing"):
        assert (found[source].state, found[source].mode) == ("absent", None)
        assert found[source].missing
    assert banner(list(found.values())) == ""


async def test_what_a_shop_says_of_itself_is_in_its_own_days_and_money(
    server: FakeConnectors, sources: LiveSources
) -> None:
    server.tools["ga4_report"] = ga4
    server.tools["search_console_analytics"] = google
    loaded = await sources.load()
    shop = loaded.shop
    assert (shop.name, shop.domain, shop.currency, shop.time_zone) == ("Jars", "jars.example", "EUR", "Europe/Berlin")
    assert (shop.first_day, shop.last_day) == (np.datetime64("2026-10-06"), np.datetime64("2026-11-02"))
    assert shop.variants.on_sale_from.tolist() == [date(2026, 1, 6)]  # it was past midnight in Berlin
    assert shop.variants.suppliers == ("Jars & Co",)
    assert (shop.variants.unit_cost_minor.tolist(), shop.variants.lead_time_days.tolist()) == ([450], [-1])
    assert shop.lines.amount_minor.tolist() == [2000]
    assert (shop.orders.total_minor.tolist(), shop.orders.shipping_minor.tolist()) == ([2590], [590])
    assert (shop.stock.available.tolist(), shop.stock.on_hand.tolist(), shop.stock.committed.tolist()) == (
        [7],
        [8],
        [1],
    )
    assert shop.visits.revenue_minor.tolist() == [2590] * (DAYS - 1)
    assert shop.searches.countries == ("DE",)
    assert shop.searches.devices == ("mobile",)
    through = {stamp.source: stamp.complete_through for stamp in loaded.stamps}
    assert through["ga4"] == LAST - timedelta(days=1)
    assert through["search_console"] == LAST - timedelta(days=3)


async def test_days_that_are_counted_for_good_are_not_asked_for_again(
    server: FakeConnectors, sources: LiveSources
) -> None:
    server.tools |= {"ga4_report": ga4, "search_console_analytics": google}
    first = await sources.load()
    asked = len(server.calls)
    second = await sources.load()
    again = server.calls[asked:]
    assert [each["dimensions"] for name, each in again if name == "search_console_analytics"] == [["DATE"]]
    spans = [(each["start_date"], each["end_date"]) for name, each in again if name == "ga4_report"]
    assert spans == [(day(2), day(1))]  # within three days of being fetched Analytics may still change its mind
    assert first.digest == second.digest


async def test_pages_are_read_to_the_last_and_must_advance(server: FakeConnectors, sources: LiveSources) -> None:
    def paged(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        cursor = asked.get("cursor")
        at = f"{LAST - timedelta(days=2):%Y%m%d}"
        return visits((at, f"Channel {cursor}", *WEB[1:], *SUMS), cursor={None: "1", "1": "2"}.get(cursor))

    server.tools["ga4_report"] = paged
    loaded = await sources.load()
    assert loaded.shop.visits.channels == ("Channel None", "Channel 1", "Channel 2")
    server.tools["ga4_report"] = lambda _: visits(cursor="1")
    loaded = await sources.load()
    assert (await gates(sources))["ga4"].reason == "ga4: its pages do not advance."


async def test_an_export_that_takes_longer_than_a_request_is_gone_on_with(
    server: FakeConnectors, sources: LiveSources
) -> None:
    server.turns = 3
    loaded = await sources.load()
    assert len(loaded.shop.orders.ids) == 1
    turns = [each for each in server.asked("shopify_bulk_export") if each["kind"] == "orders"]
    assert [each.get("export_id") for each in turns] == [None, *["gid://shopify/BulkOperation/orders"] * 2]
    assert {each["since"] for each in turns} == {"2026-10-06"}


async def test_refunds_are_asked_for_once(server: FakeConnectors, sources: LiveSources) -> None:
    told = [{"id": "gid://shopify/Refund/5", "createdAt": "2026-10-21T10:00:00Z"}]
    server.exports["orders"] = jsonl(order(1, "2026-10-20T10:00:00Z", refunds=told), line(11, 1))
    eur = {"currency": "EUR"}
    server.tools["shopify_refunds"] = lambda asked: {
        "refunds": [
            {
                "id": name,
                "order_id": "gid://shopify/Order/1",
                "created_at": "2026-10-21T23:30:00Z",
                "amount": {"amount_minor": 1500, **eur},
                "lines": [
                    {
                        "line_id": "gid://shopify/LineItem/11",
                        "quantity": 1,
                        "subtotal": {"amount_minor": 1000, **eur},
                        "tax": {"amount_minor": 160, **eur},
                    }
                ],
            }
            for name in asked["refund_ids"]
        ]
    }
    for _ in range(2):
        refunds = (await sources.load()).shop.refunds
        assert (refunds.line.tolist(), refunds.quantity.tolist()) == ([0, -1], [1, 0])
        assert refunds.amount_minor.tolist() == [1000, 500]  # prices hold the tax, and so do refunds of goods
        assert refunds.day.tolist() == [date(2026, 10, 22)] * 2
    assert server.asked("shopify_refunds") == [{"refund_ids": ["gid://shopify/Refund/5"]}]


async def test_days_without_stock_are_known_from_the_first_day_that_was_noted(
    server: FakeConnectors, sources: LiveSources, clock: FakeClock
) -> None:
    assert np.isnat((await sources.load()).shop.stock_outs.known_from)
    server.exports["inventory"] = jsonl(ITEM, level(0), level(0, "Store"))
    for days in (1, 2):  # the fifth of November is seen by nobody
        await clock.advance(days * 86_400)
        await sources.load()
    server.exports["inventory"] = jsonl(ITEM, level(0), level(3, "Store"))
    await clock.advance(86_400)
    await sources.load()
    await clock.advance(86_400)
    outs = (await sources.load()).shop.stock_outs
    assert outs.known_from == np.datetime64("2026-11-03")
    assert outs.day.tolist() == [date(2026, 11, 4), date(2026, 11, 5), date(2026, 11, 6)]


async def test_what_lay_where_is_forgotten_once_nobody_may_ask_for_it(
    server: FakeConnectors, sources: LiveSources, clock: FakeClock, tmp_path: Path
) -> None:
    server.exports["inventory"] = jsonl(ITEM, level(0))
    began = clock.now().date()
    for days in (0, DAYS, 1):
        await clock.advance(days * 86_400)
        await sources.load()
    keeper = SqliteKeeper(Database(tmp_path / "kept.sqlite3"))
    kept = await keeper.sold_out("live", began, clock.now().date())
    await keeper.aclose()
    assert list(kept) == [began + timedelta(days=DAYS), began + timedelta(days=DAYS + 1)]


async def test_purchases_that_were_noted_are_the_shops_deliveries(
    server: FakeConnectors, tmp_path: Path, clock: FakeClock
) -> None:
    kept = SqliteKeeper(Database(tmp_path / "kept.sqlite3"))
    sku = "A-1"
    rows = [
        Purchase("P-1", "Jars & Co", sku, date(2026, 10, 1), date(2026, 10, 8), date(2026, 10, 9), 10, 8),
        Purchase("P-2", "Jars & Co", sku, date(2026, 11, 1), None, None, 5, 0),
        Purchase("P-2", "Jars & Co", "B-2", date(2026, 11, 1), None, None, 5, 0),
    ]
    await kept.keep_purchases("live", rows)
    await kept.keep_purchases("mock", [Purchase("M-1", "Nobody", sku, date(2026, 10, 1), None, None, 1, 0)])
    await kept.aclose()
    async with reading(server, tmp_path, clock) as sources:
        found = (await sources.load()).shop.deliveries
    assert (found.ids, found.purchase.tolist()) == (("P-1", "P-2"), [0, 1])
    assert (found.received.tolist(), found.received_on.tolist()) == ([8, 0], [date(2026, 10, 9), None])


async def test_weeks_of_bing_that_have_ended_are_kept_beyond_what_it_tells(
    server: FakeConnectors, sources: LiveSources
) -> None:
    server.tools["bing_query_stats"] = bing
    loaded = await sources.load()
    assert (loaded.shop.searches.day.tolist(), loaded.shop.searches.clicks.tolist()) == ([date(2026, 10, 31)], [3])
    assert loaded.shop.searches.engine.tolist() == [1]
    server.tools["bing_query_stats"] = lambda _: {"rows": [], "matching": 0, "next_cursor": None}
    assert (await sources.load()).shop.searches.clicks.tolist() == [3]


async def test_searches_that_are_real_stand_beside_a_made_up_shop(server: FakeConnectors, sources: LiveSources) -> None:
    server.states |= {"shopify": "mock", "ga4": "mock", "bing": "blocked"}
    server.tools["search_console_analytics"] = google
    loaded = await sources.load()
    assert modes(loaded) == {"shopify": "mock", "ga4": "mock", "search_console": "live"}
    shop = loaded.shop
    assert shop.last_day == np.datetime64(LAST)
    assert shop.searches.pages == ("https://jars.example/",)
    assert set(shop.searches.engine.tolist()) == {0}
    assert len(shop.visits.day) > 1_000
    found = await gates(sources)
    assert {source: gate.state for source, gate in found.items()} == {
        "shopify": "absent",
        "ga4": "absent",
        "search_console": "verified",
        "bing": "absent",
    }
    assert banner(list(found.values())) == "Partly made-up data: shopify, ga4 answer from a mock."
