"""Several replicas on one PostgreSQL: each follows what the others write, and goes on when one is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

from tests.fakes.postgres import Cluster
from tests.fakes.waiting import until
from tillhand_approvals.ports.ledger import Entry
from tillhand_approvals.service.feed import Feed
from tillhand_approvals.store.database import Database
from tillhand_approvals.store.ledger import DatabaseLedger
from tillhand_approvals.store.listening import listen
from tillhand_common.clock import SystemClock

NEVER_S = 10_000.0
"""A safety poll that cannot be what woke a feed in a test."""


class Replica:
    """A ledger and a feed, woken by the database alone."""

    def __init__(self, database: Database, address: str) -> None:
        self.database = database
        self.ledger = DatabaseLedger(database, SystemClock())
        self.feed = Feed(self.ledger, poll_s=NEVER_S)
        self.heard: list[str] = []
        self.listening = asyncio.create_task(listen(address, self._wake))

    def _wake(self, tenant: str) -> None:
        self.heard.append(tenant)
        self.feed.wake(tenant)

    async def write(self) -> None:
        async with self.ledger.writing("shop") as unit:
            await unit.append(Entry("note.added", {}))

    async def listens(self) -> None:
        """Wait until it hears what is written: a listener that is not there yet hears nothing."""
        async with asyncio.timeout(10):
            while not self.heard:
                async with self.ledger.writing("other") as unit:
                    await unit.append(Entry("note.added", {}))
                await asyncio.sleep(0)


@asynccontextmanager
async def replica(address: str) -> AsyncIterator[Replica]:
    database = await Database.open(address)
    opened = Replica(database, address)
    try:
        await opened.listens()
        yield opened
    finally:
        opened.listening.cancel()
        with suppress(asyncio.CancelledError):
            await opened.listening
        await database.close()


async def seen(feed: Feed, into: list[int]) -> None:
    async with aclosing(feed.follow("shop", 0)) as frames:  # type: ignore[type-var]  # an async generator, as all are
        async for frame in frames:
            if isinstance(frame, bytes):
                into.append(int(frame.split(b"id: ")[1].split(b"\n")[0]))  # noqa: PERF401  # frames come one at a time


async def test_a_feed_goes_on_without_a_gap_when_another_replica_is_gone(postgres: Cluster) -> None:
    address = postgres.new()
    numbers: list[int] = []
    async with replica(address) as stays:
        follower = asyncio.create_task(seen(stays.feed, numbers))
        async with replica(address) as goes:
            await asyncio.gather(*(each.write() for each in (stays, goes) * 10))
            await until(lambda: len(numbers) == 20)
        await asyncio.gather(*(stays.write() for _ in range(5)))
        await until(lambda: len(numbers) == 25)
        follower.cancel()
        with suppress(asyncio.CancelledError):
            await follower
    assert numbers == [*range(1, 26)]


async def test_a_listener_that_was_cut_off_listens_again(postgres: Cluster) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    address = postgres.new()
    async with replica(address) as here:
        async with here.database.reading() as connection:
            ended = (await connection.exec_driver_sql(cut)).all()
        assert len(ended) == 1
        here.heard.clear()
        await here.listens()
