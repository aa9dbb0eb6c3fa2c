"""The database: two kinds, one behaviour."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, Table, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

from tillhand_approvals.settings import ApprovalsSettings
from tillhand_approvals.store.database import Database
from tillhand_approvals.store.migrating import MIGRATIONS
from tillhand_approvals.store.tables import CHECKPOINTS, HEADS, METADATA, NEWEST, RECORDS, SWITCHES, VAULT
from tillhand_common.lifecycle import StartupError

NOON = datetime(2026, 11, 26, 12, 0, 0, 123_000, tzinfo=UTC)


def record(sequence: int, **fields: object) -> dict[str, Any]:
    return {"tenant": "shop", "sequence": sequence, "type": "test", "time": NOON, "line": "{}", **fields}


async def count(database: Database) -> int:
    async with database.reading() as connection:
        return len((await connection.execute(select(RECORDS.c.sequence))).all())


async def test_migrations_lead_to_the_tables_that_the_code_knows(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        found: list[Any] = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), METADATA
        )
        return found

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_again_keeps_everything(where: str | Path) -> None:
    for sequence in (1, 2):
        database = await Database.open(where)
        async with database.writing() as connection:
            await connection.execute(insert(RECORDS).values(record(sequence)))
        assert await count(database) == sequence
        await database.close()


async def test_a_newer_database_is_left_alone(where: str | Path) -> None:
    database = await Database.open(where)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(StartupError, match="newer"):
        await Database.open(where)


async def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    async def half() -> None:
        async with database.writing() as connection:
            await connection.execute(insert(RECORDS).values(record(1)))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await half()
    assert await count(database) == 0


@pytest.mark.parametrize("table", [RECORDS, CHECKPOINTS], ids=lambda table: table.name)
@pytest.mark.parametrize("change", ["update", "delete"])
async def test_the_database_itself_refuses_to_change_the_log(database: Database, table: Table, change: str) -> None:
    row = record(1) if table is RECORDS else {"tenant": "shop", "sequence": 1, "body": {}}
    async with database.writing() as connection:
        await connection.execute(insert(table).values(row))
    statement = delete(table) if change == "delete" else update(table).values(tenant="another")
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.writing() as connection:
            await connection.execute(statement)


async def test_times_come_back_in_utc_as_they_went_in(database: Database) -> None:
    local = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    async with database.writing() as connection:
        await connection.execute(insert(RECORDS).values(record(1, time=local)))
    async with database.reading() as connection:
        [time] = (
            await connection.execute(select(RECORDS.c.time).where(NOON - timedelta(1) < RECORDS.c.time))
        ).scalars()
    assert (time, time.tzinfo) == (NOON, UTC)
    with pytest.raises(StatementError, match="without a zone"):
        async with database.writing() as connection:
            await connection.execute(insert(RECORDS).values(record(2, time=NOON.replace(tzinfo=None))))


async def test_who_locks_the_head_goes_first_and_nobody_loses_a_number(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(HEADS).values(tenant="shop", sequence=0, hash=""))

    async def append() -> None:
        async with database.writing() as connection:
            head = select(HEADS.c.sequence).where(HEADS.c.tenant == "shop").with_for_update()
            sequence = (await connection.execute(head)).scalar_one() + 1
            await connection.execute(insert(RECORDS).values(record(sequence)))
            await connection.execute(update(HEADS).values(sequence=sequence))

    async with asyncio.timeout(30):
        await asyncio.gather(*(append() for _ in range(40)))
    async with database.reading() as connection:
        assert list((await connection.execute(select(RECORDS.c.sequence).order_by("sequence"))).scalars()) == [
            *range(1, 41)
        ]


async def test_what_is_read_does_not_wait_for_what_is_written(database: Database) -> None:
    async with database.writing() as connection, asyncio.timeout(10):
        await connection.execute(insert(RECORDS).values(record(1)))
        assert await count(database) == 0
    assert await count(database) == 1


async def test_bytes_and_switches_come_back_as_they_were(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(
            insert(VAULT).values(tenant="shop", record="p1", field="arguments", subject="s", ciphertext=b"\x00\xff")
        )
        await connection.execute(insert(SWITCHES).values(tenant="shop", stopped=1, actor="ann", changed_at=NOON))
    async with database.reading() as connection:
        assert (await connection.execute(select(VAULT.c.ciphertext))).scalar_one() == b"\x00\xff"


async def test_an_address_that_makes_no_sense_is_said_so() -> None:
    for address in ("mysql://somewhere/x", "no address at all"):
        with pytest.raises(StartupError, match="TILLHAND_DATABASE_URL"):
            await Database.open(address)


def test_the_newest_migration_is_the_one_that_the_tables_name() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


@pytest.mark.parametrize(
    ("address", "with_password"),
    [
        ("postgresql://till@db:5432/shop", "postgresql://till:p%40ss%2F@db:5432/shop"),
        ("postgresql://till:own@db/shop?ssl=require", "postgresql://till:own@db/shop?ssl=require"),
        ("postgresql://db/shop", "postgresql://db/shop"),
    ],
)
def test_a_password_apart_goes_into_an_address_that_has_none(address: str, with_password: str) -> None:
    settings = ApprovalsSettings(database_url=SecretStr(address), database_password=SecretStr("p@ss/"))
    assert settings.postgresql == with_password
