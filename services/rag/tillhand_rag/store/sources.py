"""Sources that are read again and again, in the ledger."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from tillhand_common.clock import rfc3339
from tillhand_rag.domain.ingestions import request_as_json, request_from_json
from tillhand_rag.ports.sources import Source, SourcePlace
from tillhand_rag.store.ledger import Ledger

TABLES: Final = """
CREATE TABLE IF NOT EXISTS sources (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    lane TEXT NOT NULL,
    request TEXT NOT NULL,
    refresh_every_s INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    next_at TEXT NOT NULL,
    PRIMARY KEY (collection, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sources_by_time ON sources (next_at);
"""

_PUT: Final = """
INSERT INTO sources VALUES (:collection, :id, :lane, :request, :refresh_every_s, :tenant, :created_by, :created_at,
    :updated_at, :next_at)
ON CONFLICT (collection, id) DO UPDATE SET lane = :lane, request = :request, refresh_every_s = :refresh_every_s,
    tenant = :tenant, created_by = :created_by, updated_at = :updated_at, next_at = :next_at
"""


class LedgerSources:
    """A `Sources`: every change is one transaction of the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def put(self, source: Source, *, most: int) -> bool | None:
        """Add or replace a source; whether it is new, or None when the collection has as many already."""

        def work(connection: sqlite3.Connection) -> bool | None:
            others = connection.execute(
                "SELECT count(*), coalesce(sum(id = ?), 0) FROM sources WHERE collection = ?",
                (source.id, source.collection),
            ).fetchone()
            is_new = not others[1]
            if is_new and others[0] >= most:
                return None
            connection.execute(_PUT, _row(source))
            return is_new

        return await self._ledger.write(work)

    async def get(self, collection: str, source_id: str) -> Source | None:
        """A source of a collection."""
        query = "SELECT * FROM sources WHERE collection = ? AND id = ?"
        return next(iter(await self._rows(query, (collection, source_id))), None)

    async def page(
        self, *, collections: Collection[str] | None, after: SourcePlace | None, limit: int
    ) -> Sequence[Source]:
        """Sources by collection and id."""
        wanted, values = "(collection, id) > (?, ?)", [*(after or ("", ""))]
        if collections is not None:
            wanted += f" AND collection IN ({', '.join('?' * len(collections))})"
            values += collections
        query = f"SELECT * FROM sources WHERE {wanted} ORDER BY collection, id LIMIT ?"  # noqa: S608  # only marks
        return await self._rows(query, (*values, limit))

    async def delete(self, collection: str, source_id: str) -> bool:
        """Forget a source; False when there was none."""
        query = "DELETE FROM sources WHERE collection = ? AND id = ?"
        return bool(await self._ledger.write(lambda c: c.execute(query, (collection, source_id)).rowcount))

    async def forget_collection(self, collection: str) -> None:
        """Forget every source of a collection."""
        await self._ledger.write(lambda c: c.execute("DELETE FROM sources WHERE collection = ?", (collection,)))

    async def due(self, now: datetime) -> Sequence[Source]:
        """Those whose time has come, the longest overdue first."""
        return await self._rows("SELECT * FROM sources WHERE next_at <= ? ORDER BY next_at, id", (rfc3339(now),))

    async def next_at(self) -> datetime | None:
        """When the next one is due."""
        found = await self._ledger.read(lambda c: c.execute("SELECT min(next_at) FROM sources").fetchone()[0])
        return None if found is None else datetime.fromisoformat(found)

    async def put_off(self, source: Source, next_at: datetime) -> None:
        """Let a source be due at this time, unless it has been replaced meanwhile."""
        query = "UPDATE sources SET next_at = ? WHERE collection = ? AND id = ? AND updated_at = ?"
        values = (rfc3339(next_at), source.collection, source.id, source.updated_at)
        await self._ledger.write(lambda connection: connection.execute(query, values))

    async def _rows(self, query: str, values: Sequence[str | int]) -> list[Source]:
        return await self._ledger.read(lambda connection: [_source(row) for row in connection.execute(query, values)])


def _row(source: Source) -> dict[str, str | int]:
    return {
        "collection": source.collection,
        "id": source.id,
        "lane": source.lane,
        "request": json.dumps(request_as_json(source.request), ensure_ascii=False),
        "refresh_every_s": source.refresh_every_s,
        "tenant": source.tenant,
        "created_by": source.created_by,
        "created_at": source.created_at,
        "updated_at": source.updated_at,
        "next_at": rfc3339(source.next_at),
    }


def _source(row: sqlite3.Row) -> Source:
    columns = dict(zip(row.keys(), row, strict=True))
    columns["request"] = request_from_json(json.loads(row["request"]))
    columns["next_at"] = datetime.fromisoformat(row["next_at"])
    return Source(**columns)
