"""The database: one SQLite file by default, PostgreSQL by setting, with the same tables and the same transactions.

What is written is written in one transaction each, and acknowledged when it is on disk. SQLite has exactly one writing
connection, which takes the write lock at its beginning (`BEGIN IMMEDIATE`), and others that only read. PostgreSQL has
one pool; whoever writes for a tenant locks the tenant's head row first, so that a tenant's records follow one another.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import URL, Connection, event, inspect, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from tillhand_approvals.store.tables import NEWEST
from tillhand_common.lifecycle import StartupError

READERS: Final = 4
POOL: Final = 12
BUSY_S: Final = 10.0
WAIT_S: Final = 10.0

Dialect = Literal["sqlite", "postgresql"]


class Database:
    """Connections to one database, whose tables are of the newest version."""

    def __init__(self, dialect: Dialect, writers: AsyncEngine, readers: AsyncEngine) -> None:
        self.dialect: Dialect = dialect
        self._writers = writers
        self._readers = readers

    @classmethod
    async def open(cls, where: str | Path) -> Database:
        """Open, and bring the tables up to date: a SQLite file, or a `postgresql://` address.

        Raises `StartupError`: it cannot be reached, is of a newer version, or the address makes no sense.
        """
        if isinstance(where, Path):
            where.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            database = cls("sqlite", _sqlite(where, writing=True), _sqlite(where, writing=False))
        else:
            engine = _postgres(where)
            database = cls("postgresql", engine, engine)
        try:
            async with database._writers.connect() as connection:
                await connection.run_sync(_brought_up_to_date)
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """End every connection."""
        await self._readers.dispose()
        if self._writers is not self._readers:
            await self._writers.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is kept on disk at the end of the block, and not at all when the block raises."""
        async with self._writers.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one consistent state."""
        async with self._readers.connect() as connection:
            yield connection


def _brought_up_to_date(connection: Connection) -> None:
    """Migrate unless nothing is to be done: loading what does takes longer than the rest of the start."""
    with connection.begin():
        known = inspect(connection).has_table("alembic_version")
        if known and connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == NEWEST:
            return
    from tillhand_approvals.store.migrating import migrate  # noqa: PLC0415  # see above

    migrate(connection)


def _sqlite(path: Path, *, writing: bool) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1 if writing else READERS,
        max_overflow=0,
        pool_timeout=WAIT_S,
        connect_args={"timeout": BUSY_S},
        hide_parameters=True,
    )

    def connected(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's own
        connection.isolation_level = None  # transactions begin where the engine says so, and nowhere else
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")
        if not writing:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def begun(connection: Any) -> None:  # noqa: ANN401  # as above
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", begun)
    return engine


def _postgres(address: str) -> AsyncEngine:
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise StartupError("TILLHAND_DATABASE_URL is no address of a database.") from error
    if url.get_backend_name() != "postgresql":
        raise StartupError("TILLHAND_DATABASE_URL must begin with postgresql://.")
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        pool_size=POOL,
        max_overflow=0,
        pool_timeout=WAIT_S,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
    )
