"""What one tenant has, read from the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tillhand_approvals.domain.actors import Delegation
from tillhand_approvals.domain.proposals import Proposal
from tillhand_approvals.domain.webhooks import Letter, Webhook
from tillhand_approvals.ports.ledger import Catalogue, Kept, Page, Sealed, Switch, Wish
from tillhand_approvals.store.forms import delegation_of, proposal_of, webhook_of
from tillhand_approvals.store.tables import (
    CATALOGUES,
    DELEGATIONS,
    OUTBOX,
    POLICIES,
    PROPOSALS,
    REPLAYS,
    ROLES,
    SWITCHES,
    TOOLS,
    VAULT,
    VAULT_KEYS,
    WEBHOOKS,
)


class TenantView:
    """Reads of one tenant on one connection."""

    def __init__(self, connection: AsyncConnection, tenant: str) -> None:
        self._tenant = tenant
        self.connection = connection

    @property
    def tenant(self) -> str:
        """Whose it is."""
        return self._tenant

    async def _first(self, statement: Select[Any]) -> Row[Any] | None:
        row: Row[Any] | None = (await self.connection.execute(statement)).first()
        return row

    async def _all(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        rows: Sequence[Row[Any]] = (await self.connection.execute(statement)).all()
        return rows

    async def proposal(self, proposal_id: str) -> Proposal | None:
        """The proposal with this id."""
        mine = and_(PROPOSALS.c.tenant == self.tenant, PROPOSALS.c.id == proposal_id)
        row = await self._first(select(PROPOSALS.c.body).where(mine))
        return None if row is None else proposal_of(row.body)

    async def proposals(self, wish: Wish) -> Page:
        """The proposals that are asked for, in order of their creation."""
        table = PROPOSALS.c
        order = (table.created_at.desc(), table.id.desc()) if wish.newest_first else (table.created_at, table.id)
        statement = (
            select(table.created_at, table.id, table.body)
            .where(table.tenant == self.tenant, *_asked(wish))
            .order_by(*order)
            .limit(wish.limit + 1)
        )
        rows = await self._all(statement)
        given = rows[: wish.limit]
        following = (given[-1].created_at, given[-1].id) if len(rows) > wish.limit else None
        return Page([proposal_of(row.body) for row in given], following)

    async def counts(self) -> Mapping[str, int]:
        """How many proposals are in each state that any is in."""
        state = PROPOSALS.c.state
        rows = await self._all(
            select(state, func.count().label("many")).where(PROPOSALS.c.tenant == self.tenant).group_by(state)
        )
        return {row.state: row.many for row in rows}

    async def made_with(self, requester: str, idempotency_key: str) -> tuple[str, str] | None:
        """The digest and the id of the proposal that somebody made with this key."""
        table = REPLAYS.c
        mine = and_(table.tenant == self.tenant, table.requester == requester, table.idempotency_key == idempotency_key)
        row = await self._first(select(table.digest, table.proposal).where(mine))
        return None if row is None else (row.digest, row.proposal)

    async def tool(self, name: str) -> Kept | None:
        """The tool of this name; `author` is its executor."""
        row = await self._first(select(TOOLS).where(TOOLS.c.tenant == self.tenant, TOOLS.c.name == name))
        return None if row is None else _tool(row)

    async def tools(self) -> Sequence[Kept]:
        """All tools, by name."""
        rows = await self._all(select(TOOLS).where(TOOLS.c.tenant == self.tenant).order_by(TOOLS.c.name))
        return [_tool(row) for row in rows]

    async def policies(self, version: int | None = None) -> Kept | None:
        """This version of the policies, or the one in force; None before the first."""
        statement = select(POLICIES).where(POLICIES.c.tenant == self.tenant).order_by(POLICIES.c.version.desc())
        if version is not None:
            statement = statement.where(POLICIES.c.version == version)
        row = await self._first(statement.limit(1))
        return None if row is None else _policies(row)

    async def policy_versions(self) -> Sequence[Kept]:
        """All versions, newest first."""
        statement = select(POLICIES).where(POLICIES.c.tenant == self.tenant).order_by(POLICIES.c.version.desc())
        return [_policies(row) for row in await self._all(statement)]

    async def switch(self) -> Switch:
        """The kill switch."""
        row = await self._first(select(SWITCHES).where(SWITCHES.c.tenant == self.tenant))
        return Switch(stopped=False) if row is None else Switch(bool(row.stopped), row.actor, row.changed_at)

    async def delegations(self, taker: str | None = None) -> Sequence[Delegation]:
        """Those in which this person decides for others, or all, whether or not they are in force."""
        statement = select(DELEGATIONS.c.body).where(DELEGATIONS.c.tenant == self.tenant).order_by(DELEGATIONS.c.id)
        if taker is not None:
            statement = statement.where(DELEGATIONS.c.taker == taker)
        return [delegation_of(row.body) for row in await self._all(statement)]

    async def roles(self) -> Mapping[str, frozenset[str]]:
        """The members of each role."""
        rows = await self._all(select(ROLES).where(ROLES.c.tenant == self.tenant).order_by(ROLES.c.role))
        return {row.role: frozenset(row.members) for row in rows}

    async def catalogue(self) -> Catalogue | None:
        """The names of what the shop sells."""
        row = await self._first(select(CATALOGUES).where(CATALOGUES.c.tenant == self.tenant))
        return None if row is None else Catalogue(row.digest, row.learned_at, tuple(row.names))

    async def webhook(self, webhook_id: str) -> Webhook | None:
        """The webhook with this id."""
        mine = and_(WEBHOOKS.c.tenant == self.tenant, WEBHOOKS.c.id == webhook_id)
        row = await self._first(select(WEBHOOKS).where(mine))
        return None if row is None else webhook_of(row)

    async def webhooks(self) -> Sequence[Webhook]:
        """All webhooks, by id."""
        statement = select(WEBHOOKS).where(WEBHOOKS.c.tenant == self.tenant).order_by(WEBHOOKS.c.id)
        return [webhook_of(row) for row in await self._all(statement)]

    async def dead_letters(self, webhook_id: str, after: int, limit: int) -> Sequence[Letter]:
        """What a webhook has refused for good, beyond this number, in order."""
        table = OUTBOX.c
        statement = (
            select(OUTBOX)
            .where(table.tenant == self.tenant, table.webhook == webhook_id)
            .where(table.due_at.is_(None), table.sequence > after)
            .order_by(table.sequence)
            .limit(limit)
        )
        return [letter_of(row) for row in await self._all(statement)]

    async def sealed(self, record: str, field: str) -> Sealed | None:
        """A value as it came, encrypted."""
        mine = and_(VAULT.c.tenant == self.tenant, VAULT.c.record == record, VAULT.c.field == field)
        row = await self._first(select(VAULT).where(mine))
        return None if row is None else Sealed(row.subject, row.ciphertext)

    async def key(self, subject: str) -> bytes | None:
        """A subject's wrapped data key; None where there never was one, `b""` where it was destroyed."""
        mine = and_(VAULT_KEYS.c.tenant == self.tenant, VAULT_KEYS.c.subject == subject)
        row = await self._first(select(VAULT_KEYS).where(mine))
        return None if row is None else row.wrapped or b""


def _tool(row: Row[Any]) -> Kept:
    return Kept(body=row.body, author=row.executor, time=row.registered_at, name=row.name)


def letter_of(row: Row[Any]) -> Letter:
    """The letter of a row of the outbox."""
    return Letter(row.sequence, row.attempts, row.due_at, row.error)


def _policies(row: Row[Any]) -> Kept:
    return Kept(body=row.body, author=row.author, time=row.created_at, version=row.version)


def _asked(wish: Wish) -> list[ColumnElement[bool]]:
    """The conditions of a wish."""
    table = PROPOSALS.c
    asked: list[ColumnElement[bool]] = [
        column.in_(sorted(values))
        for column, values in ((table.state, wish.states), (table.tool, wish.tools), (table.risk, wish.risks))
        if values
    ]
    exact = (
        (table.executor, wish.executor),
        (table.assignee, wish.assignee),
        (table.requester, wish.requester),
    )
    asked += [column == value for column, value in exact if value is not None]
    if wish.created_before is not None:
        asked.append(table.created_at < wish.created_before)
    if wish.created_after is not None:
        asked.append(table.created_at >= wish.created_after)
    if wish.after is not None:
        asked.append(_beyond(wish.after, newest_first=wish.newest_first))
    return asked


def _beyond(position: tuple[Any, str], *, newest_first: bool) -> ColumnElement[bool]:
    time, name = position
    table = PROPOSALS.c
    if newest_first:
        return or_(table.created_at < time, and_(table.created_at == time, table.id < name))
    return or_(table.created_at > time, and_(table.created_at == time, table.id > name))
