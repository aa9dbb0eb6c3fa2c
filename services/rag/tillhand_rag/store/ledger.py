"""The ledger: what the knowledge base keeps beside documents, such as jobs and corrections, in one SQLite file.

One connection on one thread reads and writes (see `truth` for why only one may write). Each slice brings its tables
and its statements; a transaction holds what one call of `write` does. `synchronous=FULL`: what `write` has returned
survives a power cut.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Final, Self, TypeVar

from tillhand_rag.errors import StoreDamaged, StoreUnavailable

T = TypeVar("T")

LEDGER_FILE: Final = "ledger.sqlite3"
APPLICATION_ID: Final = 0x544C4C47
SCHEMA_VERSION: Final = 1


class Ledger:
    """The open file. Made by `open`, ended by `close`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self.path = path
        self._connection = connection
        self._thread = thread
        self._closed = False

    @classmethod
    async def open(cls, path: Path, tables: Sequence[str]) -> Self:
        """Open or make the file with these tables. Raises `StoreDamaged` when it cannot be read."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        try:
            connection = await asyncio.get_running_loop().run_in_executor(thread, _connected, path, tables)
        except BaseException:
            thread.shutdown()
            raise
        return cls(path, connection, thread)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` finds. Raises `StoreUnavailable` when the file cannot be read."""
        return await self._run(work)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in one transaction: durable as a whole, or not done at all. Raises `StoreUnavailable`."""

        def transaction(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
            return result

        return await asyncio.shield(asyncio.ensure_future(self._run(transaction)))

    async def copy(self, target: Path) -> None:
        """Write a consistent copy of the file to `target`, as it is now. Raises `StoreUnavailable`."""

        def copied(connection: sqlite3.Connection) -> None:
            with closing(sqlite3.connect(target)) as copy:
                connection.backup(copy)

        await self._run(copied)

    async def replace_from(self, path: Path, *, but: Collection[str]) -> None:
        """Let the rows of another ledger take the place of ours, in all tables but these: all of them, or none."""

        def replaced(connection: sqlite3.Connection) -> None:
            connection.execute("ATTACH DATABASE ? AS other", (str(path),))
            try:
                _take_over(connection, [name for name in _tables(connection) if name not in but])
            finally:
                connection.execute("DETACH DATABASE other")

        await self._run(replaced)

    async def close(self) -> None:
        """Finish what waits and release the file."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise StoreUnavailable("The ledger is closed.")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._connection)
        except sqlite3.Error as error:
            raise StoreUnavailable("The ledger cannot be read or written.") from error


def _connected(path: Path, tables: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, path, tables)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreDamaged(
            f"{path} cannot be read ({error}). Nothing was changed. Restore it from a backup, or move it away: "
            "documents are kept elsewhere and stay."
        ) from error
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, tables: Sequence[str]) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    known = tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if known not in {(0, 0), (APPLICATION_ID, SCHEMA_VERSION)}:
        raise StoreDamaged(
            f"{path} holds schema {known[1]} of application {known[0]:#x}; this version reads {SCHEMA_VERSION} of "
            f"{APPLICATION_ID:#x}. Start the version that wrote it, or use another folder."
        )
    connection.executescript(
        f"BEGIN IMMEDIATE; {' '.join(tables)} PRAGMA application_id = {APPLICATION_ID}; "
        f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def _take_over(connection: sqlite3.Connection, tables: Sequence[str]) -> None:
    """Tables of an older ledger may lack a column of ours, which then gets its default."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("PRAGMA defer_foreign_keys = ON")
    try:
        for table in tables:
            connection.execute(f"DELETE FROM main.{table}")  # noqa: S608  # our own tables' names
            ours, theirs = (_columns(connection, schema, table) for schema in ("main", "other"))
            if shared := ", ".join(f'"{name}"' for name in ours if name in theirs):
                connection.execute(
                    f"INSERT INTO main.{table} ({shared}) SELECT {shared} FROM other.{table}"  # noqa: S608  # as above
                )
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    )
    return [row[0] for row in rows]


def _columns(connection: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({table})")]
