"""The keeper over SQLite."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from tillhand_analytics.domain.provenance import MODES, Mode, Source
from tillhand_analytics.ports.keeping import Lying, Purchase, Report
from tillhand_analytics.store.database import Database

_AT_ONCE: Final = 500
"""Ids in one statement: SQLite bounds how many values it takes."""


class SqliteKeeper:
    """All of it in one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reports(self, source: Source, mode: Mode, first: date, last: date) -> Mapping[date, Report]:
        """Reports of some days, both in it."""

        def work(connection: sqlite3.Connection) -> dict[date, Report]:
            rows = connection.execute(
                "SELECT day, content, fetched_at FROM reports WHERE source = ? AND mode = ? AND day BETWEEN ? AND ?",
                (source, mode, first.isoformat(), last.isoformat()),
            )
            return {
                date.fromisoformat(day): Report(zlib.decompress(content), datetime.fromisoformat(at))
                for day, content, at in rows
            }

        return await self._database.run(work)

    async def keep_reports(self, source: Source, mode: Mode, reports: Mapping[date, Report]) -> None:
        """Keep reports, in the place of what was there for their days."""

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?, ?)",
                [
                    (source, mode, day.isoformat(), zlib.compress(each.content, 1), each.fetched_at.isoformat())
                    for day, each in reports.items()
                ],
            )

        await self._database.run(work)

    async def refunds(self, mode: Mode, ids: Collection[str]) -> Mapping[str, bytes]:
        """Refunds by their ids, as lines of JSON; those that are not kept are left out."""
        wanted = list(ids)

        def work(connection: sqlite3.Connection) -> dict[str, bytes]:
            found: dict[str, bytes] = {}
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                statement = f"SELECT id, content FROM refunds WHERE mode = ? AND id IN ({marks})"  # noqa: S608  # marks alone
                found.update(connection.execute(statement, (mode, *some)).fetchall())
            return found

        return await self._database.run(work)

    async def keep_refunds(self, mode: Mode, refunds: Mapping[str, bytes]) -> None:
        """Keep refunds; they never change."""
        rows = [(mode, name, content) for name, content in refunds.items()]
        await self._database.run(
            lambda connection: connection.executemany("INSERT OR REPLACE INTO refunds VALUES (?, ?, ?)", rows)
        )

    async def note_stock(self, mode: Mode, day: date, stock: Sequence[Lying]) -> None:
        """Note what lies where on a day; the last note of a day is the one that counts."""
        rows = [(mode, day.isoformat(), each.variant_id, each.location, each.available) for each in stock]

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM stock_days WHERE mode = ? AND day = ?", (mode, day.isoformat()))
            connection.executemany("INSERT OR REPLACE INTO stock_days VALUES (?, ?, ?, ?, ?)", rows)

        await self._database.run(work)

    async def forget_stock(self, before: date, at_most: int) -> int:
        """Forget rows of stock noted before a day, in every mode, at most so many at once. Returns how many went."""

        def work(connection: sqlite3.Connection) -> int:
            gone = 0
            for mode in MODES:  # the primary key begins with it: no other row is looked at
                done = connection.execute(
                    "DELETE FROM stock_days WHERE (mode, day, variant_id, location) IN ("
                    "SELECT mode, day, variant_id, location FROM stock_days WHERE mode = ? AND day < ? LIMIT ?)",
                    (mode, before.isoformat(), at_most - gone),
                )
                gone += done.rowcount
            return gone

        return await self._database.run(work)

    async def sold_out(self, mode: Mode, first: date, last: date) -> Mapping[date, tuple[str, ...]]:
        """The variants of which nothing was left, for each day on which stock was noted."""

        def work(connection: sqlite3.Connection) -> dict[date, tuple[str, ...]]:
            found: dict[date, list[str]] = {}
            for day, variant, available in connection.execute(
                "SELECT day, variant_id, SUM(available) FROM stock_days WHERE mode = ? AND day BETWEEN ? AND ? "
                "GROUP BY day, variant_id ORDER BY day, variant_id",
                (mode, first.isoformat(), last.isoformat()),
            ):
                out = found.setdefault(date.fromisoformat(day), [])
                if available <= 0:
                    out.append(variant)
            return {day: tuple(out) for day, out in found.items()}

        return await self._database.run(work)

    async def purchases(self, mode: Mode) -> Sequence[Purchase]:
        """All purchases, by day and id."""

        def work(connection: sqlite3.Connection) -> list[Purchase]:
            rows = connection.execute(
                "SELECT id, supplier, sku, ordered_on, promised_on, received_on, ordered, received "
                "FROM purchases WHERE mode = ? ORDER BY ordered_on, id, sku",
                (mode,),
            )
            return [Purchase(*row[:3], *map(_day, row[3:6]), *row[6:]) for row in rows]

        return await self._database.run(work)

    async def keep_purchases(self, mode: Mode, purchases: Sequence[Purchase]) -> None:
        """Keep purchases, in the place of rows with the same id and SKU."""
        rows = [
            (mode, each.id, each.sku, each.supplier, *map(_text, _dates(each)), each.ordered, each.received)
            for each in purchases
        ]
        await self._database.run(
            lambda connection: connection.executemany(
                "INSERT OR REPLACE INTO purchases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
        )

    async def aclose(self) -> None:
        """Let go of the file."""
        await self._database.aclose()


def _dates(purchase: Purchase) -> tuple[date | None, ...]:
    return purchase.ordered_on, purchase.promised_on, purchase.received_on


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
