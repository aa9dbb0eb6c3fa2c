"""One transaction of one tenant: what it changes, and the record of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tillhand_approvals.domain.actors import Delegation
from tillhand_approvals.domain.audit import Draft, Head, chained
from tillhand_approvals.domain.proposals import Proposal
from tillhand_approvals.domain.webhooks import Webhook
from tillhand_approvals.ports.ledger import Catalogue, Entry, Kept, Sealed, Switch
from tillhand_approvals.store.forms import delegation_body, proposal_body, webhook_columns
from tillhand_approvals.store.tables import (
    CATALOGUES,
    DELEGATIONS,
    HEADS,
    OUTBOX,
    POLICIES,
    PROPOSALS,
    RECORDS,
    REPLAYS,
    ROLES,
    SWITCHES,
    TOOLS,
    VAULT,
    VAULT_KEYS,
    WEBHOOKS,
)
from tillhand_approvals.store.views import TenantView

CHANNEL = "tillhand_records"
"""PostgreSQL's channel on which a commit tells other replicas whose record has grown."""


class TenantUnit(TenantView):
    """Reads and writes of one tenant, who holds its head: nobody else changes anything of it meanwhile."""

    def __init__(self, connection: AsyncConnection, tenant: str, head: Head, now: datetime) -> None:
        super().__init__(connection, tenant)
        self._now = now
        self._head = head
        self._lines: list[dict[str, Any]] = []

    async def next_sequence(self) -> int:
        """The number that the next record gets."""
        return self._head.sequence + 1

    async def create(self, proposal: Proposal, idempotency_key: str | None, request_digest: str) -> None:
        """Keep a new proposal, and which key made it."""
        await self.connection.execute(
            insert(PROPOSALS).values(
                tenant=self.tenant, id=proposal.id, created_at=proposal.created_at, **_row(proposal)
            )
        )
        if idempotency_key is not None:
            await self.connection.execute(
                insert(REPLAYS).values(
                    tenant=self.tenant,
                    requester=proposal.requester.id,
                    idempotency_key=idempotency_key,
                    digest=request_digest,
                    proposal=proposal.id,
                )
            )

    async def replace(self, proposal: Proposal) -> None:
        """Keep the next state of a proposal."""
        mine = and_(PROPOSALS.c.tenant == self.tenant, PROPOSALS.c.id == proposal.id)
        await self.connection.execute(update(PROPOSALS).where(mine).values(**_row(proposal)))

    async def append(self, entry: Entry) -> int:
        """Add to the record; its number."""
        line, self._head = chained(
            self._head,
            Draft(
                tenant=self.tenant,
                type=entry.type,
                time=self._now,
                actor=None if entry.actor is None else {"id": entry.actor.id, "kind": entry.actor.kind},
                subject=entry.subject,
                request_id=entry.request_id,
                data=entry.data,
            ),
        )
        self._lines.append(
            {
                "tenant": self.tenant,
                "sequence": self._head.sequence,
                "type": entry.type,
                "subject": entry.subject,
                "time": self._now,
                "line": line,
            }
        )
        return self._head.sequence

    async def flush(self) -> Sequence[str]:
        """Write what was appended, at the end of the transaction; the types of these records."""
        if not self._lines:
            return ()
        await self.connection.execute(insert(RECORDS), self._lines)
        values = {"sequence": self._head.sequence, "hash": self._head.hash}
        await self.connection.execute(update(HEADS).where(HEADS.c.tenant == self.tenant).values(**values))
        if self.connection.dialect.name == "postgresql":
            await self.connection.execute(
                text("SELECT pg_notify(:channel, :tenant)"), {"channel": CHANNEL, "tenant": self.tenant}
            )
        return [line["type"] for line in self._lines]

    async def put_tool(self, tool: Kept) -> None:
        """Keep a tool under its name, in place of an earlier version."""
        values = {"executor": tool.author, "body": tool.body, "registered_at": tool.time}
        await self._put(TOOLS, {"name": tool.name}, values)

    async def drop_tools(self, executor: str, keep: Collection[str]) -> Sequence[str]:
        """Forget an executor's other tools; their names."""
        others = and_(TOOLS.c.tenant == self.tenant, TOOLS.c.executor == executor, TOOLS.c.name.not_in(sorted(keep)))
        names = [row.name for row in await self._all(select(TOOLS.c.name).where(others).order_by(TOOLS.c.name))]
        await self.connection.execute(delete(TOOLS).where(others))
        return names

    async def put_policies(self, policies: Kept) -> None:
        """Keep the next version of the policies."""
        values = {"author": policies.author, "created_at": policies.time, "body": policies.body}
        await self.connection.execute(insert(POLICIES).values(tenant=self.tenant, version=policies.version, **values))

    async def put_switch(self, switch: Switch) -> None:
        """Turn the kill switch."""
        values = {"stopped": int(switch.stopped), "actor": switch.actor, "changed_at": switch.changed_at}
        await self._put(SWITCHES, {}, values)

    async def put_delegation(self, delegation: Delegation) -> None:
        """Keep a delegation under its id."""
        values = {"taker": delegation.taker, "ends_at": delegation.ends_at, "body": delegation_body(delegation)}
        await self._put(DELEGATIONS, {"id": delegation.id}, values)

    async def put_role(self, role: str, members: Collection[str]) -> None:
        """Name the members of a role; nobody left means that there is no such role."""
        if members:
            await self._put(ROLES, {"role": role}, {"members": sorted(members)})
        else:
            await self.connection.execute(delete(ROLES).where(ROLES.c.tenant == self.tenant, ROLES.c.role == role))

    async def put_catalogue(self, catalogue: Catalogue) -> None:
        """Keep the names of what the shop sells, in place of those before."""
        values = {
            "digest": catalogue.digest,
            "learned_at": catalogue.learned_at,
            "names": list(catalogue.names),
        }
        await self._put(CATALOGUES, {}, values)

    async def put_webhook(self, webhook: Webhook) -> None:
        """Keep a webhook under its id; whoever delivers to it meanwhile begins anew with what it is now."""
        values = {**webhook_columns(webhook), "holder": None, "held_until": None}
        await self._put(WEBHOOKS, {"id": webhook.id}, values)

    async def drop_webhook(self, webhook_id: str) -> None:
        """Forget a webhook and its letters."""
        await self.connection.execute(
            delete(WEBHOOKS).where(WEBHOOKS.c.tenant == self.tenant, WEBHOOKS.c.id == webhook_id)
        )
        await self.connection.execute(
            delete(OUTBOX).where(OUTBOX.c.tenant == self.tenant, OUTBOX.c.webhook == webhook_id)
        )

    async def redeliver(self, webhook_id: str, sequences: Collection[int]) -> Sequence[int]:
        """Have dead letters be tried again, now and from the first attempt on; which there were."""
        mine = and_(
            OUTBOX.c.tenant == self.tenant,
            OUTBOX.c.webhook == webhook_id,
            OUTBOX.c.due_at.is_(None),
            OUTBOX.c.sequence.in_(sorted(sequences)),
        )
        found = [row.sequence for row in await self._all(select(OUTBOX.c.sequence).where(mine))]
        await self.connection.execute(update(OUTBOX).where(mine).values(attempts=0, due_at=self._now))
        return found

    async def seal(self, record: str, field: str, sealed: Sealed) -> None:
        """Keep an encrypted value."""
        values = {"subject": sealed.subject, "ciphertext": sealed.ciphertext}
        await self._put(VAULT, {"record": record, "field": field}, values)

    async def put_key(self, subject: str, wrapped: bytes, master: str) -> None:
        """Keep a new data key."""
        values = {"wrapped": wrapped, "master": master, "created_at": self._now, "destroyed_at": None}
        await self._put(VAULT_KEYS, {"subject": subject}, values)

    async def forget(self, records: Collection[str]) -> None:
        """Drop the encrypted values of these records."""
        await self.connection.execute(
            delete(VAULT).where(VAULT.c.tenant == self.tenant, VAULT.c.record.in_(sorted(records)))
        )

    async def destroy_key(self, subject: str) -> bool:
        """Forget a data key for good, and with it all that it opens; whether there was one."""
        mine = and_(
            VAULT_KEYS.c.tenant == self.tenant, VAULT_KEYS.c.subject == subject, VAULT_KEYS.c.wrapped.is_not(None)
        )
        mine_too = and_(VAULT.c.tenant == self.tenant, VAULT.c.subject == subject)
        await self.connection.execute(delete(VAULT).where(mine_too))
        gone = await self.connection.execute(
            update(VAULT_KEYS).where(mine).values(wrapped=None, destroyed_at=self._now)
        )
        return gone.rowcount > 0

    async def _put(self, table: Any, key: dict[str, Any], values: dict[str, Any]) -> None:  # noqa: ANN401  # any of ours
        """Write a row under its key, whether or not there was one; nobody else writes this tenant's meanwhile."""
        mine = and_(table.c.tenant == self.tenant, *(table.c[name] == value for name, value in key.items()))
        changed = await self.connection.execute(update(table).where(mine).values(**values))
        if not changed.rowcount:
            await self.connection.execute(insert(table).values(tenant=self.tenant, **key, **values))


def _row(proposal: Proposal) -> dict[str, Any]:
    """The columns by which a proposal is found, and all of it."""
    return {
        "revision": proposal.revision,
        "state": proposal.state,
        "tool": proposal.tool,
        "risk": proposal.risk,
        "executor": proposal.executor,
        "requester": proposal.requester.id,
        "assignee": proposal.assignee,
        "updated_at": proposal.updated_at,
        "due_at": proposal.due_at,
        "body": proposal_body(proposal),
    }
