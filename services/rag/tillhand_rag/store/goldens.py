"""Golden questions in the ledger."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from tillhand_rag.domain.goldens import GoldenQuestion
from tillhand_rag.store.ledger import Ledger

TABLES: Final = """
CREATE TABLE IF NOT EXISTS goldens (
    collection TEXT NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    question TEXT NOT NULL, -- JSON
    PRIMARY KEY (collection, position),
    UNIQUE (collection, id)
) STRICT, WITHOUT ROWID;
"""


class LedgerGoldens:
    """`Goldens` over the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def of(self, collection: str) -> Sequence[GoldenQuestion]:
        """Those of a collection, in the order in which they were given."""

        def work(connection: sqlite3.Connection) -> list[GoldenQuestion]:
            rows = connection.execute(
                "SELECT id, question FROM goldens WHERE collection = ? ORDER BY position", (collection,)
            )
            return [_golden(row[0], row[1]) for row in rows]

        return await self._ledger.read(work)

    async def replace(self, collection: str, questions: Sequence[GoldenQuestion]) -> None:
        """Let these be the collection's, all together."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM goldens WHERE collection = ?", (collection,))
            connection.executemany(
                "INSERT INTO goldens VALUES (?, ?, ?, ?)",
                [(collection, at, golden.id, _column(golden)) for at, golden in enumerate(questions)],
            )

        await self._ledger.write(work)

    async def delete_collection(self, collection: str) -> bool:
        """As `delete`: golden questions do not outlive their collection."""
        return await self.delete(collection)

    async def delete(self, collection: str) -> bool:
        """Forget those of a collection; False when there were none."""

        def work(connection: sqlite3.Connection) -> bool:
            return connection.execute("DELETE FROM goldens WHERE collection = ?", (collection,)).rowcount > 0

        return await self._ledger.write(work)


def _column(golden: GoldenQuestion) -> str:
    return json.dumps(
        {
            "question": golden.question,
            "answerable": golden.answerable,
            "quotes": golden.quotes,
            "sources": golden.sources,
            "filters": dict(golden.filters),
            "tags": golden.tags,
        },
        ensure_ascii=False,
    )


def _golden(name: str, column: str) -> GoldenQuestion:
    described = json.loads(column)
    return GoldenQuestion(
        id=name,
        question=described["question"],
        answerable=described["answerable"],
        quotes=tuple(described["quotes"]),
        sources=tuple(described["sources"]),
        filters=described["filters"],
        tags=tuple(described["tags"]),
    )
