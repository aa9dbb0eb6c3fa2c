"""The tables of the console, in one SQLite file.

The journal is SQLite's own: the command line writes to the file, too, and a write-ahead log between several processes
is what SQLite before 3.51.3 can damage. Writes are few.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from tillhand_common.sqlite_file import SqliteFile

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
    ends_at TEXT NOT NULL,
    address TEXT NOT NULL DEFAULT '',
    browser TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (
    name TEXT PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    digest TEXT NOT NULL,
    ends_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL,
    body TEXT NOT NULL, -- JSON
    name TEXT NOT NULL, -- who did it
    role TEXT NOT NULL
) STRICT;
"""
STEPS: Final = (TABLES,)
"""How the schema came to be what it is: a change adds a step, and alters none."""

_LATER: Final = ("address", "browser")
"""Columns of the sessions that a file from before does not have."""


class Database(SqliteFile):
    """Accounts, their sessions and their links."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, STEPS, ("foreign_keys = ON",))

    def made(self, connection: sqlite3.Connection) -> None:
        """A file from before learns what its sessions are asked for now."""
        known = {row[1] for row in connection.execute("PRAGMA table_info(sessions)")}
        for column in _LATER:
            if column not in known:
                connection.execute(f"ALTER TABLE sessions ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
