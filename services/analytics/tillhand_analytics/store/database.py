"""One SQLite file, worked on in a thread, one piece of work at a time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from tillhand_common.private_files import make_folder
from tillhand_common.sqlite_schema import bring_forward

T = TypeVar("T")
TABLES: Final = """
CREATE TABLE IF NOT EXISTS reports (
    source TEXT NOT NULL,
    mode TEXT NOT NULL,
    day TEXT NOT NULL,
    content BLOB NOT NULL, -- a line of JSON, compressed
    fetched_at TEXT NOT NULL,
    PRIMARY KEY (source, mode, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refunds (
    mode TEXT NOT NULL,
    id TEXT NOT NULL,
    content BLOB NOT NULL, -- a line of JSON
    PRIMARY KEY (mode, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stock_days (
    mode TEXT NOT NULL,
    day TEXT NOT NULL,
    variant_id TEXT NOT NULL,
    location TEXT NOT NULL,
    available INTEGER NOT NULL,
    PRIMARY KEY (mode, day, variant_id, location)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS purchases (
    mode TEXT NOT NULL,
    id TEXT NOT NULL,
    sku TEXT NOT NULL,
    supplier TEXT NOT NULL,
    ordered_on TEXT NOT NULL,
    promised_on TEXT,
    received_on TEXT,
    ordered INTEGER NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (mode, id, sku)
) STRICT, WITHOUT ROWID;
"""
STEPS: Final = (TABLES,)
"""How the schema came to be what it is: a change adds a step, and alters none."""


class Database:
    """Opened with the first work; a piece of work is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = asyncio.Lock()

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns. What it wrote is undone where it raises."""
        async with self._lock:
            return await asyncio.to_thread(self._run, work)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        if connection is None:
            make_folder(self._path.parent)
            # Each work runs in whichever thread is free, and the lock lets in one at a time.
            connection = sqlite3.connect(self._path, check_same_thread=False)
            self._path.chmod(0o600)
            connection.execute("PRAGMA journal_mode = WAL")
            bring_forward(connection, self._path, STEPS)
            self._connection = connection
        with connection:
            return work(connection)

    async def aclose(self) -> None:
        """Let go of the file."""
        async with self._lock:
            if self._connection is not None:
                await asyncio.to_thread(self._connection.close)
                self._connection = None
