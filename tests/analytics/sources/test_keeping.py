"""What analytics keeps of its own is there again, each mode for itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tillhand_analytics.domain.provenance import MODES
from tillhand_analytics.ports.keeping import Lying, Purchase, Report
from tillhand_analytics.store.database import Database
from tillhand_analytics.store.keeping import SqliteKeeper

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
FIRST, SECOND, THIRD = (date(2026, 11, day) for day in (1, 2, 3))


@pytest.fixture
async def keeper(tmp_path: Path) -> AsyncIterator[SqliteKeeper]:
    found = SqliteKeeper(Database(tmp_path / "folder" / "kept.sqlite3"))
    yield found
    await found.aclose()


async def test_reports_are_kept_by_source_mode_and_day(keeper: SqliteKeeper) -> None:
    await keeper.keep_reports("ga4", "live", {day: Report(f"{day}".encode(), AT) for day in (FIRST, SECOND, THIRD)})
    await keeper.keep_reports("ga4", "mock", {SECOND: Report(b"made up", AT)})
    await keeper.keep_reports("ga4", "live", {THIRD: Report(b"newer", AT)})
    found = await keeper.reports("ga4", "live", SECOND, THIRD)
    assert found == {SECOND: Report(b"2026-11-02", AT), THIRD: Report(b"newer", AT)}
    assert await keeper.reports("bing", "live", FIRST, THIRD) == {}


async def test_refunds_are_found_by_their_ids_however_many(keeper: SqliteKeeper) -> None:
    many = {f"gid://shopify/Refund/{number}": f"{number}".encode() for number in range(1_234)}
    await keeper.keep_refunds("live", many)
    assert await keeper.refunds("live", [*many, "gid://shopify/Refund/9999"]) == many
    assert await keeper.refunds("mock", list(many)) == {}
    assert await keeper.refunds("live", []) == {}


async def test_the_last_note_of_a_day_counts_and_a_sku_is_out_when_no_place_has_it(keeper: SqliteKeeper) -> None:
    await keeper.note_stock("live", FIRST, [Lying("a", "one", 0), Lying("b", "one", 0)])
    await keeper.note_stock("live", FIRST, [Lying("a", "one", 0), Lying("a", "two", 2), Lying("b", "one", 0)])
    await keeper.note_stock("live", SECOND, [Lying("a", "one", 1), Lying("b", "one", 4)])
    assert await keeper.sold_out("live", FIRST, THIRD) == {FIRST: ("b",), SECOND: ()}
    assert await keeper.sold_out("mock", FIRST, THIRD) == {}


async def test_stock_of_long_ago_is_forgotten_in_batches_and_that_of_later_is_not(keeper: SqliteKeeper) -> None:
    for mode in MODES:
        for day in (FIRST, SECOND, THIRD):
            await keeper.note_stock(mode, day, [Lying(f"{number}", "one", 0) for number in range(10)])
    gone = [await keeper.forget_stock(THIRD, 25) for _ in range(4)]
    assert gone == [25, 25, 10, 0]
    for mode in MODES:
        assert {day: len(out) for day, out in (await keeper.sold_out(mode, FIRST, THIRD)).items()} == {THIRD: 10}


async def test_purchases_are_changed_by_their_id_and_sku(keeper: SqliteKeeper) -> None:
    sent = Purchase("P-1", "Jars & Co", "a", FIRST, SECOND, None, 10, 0)
    await keeper.keep_purchases("live", [sent, Purchase("P-1", "Jars & Co", "b", FIRST, None, None, 3, 0)])
    await keeper.keep_purchases("live", [Purchase("P-1", "Jars & Co", "a", FIRST, SECOND, THIRD, 10, 9)])
    found = await keeper.purchases("live")
    assert [(each.sku, each.received_on, each.received) for each in found] == [("a", THIRD, 9), ("b", None, 0)]


async def test_what_is_kept_outlives_the_process_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    for expected in ({}, {FIRST: ("a",)}):
        keeper = SqliteKeeper(Database(path))
        assert await keeper.sold_out("live", FIRST, THIRD) == expected
        await keeper.note_stock("live", FIRST, [Lying("a", "one", 0)])
        await keeper.aclose()
    assert path.stat().st_mode & 0o077 == 0


async def test_many_may_keep_at_a_time(keeper: SqliteKeeper) -> None:
    await asyncio.gather(
        *(keeper.keep_refunds("live", {f"gid://shopify/Refund/{number}": b"{}"}) for number in range(50))
    )
    assert len(await keeper.refunds("live", [f"gid://shopify/Refund/{number}" for number in range(50)])) == 50
