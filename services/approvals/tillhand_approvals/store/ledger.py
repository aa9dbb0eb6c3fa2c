"""The ledger on a database: transactions of one tenant each, which wake whoever follows the record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from sqlalchemy import exists, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from tillhand_approvals.domain.audit import Head, origin
from tillhand_approvals.errors import StoreUnavailable
from tillhand_approvals.ports.ledger import Counted
from tillhand_approvals.ports.observer import Observer, Unobserved
from tillhand_approvals.ports.records import Row, Search
from tillhand_approvals.store.database import Database
from tillhand_approvals.store.tables import CATALOGUES, HEADS, PROPOSALS, RECORDS, VAULT
from tillhand_approvals.store.units import TenantUnit
from tillhand_approvals.store.views import TenantView
from tillhand_common.clock import Clock


class DatabaseLedger:
    """Proposals, policies, keys and the record of all tenants. `wake` is called with the tenant after each commit."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wake: Callable[[str], None] = lambda _: None,
        observer: Observer | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._observer = observer or Unobserved()
        self.wake = wake

    @asynccontextmanager
    async def writing(self, tenant: str) -> AsyncIterator[TenantUnit]:
        """A transaction that holds the tenant's head; what the block raises undoes it. Raises `StoreUnavailable`."""
        with translated():
            async with self._database.writing() as connection:
                head = await self._held(connection, tenant)
                unit = TenantUnit(connection, tenant, head, self._clock.now())
                yield unit
                added = await unit.flush()
        for type_ in added:
            self._observer.recorded(type_)
        if added:
            self.wake(tenant)

    @asynccontextmanager
    async def reading(self, tenant: str) -> AsyncIterator[TenantView]:
        """A consistent view. Raises `StoreUnavailable`."""
        with translated():
            async with self._database.reading() as connection:
                yield TenantView(connection, tenant)

    async def catalogues(self) -> Mapping[str, str]:
        """The digest of each tenant's catalogue."""
        with translated():
            async with self._database.reading() as connection:
                rows = await connection.execute(select(CATALOGUES.c.tenant, CATALOGUES.c.digest))
                return {row.tenant: row.digest for row in rows}

    async def forgettable(self, states: Collection[str], before: datetime, limit: int) -> Mapping[str, Sequence[str]]:
        """Proposals in these states since before then of which the vault holds anything, by tenant."""
        table = PROPOSALS.c
        held = exists().where(VAULT.c.tenant == table.tenant, VAULT.c.record == table.id)
        statement = (
            select(table.tenant, table.id)
            .where(table.state.in_(sorted(states)), table.updated_at < before, held)
            .order_by(table.updated_at)
            .limit(limit)
        )
        found: dict[str, list[str]] = {}
        with translated():
            async with self._database.reading() as connection:
                for row in await connection.execute(statement):
                    found.setdefault(row.tenant, []).append(row.id)
        return found

    async def counted(self, now: datetime) -> Counted:
        """How many proposals of all tenants are in each state, and how long the oldest has been pending."""
        table = PROPOSALS.c
        counting = select(table.state, func.count()).group_by(table.state)
        oldest = select(func.min(table.created_at)).where(table.state == "pending")
        with translated():
            async with self._database.reading() as connection:
                states = {row[0]: row[1] for row in await connection.execute(counting)}
                since = (await connection.execute(oldest)).scalar()
        return Counted(states, 0.0 if since is None else max(0.0, (now - since).total_seconds()))

    async def due(self, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Tenant and id of proposals that time is to change by then, the longest due first."""
        table = PROPOSALS.c
        statement = (
            select(table.tenant, table.id).where(table.due_at <= before).order_by(table.due_at, table.id).limit(limit)
        )
        with translated():
            async with self._database.reading() as connection:
                return [(row.tenant, row.id) for row in await connection.execute(statement)]

    async def head(self, tenant: str) -> int:
        """The number of the last record, 0 before the first."""
        statement = select(HEADS.c.sequence).where(HEADS.c.tenant == tenant)
        with translated():
            async with self._database.reading() as connection:
                return (await connection.execute(statement)).scalar() or 0

    async def after(self, tenant: str, sequence: int, limit: int) -> Sequence[Row]:
        """The records that follow this number, in order, at most `limit`."""
        table = RECORDS.c
        statement = (
            select(table.sequence, table.type, table.subject, table.line)
            .where(table.tenant == tenant, table.sequence > sequence)
            .order_by(table.sequence)
            .limit(limit)
        )
        with translated():
            async with self._database.reading() as connection:
                return [Row(*row) for row in await connection.execute(statement)]

    async def page(self, tenant: str, search: Search) -> Sequence[Row]:
        """The records that are asked for, in order."""
        table = RECORDS.c
        asked = [table.tenant == tenant, table.sequence > search.after]
        if search.types:
            asked.append(table.type.in_(sorted(search.types)))
        if search.subject is not None:
            asked.append(table.subject == search.subject)
        if search.since is not None:
            asked.append(table.time >= search.since)
        if search.before is not None:
            asked.append(table.time < search.before)
        statement = (
            select(table.sequence, table.type, table.subject, table.line, table.time)
            .where(*asked)
            .order_by(table.sequence)
            .limit(search.limit)
        )
        with translated():
            async with self._database.reading() as connection:
                return [Row(*row) for row in await connection.execute(statement)]

    async def tenants(self) -> Sequence[tuple[str, int, str]]:
        """Every tenant that has a record, with the number and the hash of the last."""
        statement = select(HEADS.c.tenant, HEADS.c.sequence, HEADS.c.hash).where(HEADS.c.sequence > 0)
        with translated():
            async with self._database.reading() as connection:
                return [(row.tenant, row.sequence, row.hash) for row in await connection.execute(statement)]

    async def ping(self) -> None:
        """Whether the database answers. Raises `StoreUnavailable`."""
        with translated():
            async with self._database.reading() as connection:
                await connection.execute(select(HEADS.c.tenant).limit(1))

    async def _held(self, connection: AsyncConnection, tenant: str) -> Head:
        """The tenant's head, which nobody else has until the end of this transaction."""
        statement = select(HEADS.c.sequence, HEADS.c.hash).where(HEADS.c.tenant == tenant).with_for_update()
        row = (await connection.execute(statement)).first()
        if row is not None:
            return Head(row.sequence, row.hash)
        first = origin(tenant)
        try:
            async with connection.begin_nested():
                await connection.execute(insert(HEADS).values(tenant=tenant, sequence=first.sequence, hash=first.hash))
        except IntegrityError:  # another replica has just begun with this tenant
            return await self._held(connection, tenant)
        return first


@contextmanager
def translated() -> Iterator[None]:
    """What a database raises, as the error that callers know; a row that is there already stays a defect."""
    try:
        yield
    except (IntegrityError, NotImplementedError):
        raise
    except (DBAPIError, PoolTimeout, OSError) as error:
        raise StoreUnavailable from error
