"""The rows of a PostgreSQL database as one SQLite file of the same tables, and back; no tool of its own is needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tillhand_approvals.store.database import Database
from tillhand_approvals.store.tables import METADATA
from tillhand_common.lifecycle import StartupError

ROWS: Final = 1000
"""How many go over at once."""


async def copied_out(address: str, target: Path) -> None:
    """Write all rows, as they are at one moment, to a file that does not exist. Raises `StartupError`."""
    async with (
        _open(address) as origin,
        _open(target) as copy,
        origin.reading() as reading,
        copy.writing() as writing,
    ):
        await reading.execution_options(isolation_level="REPEATABLE READ")
        await _all_rows(reading, writing)


async def copied_in(source: Path, address: str) -> None:
    """Put all rows into an empty database, at once. Raises `StartupError`: it is not empty, or cannot be reached."""
    async with (
        _open(source) as copy,
        _open(address) as target,
        copy.reading() as reading,
        target.writing() as writing,
    ):
        for table in METADATA.sorted_tables:
            if (await writing.execute(select(1).select_from(table).limit(1))).first() is not None:
                raise StartupError(
                    "The database that TILLHAND_DATABASE_URL names is not empty: name a new one, and keep this one."
                )
        await _all_rows(reading, writing)


@asynccontextmanager
async def _open(where: str | Path) -> AsyncIterator[Database]:
    async with AsyncExitStack() as stack:
        database = await Database.open(where)
        stack.push_async_callback(database.close)
        yield database


async def _all_rows(reading: AsyncConnection, writing: AsyncConnection) -> None:
    for table in METADATA.sorted_tables:
        await _rows(table, reading, writing)


async def _rows(table: Table, reading: AsyncConnection, writing: AsyncConnection) -> None:
    found = await reading.stream(select(table))
    async for rows in found.mappings().partitions(ROWS):
        await writing.execute(insert(table), [dict(row) for row in rows])
