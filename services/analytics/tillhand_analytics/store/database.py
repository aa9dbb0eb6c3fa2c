"""The tables of what is kept, in one SQLite file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tillhand_common.sqlite_file import SqliteFile

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


class Database(SqliteFile):
    """What was read, kept by source and day."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, STEPS, ("journal_mode = WAL",))
