"""What every source gave, in the ledger."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from tillhand_rag.ports.manifest import Taken
from tillhand_rag.store.ledger import Ledger

TABLES: Final = """
CREATE TABLE IF NOT EXISTS taken (
    lane TEXT NOT NULL, -- which source
    name TEXT NOT NULL, -- the document's source: a path, an address
    collection TEXT NOT NULL,
    digest TEXT NOT NULL,
    documents TEXT NOT NULL,
    recipe TEXT NOT NULL,
    job TEXT NOT NULL,
    chunks INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    etag TEXT,
    last_modified TEXT,
    begun TEXT NOT NULL,
    strikes INTEGER NOT NULL,
    PRIMARY KEY (lane, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS taken_by_collection ON taken (collection);
"""

_COLUMNS: Final = (
    "name, digest, documents, recipe, job, chunks, created, updated, unchanged, etag, last_modified, begun, strikes"
)
_TOGETHER: Final = 512


class LedgerManifest:
    """A `Manifest`: every change is one transaction of the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def taken(self, lane: str, names: Sequence[str]) -> dict[str, Taken]:
        """What is known of these names."""

        def work(connection: sqlite3.Connection) -> dict[str, Taken]:
            found: dict[str, Taken] = {}
            for start in range(0, len(names), _TOGETHER):
                some = names[start : start + _TOGETHER]
                query = f"SELECT {_COLUMNS} FROM taken WHERE lane = ? AND name IN ({', '.join('?' * len(some))})"  # noqa: S608  # only marks
                found |= {row["name"]: _taken(row) for row in connection.execute(query, (lane, *some))}
            return found

        return await self._ledger.read(work) if names else {}

    async def names(self, lane: str) -> Sequence[str]:
        """Every name that the source has given."""
        return await self._names("SELECT name FROM taken WHERE lane = ? ORDER BY name", lane)

    async def begun(self, lane: str) -> Sequence[str]:
        """The names of which somebody began to store something and has not come to the end of it."""
        return await self._names("SELECT name FROM taken WHERE lane = ? AND begun != '' ORDER BY name", lane)

    async def settle(self, lane: str, collection: str, taken: Sequence[Taken], *, forget: Sequence[str] = ()) -> None:
        """Keep these, and forget others, together."""
        rows = [(lane, collection, *_row(each)) for each in taken]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                f"INSERT OR REPLACE INTO taken (lane, collection, {_COLUMNS}) VALUES ({', '.join('?' * 15)})",  # noqa: S608  # a constant
                rows,
            )
            connection.executemany("DELETE FROM taken WHERE lane = ? AND name = ?", [(lane, name) for name in forget])

        if rows or forget:
            await self._ledger.write(work)

    async def forget(self, lane: str) -> None:
        """Forget everything of a source."""
        await self._delete("lane", lane)

    async def forget_collection(self, collection: str) -> None:
        """Forget everything of a collection that is no more."""
        await self._delete("collection", collection)

    async def _names(self, query: str, lane: str) -> list[str]:
        return await self._ledger.read(lambda connection: [row[0] for row in connection.execute(query, (lane,))])

    async def _delete(self, column: str, value: str) -> None:
        query = f"DELETE FROM taken WHERE {column} = ?"  # noqa: S608  # a name from above
        await self._ledger.write(lambda connection: connection.execute(query, (value,)))


def _row(taken: Taken) -> tuple[str | int | None, ...]:
    return (
        taken.name,
        taken.digest,
        json.dumps(dict(taken.documents), separators=(",", ":")),
        taken.recipe,
        taken.job,
        taken.chunks,
        taken.created,
        taken.updated,
        taken.unchanged,
        taken.etag,
        taken.last_modified,
        taken.begun,
        taken.strikes,
    )


def _taken(row: sqlite3.Row) -> Taken:
    columns = dict(zip(row.keys(), row, strict=True))
    return Taken(**{**columns, "documents": json.loads(row["documents"])})
