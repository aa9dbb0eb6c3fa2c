"""One SQLite file, worked on one piece of work at a time."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from tillhand_common.sqlite_file import SqliteFile

TABLES = """
CREATE TABLE IF NOT EXISTS shelves (name TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS books (title TEXT PRIMARY KEY, shelf TEXT NOT NULL REFERENCES shelves) STRICT;
"""


def count(connection: sqlite3.Connection) -> int:
    """How many books there are."""
    (found,) = connection.execute("SELECT count(*) FROM books").fetchone()
    return int(found)


async def test_work_that_raises_leaves_nothing_and_the_next_goes_on(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "folder" / "kept.sqlite3", (TABLES,), ("foreign_keys = ON",))

    def add(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO shelves VALUES ('one')")
        connection.execute("INSERT INTO books VALUES ('a', 'one')")

    def add_nowhere(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO books VALUES ('b', 'one')")
        connection.execute("INSERT INTO books VALUES ('c', 'nowhere')")

    await file.run(add)
    with pytest.raises(sqlite3.IntegrityError):
        await file.run(add_nowhere)
    assert await file.run(count) == 1
    await file.aclose()
    assert await file.run(count) == 1
    await file.aclose()
    assert (tmp_path / "folder" / "kept.sqlite3").stat().st_mode & 0o777 == 0o600


async def test_pieces_of_work_come_one_after_the_other(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "kept.sqlite3", (TABLES,), ("journal_mode = WAL",))

    def add(connection: sqlite3.Connection) -> int:
        before = count(connection)
        connection.execute("INSERT INTO books VALUES (?, 'x')", (str(before),))
        return before

    assert sorted(await asyncio.gather(*(file.run(add) for _ in range(20)))) == list(range(20))
    await file.aclose()


async def test_it_is_not_let_go_of_under_work_whose_caller_has_left(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "kept.sqlite3", (TABLES,), ("journal_mode = WAL",))
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        begun.set()
        assert may_end.wait(60)
        connection.execute("INSERT INTO books VALUES ('late', 'x')")
        ended.set()

    left = asyncio.create_task(file.run(slow))
    assert await asyncio.to_thread(begun.wait, 60)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    closing = asyncio.create_task(file.aclose())
    done, _ = await asyncio.wait([closing], timeout=0.2)
    assert not done
    may_end.set()
    await closing
    assert ended.is_set()
    assert await file.run(count) == 1
    await file.aclose()
