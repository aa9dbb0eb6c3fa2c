"""The embedding cache on disk: one SQLite file, bounded, which may be lost but never be wrong.

Every method blocks and is called by one thread at a time. A damaged file is set aside and begun anew; a file that
cannot be written, as on a full disk, only stops being added to.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import structlog
from numpy.typing import NDArray

Key = bytes
Row = NDArray[np.float32]
T = TypeVar("T")

_log: Final = structlog.get_logger(__name__)

FORMAT: Final = 1
_PAGE_BYTES: Final = 16_384  # nine vectors of 384 dimensions to a page, with little waste
_JOURNAL_PAGES: Final = 256
_STALE_SHARE: Final = 4  # a hit in the youngest quarter needs no write
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_CHECKSUM_BYTES: Final = 4
_EVICTED_SHARE: Final = 16
_READ_AT_ONCE: Final = 500
_WRITTEN_AT_ONCE: Final = 250
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS vectors (key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL, used INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS vectors_by_use ON vectors (used);
"""


class CacheFile:
    """Vectors by key, the longest unused ones removed when the file would outgrow `max_bytes`."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._clock = 0
        self.entries = 0
        self.bytes = 0
        self.evictions = 0
        self._connection = self._open()

    def read(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """Those of these vectors that are known and undamaged."""
        try:
            rows = [row for some in _slices(keys, _READ_AT_ONCE) for row in self._rows(some)]
            self._renew([key for key, _, used in rows if self._clock - used > self.entries // _STALE_SHARE])
        except sqlite3.DatabaseError as error:
            self._failed(error)
            return {}
        return {key: vector for key, blob, _ in rows if (vector := _unpacked(blob)) is not None}

    def write(self, vectors: Mapping[Key, Row]) -> None:
        """Add these vectors, making room as they come: the file exceeds its bound by one transaction at most."""
        try:
            for some in _slices(list(vectors.items()), _WRITTEN_AT_ONCE):
                self._add([(key, _packed(vector)) for key, vector in some])
                self._make_room()
        except sqlite3.DatabaseError as error:
            self._failed(error)

    def remove(self, keys: Sequence[Key]) -> None:
        """Delete these vectors; what they held is overwritten."""
        try:
            with self._connection:
                removed = [
                    self._connection.execute("DELETE FROM vectors WHERE key = ?", (key,)).rowcount for key in keys
                ]
            self.entries -= sum(removed)
            self.bytes = self._used_bytes()
        except sqlite3.DatabaseError as error:
            self._failed(error)

    def close(self) -> None:
        """Close the file, its journal merged."""
        try:
            self._connection.close()
        except sqlite3.DatabaseError as error:
            _log.warning("embedding_cache_not_closed", reason=str(error))

    def _rows(self, keys: Sequence[Key]) -> list[tuple[Key, bytes, int]]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, vector, used FROM vectors WHERE key IN ({marks})"  # noqa: S608  # only question marks
        return self._connection.execute(query, keys).fetchall()

    def _add(self, rows: Sequence[tuple[Key, bytes]]) -> None:
        self._clock += len(rows)
        with self._connection:
            before = self._connection.total_changes
            self._connection.executemany(
                "INSERT OR IGNORE INTO vectors (key, vector, used) VALUES (?, ?, ?)",
                [(key, blob, self._clock) for key, blob in rows],
            )
            self.entries += self._connection.total_changes - before

    def _renew(self, keys: Sequence[Key]) -> None:
        if keys:
            with self._connection:
                self._connection.executemany(
                    "UPDATE vectors SET used = ? WHERE key = ?", [(self._clock, key) for key in keys]
                )

    def _make_room(self) -> None:
        self.bytes = self._used_bytes()
        while self.bytes > self._max_bytes and self.entries:
            count = max(1, self.entries // _EVICTED_SHARE)
            with self._connection:
                removed = self._connection.execute(
                    "DELETE FROM vectors WHERE rowid IN (SELECT rowid FROM vectors ORDER BY used, rowid LIMIT ?)",
                    (count,),
                ).rowcount
            self.entries -= removed
            self.evictions += removed
            self.bytes = self._used_bytes()

    def _used_bytes(self) -> int:
        """Bytes in use; pages that evictions freed are filled again before the file grows."""
        pages, free = (self._number(f"PRAGMA {name}") for name in ("page_count", "freelist_count"))
        return (pages - free) * _PAGE_BYTES

    def _number(self, query: str) -> int:
        return int(self._connection.execute(query).fetchone()[0] or 0)

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if not _damaged(error):
                raise
            self._set_aside(str(error))
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=1.0, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_JOURNAL_PAGES}")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = NORMAL")  # a crash loses the last entries, not the file
            if connection.execute("PRAGMA user_version").fetchone()[0] not in (0, FORMAT):
                connection.executescript("DROP TABLE IF EXISTS vectors;")
            connection.executescript(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            self.entries, latest = connection.execute("SELECT count(*), max(used) FROM vectors").fetchone()
        except sqlite3.DatabaseError:
            connection.close()
            raise
        self._connection = connection
        self._clock = (latest or 0) + 1
        self.bytes = self._used_bytes()
        return connection

    def _failed(self, error: sqlite3.DatabaseError) -> None:
        if not _damaged(error):
            _log.warning("embedding_cache_not_written", reason=str(error))
            return
        with closing(self._connection):
            self._set_aside(str(error))
        self._connection = self._connect()

    def _set_aside(self, reason: str) -> None:
        aside = self._path.with_name(self._path.name + ".damaged")
        _log.warning("embedding_cache_set_aside", reason=reason, file=aside.name)
        self._path.replace(aside)
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _slices(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _damaged(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is bad; the low byte of SQLite's code is the kind of error."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def _packed(vector: Row) -> bytes:
    body = np.ascontiguousarray(vector, dtype="<f4").tobytes()
    return body + zlib.crc32(body).to_bytes(_CHECKSUM_BYTES, "little")


def _unpacked(blob: bytes) -> Row | None:
    """The vector, or None when a bit of it has changed on disk, which SQLite does not notice."""
    body, checksum = blob[:-_CHECKSUM_BYTES], blob[-_CHECKSUM_BYTES:]
    if zlib.crc32(body) != int.from_bytes(checksum, "little"):
        return None
    return np.frombuffer(body, dtype="<f4")
