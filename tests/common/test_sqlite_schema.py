"""A store is brought forward once and whole, and a newer one is left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tillhand_common.lifecycle import StartupError
from tillhand_common.sqlite_schema import bring_forward, refuse_newer, schema_of

FIRST = "CREATE TABLE IF NOT EXISTS boats (\n    name TEXT\n);\nCREATE INDEX IF NOT EXISTS names ON boats (name);\n"
SECOND = "ALTER TABLE boats ADD COLUMN length_m REAL;\nUPDATE boats SET length_m = 7.5;\n"
BROKEN = "ALTER TABLE boats ADD COLUMN width_m REAL;\nUPDATE nothing SET width_m = 1;\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[sqlite3.Connection]:
    """A store of the first schema, with one boat in it."""
    with closing(sqlite3.connect(path)) as connection:
        bring_forward(connection, path, (FIRST,))
        connection.execute("INSERT INTO boats VALUES ('Anna')")
        connection.commit()
        yield connection


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_what_was_kept_is_there_after_a_step_and_the_step_is_made_once(store: sqlite3.Connection, path: Path) -> None:
    for _ in range(2):
        bring_forward(store, path, (FIRST, SECOND))
    assert version(store) == schema_of((FIRST, SECOND)) == 1
    assert store.execute("SELECT name, length_m FROM boats").fetchall() == [("Anna", 7.5)]


def test_a_store_from_before_there_were_numbers_gets_its_number_and_keeps_what_it_has(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST)
        connection.execute("INSERT INTO boats VALUES ('Anna')")
        connection.commit()
        bring_forward(connection, path, (FIRST, SECOND))
        assert version(connection) == 1
        assert connection.execute("SELECT count(*) FROM boats").fetchone() == (1,)


def test_a_step_that_fails_leaves_the_store_as_it_was(store: sqlite3.Connection, path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        bring_forward(store, path, (FIRST, SECOND, BROKEN))
    assert version(store) == 0
    assert [row[1] for row in store.execute("PRAGMA table_info(boats)")] == ["name"]


def test_many_who_open_it_at_once_make_each_step_once(store: sqlite3.Connection, path: Path) -> None:
    def opened(_: int) -> None:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            bring_forward(connection, path, (FIRST, SECOND))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(opened, range(8)))
    assert version(store) == 1


def test_a_newer_store_is_refused_by_its_number_and_left_alone(store: sqlite3.Connection, path: Path) -> None:
    bring_forward(store, path, (FIRST, SECOND))
    before = path.read_bytes()
    with pytest.raises(StartupError, match=r"newer Tillhand \(schema 1, this one knows 0\)"):
        bring_forward(store, path, (FIRST,))
    with pytest.raises(StartupError, match="newer"):
        refuse_newer(path, (FIRST,))
    assert path.read_bytes() == before


def test_a_store_that_is_not_there_is_not_made_by_a_look(path: Path) -> None:
    refuse_newer(path, (FIRST,))
    assert not path.exists()
