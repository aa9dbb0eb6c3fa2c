"""Corrections in the ledger: what is in force, everything that ever was, and the vectors of example questions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from tillhand_rag.errors import CorrectionChanged, TooManyCorrections
from tillhand_rag.ports.corrections import (
    CorrectionContent,
    CorrectionSource,
    HistoryEntry,
    MeaningMatch,
    PatternMatch,
    Precondition,
    StoredCorrection,
    Writer,
)
from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.store.ledger import Ledger

MAX_CORRECTIONS: Final = 2_000
"""Of one collection: all of them are held in memory."""

_SPACES_KEPT: Final = 2
"""Embedding spaces whose vectors are kept: the live one, and the one to roll back to."""

TABLES: Final = """
CREATE TABLE IF NOT EXISTS corrections (
    collection TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, content TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, key_id TEXT NOT NULL, actor TEXT,
    PRIMARY KEY (collection, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS correction_history (
    collection TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, action TEXT NOT NULL, at TEXT NOT NULL,
    key_id TEXT NOT NULL, actor TEXT, content TEXT,
    PRIMARY KEY (collection, id, version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS correction_history_is_append_only BEFORE UPDATE ON correction_history
BEGIN SELECT RAISE(ABORT, 'the history of corrections is never rewritten'); END;
CREATE TABLE IF NOT EXISTS correction_vectors (
    key INTEGER PRIMARY KEY, collection TEXT NOT NULL, id TEXT NOT NULL, space TEXT NOT NULL, vectors BLOB NOT NULL,
    dimension INTEGER NOT NULL,
    UNIQUE (collection, id, space)
) STRICT;
"""

_VERSION: Final = "SELECT version, created_at FROM corrections WHERE collection = ? AND id = ?"
_LAST_VERSION: Final = "SELECT coalesce(max(version), 0) FROM correction_history WHERE collection = ? AND id = ?"
_FORGET_OLD_VECTORS: Final = """
DELETE FROM correction_vectors WHERE collection = ? AND id = ? AND key NOT IN (
    SELECT key FROM correction_vectors WHERE collection = ? AND id = ? ORDER BY key DESC LIMIT ?
)
"""
_FORGET_VECTORS: Final = "DELETE FROM correction_vectors WHERE collection = ? AND id = ?"


class LedgerCorrections:
    """`CorrectionRecords` in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def put(
        self, collection: str, name: str, content: CorrectionContent, by: Writer, *, now: str, when: Precondition
    ) -> StoredCorrection:
        """Keep a new version. Raises `CorrectionChanged` when `when` does not hold, or `TooManyCorrections`."""

        def work(connection: sqlite3.Connection) -> StoredCorrection:
            created_at = _expected(connection, collection, name, when)
            if created_at is None:
                _check_room(connection, collection)
            version = connection.execute(_LAST_VERSION, (collection, name)).fetchone()[0] + 1
            stored = StoredCorrection(collection, name, version, content, created_at or now, now, by.key_id, by.actor)
            connection.execute(
                "INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (collection, name, version, _json(content), stored.created_at, now, by.key_id, by.actor),
            )
            _remember(connection, stored, "put", _json(content))
            connection.execute(_FORGET_VECTORS, (collection, name))
            return stored

        return await self._ledger.write(work)

    async def delete(self, collection: str, name: str, by: Writer, *, now: str, when: Precondition) -> bool:
        """Delete a correction, and keep its history; False when there was none. Raises `CorrectionChanged`."""

        def work(connection: sqlite3.Connection) -> bool:
            row = connection.execute(f"{_SELECT} WHERE collection = ? AND id = ?", (collection, name)).fetchone()
            if row is None:
                return False
            _expected(connection, collection, name, when)
            gone = _stored(row)
            deleted = StoredCorrection(
                collection, name, gone.version + 1, gone.content, gone.created_at, now, by.key_id, by.actor
            )
            _remember(connection, deleted, "deleted", None)
            connection.execute("DELETE FROM corrections WHERE collection = ? AND id = ?", (collection, name))
            connection.execute(_FORGET_VECTORS, (collection, name))
            return True

        return await self._ledger.write(work)

    async def delete_collection(self, collection: str) -> Sequence[StoredCorrection]:
        """Delete all of a collection with their history; returns those that there were."""

        def work(connection: sqlite3.Connection) -> list[StoredCorrection]:
            gone = [_stored(row) for row in connection.execute(f"{_SELECT} WHERE collection = ?", (collection,))]
            for table in ("corrections", "correction_history", "correction_vectors"):
                connection.execute(f"DELETE FROM {table} WHERE collection = ?", (collection,))  # noqa: S608  # a constant
            return gone

        return await self._ledger.write(work)

    async def get(self, collection: str, name: str) -> StoredCorrection | None:
        """A correction in force."""
        return next(iter(await self._rows("WHERE collection = ? AND id = ?", (collection, name))), None)

    async def all(self) -> Sequence[StoredCorrection]:
        """Those of every collection."""
        return await self._rows("ORDER BY collection, id", ())

    async def page(self, collection: str, *, after: str, limit: int) -> Sequence[StoredCorrection]:
        """Corrections by id, those behind `after`."""
        return await self._rows("WHERE collection = ? AND id > ? ORDER BY id LIMIT ?", (collection, after, limit))

    async def history(self, collection: str, name: str, *, after: int, limit: int) -> Sequence[HistoryEntry]:
        """What became of a correction, oldest first, those behind this version."""

        def work(connection: sqlite3.Connection) -> list[HistoryEntry]:
            rows = connection.execute(
                "SELECT version, action, at, key_id, actor, content FROM correction_history "
                "WHERE collection = ? AND id = ? AND version > ? ORDER BY version LIMIT ?",
                (collection, name, after, limit),
            )
            return [_entry(row) for row in rows]

        return await self._ledger.read(work)

    async def vectors(self, collection: str, space: str) -> Mapping[str, Vectors]:
        """The kept vectors of the example questions of this embedding space, by correction."""

        def work(connection: sqlite3.Connection) -> dict[str, Vectors]:
            rows = connection.execute(
                "SELECT id, vectors, dimension FROM correction_vectors WHERE collection = ? AND space = ?",
                (collection, space),
            )
            return {row[0]: np.frombuffer(row[1], dtype="<f4").reshape(-1, row[2]) for row in rows}

        return await self._ledger.read(work)

    async def keep_vectors(self, collection: str, space: str, vectors: Mapping[tuple[str, int], Vectors]) -> None:
        """Keep vectors of example questions, by correction and its version; those of a version gone by are dropped."""

        def work(connection: sqlite3.Connection) -> None:
            for (name, version), rows in vectors.items():
                current = connection.execute(_VERSION, (collection, name)).fetchone()
                if current is None or current[0] != version:
                    continue
                connection.execute(
                    "INSERT OR REPLACE INTO correction_vectors (collection, id, space, vectors, dimension) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (collection, name, space, rows.astype("<f4").tobytes(), rows.shape[1]),
                )
                connection.execute(_FORGET_OLD_VECTORS, (collection, name, collection, name, _SPACES_KEPT))

        await self._ledger.write(work)

    async def _rows(self, where: str, values: Sequence[object]) -> list[StoredCorrection]:
        return await self._ledger.read(
            lambda connection: [_stored(row) for row in connection.execute(f"{_SELECT} {where}", values)]
        )


_SELECT: Final = "SELECT collection, id, version, content, created_at, updated_at, key_id, actor FROM corrections"


def _expected(connection: sqlite3.Connection, collection: str, name: str, when: Precondition) -> str | None:
    """When the correction was created, None where there is none. Raises `CorrectionChanged`."""
    row = connection.execute(_VERSION, (collection, name)).fetchone()
    if not when.holds(None if row is None else row[0]):
        raise CorrectionChanged("Read it again, and decide whether your change is still right.")
    return None if row is None else str(row[1])


def _check_room(connection: sqlite3.Connection, collection: str) -> None:
    held = connection.execute("SELECT count(*) FROM corrections WHERE collection = ?", (collection,)).fetchone()[0]
    if held >= MAX_CORRECTIONS:
        raise TooManyCorrections(f"A collection holds up to {MAX_CORRECTIONS} corrections.")


def _remember(connection: sqlite3.Connection, of: StoredCorrection, action: str, content: str | None) -> None:
    connection.execute(
        "INSERT INTO correction_history VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (of.collection, of.id, of.version, action, of.updated_at, of.key_id, of.actor, content),
    )


def _entry(row: sqlite3.Row) -> HistoryEntry:
    version, action, at, key_id, actor, content = row
    return HistoryEntry(version, action, at, key_id, actor, None if content is None else _content(content))


def _stored(row: Sequence[Any]) -> StoredCorrection:
    return StoredCorrection(row[0], row[1], row[2], _content(row[3]), *row[4:])


def _json(content: CorrectionContent) -> str:
    return json.dumps(asdict(content), separators=(",", ":"))


def _content(column: str) -> CorrectionContent:
    fields: dict[str, Any] = json.loads(column)
    given: dict[str, Any] = fields.pop("match")
    match = PatternMatch(**given) if "pattern" in given else MeaningMatch(tuple(given["examples"]), given["threshold"])
    sources = tuple(CorrectionSource(**source) for source in fields.pop("sources"))
    return CorrectionContent(match=match, sources=sources, **fields)
