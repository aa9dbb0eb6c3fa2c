"""One SQLite file, worked on in a thread, one piece of work at a time.

The journal is SQLite's own: the command line writes to the file, too, and a write-ahead log between several processes
is what SQLite before 3.51.3 can damage. Writes are few.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from tillhand_common.private_files import make_folder
from tillhand_common.sqlite_schema import bring_forward

T = TypeVar("T")
BUSY_S: Final = 5.0
TABLES: Final = """
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    created_at TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    subject TEXT UNIQUE, -- at the provider of identities
    password TEXT -- its argon2 hash
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, -- SHA-256 of the token
    name TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    begun_at TEXT NOT NULL,
    used_at TEXT NOT NULL,
    ends_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (
    name TEXT PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    digest TEXT NOT NULL,
    ends_at TEXT NOT NULL
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
            connection = sqlite3.connect(self._path, timeout=BUSY_S, check_same_thread=False)
            self._path.chmod(0o600)
            connection.execute("PRAGMA foreign_keys = ON")
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
