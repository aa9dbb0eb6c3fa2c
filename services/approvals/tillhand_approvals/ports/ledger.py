"""Where proposals and the record of what happened to them are kept, in one transaction for each change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from tillhand_approvals.domain.actors import Actor, Delegation
from tillhand_approvals.domain.proposals import Json, Proposal, Risk
from tillhand_approvals.domain.webhooks import Letter, Webhook


@dataclass(frozen=True, slots=True)
class Entry:
    """What the record is to say: number, time and hash are added when it is kept. `data` is redacted."""

    type: str
    data: Json
    actor: Actor | None = None
    subject: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Which proposals are asked for. Empty means any; `after` is a position that `Page.following` gave."""

    states: Collection[str] = ()
    tools: Collection[str] = ()
    risks: Collection[Risk] = ()
    executor: str | None = None
    assignee: str | None = None
    requester: str | None = None
    created_before: datetime | None = None
    created_after: datetime | None = None
    newest_first: bool = True
    after: tuple[datetime, str] | None = None
    limit: int = 50


class Page(NamedTuple):
    """Proposals in order, and the position after the last one; None at the end."""

    proposals: Sequence[Proposal]
    following: tuple[datetime, str] | None


class Switch(NamedTuple):
    """Whether execution is stopped, and who did what last."""

    stopped: bool
    actor: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that is kept as it is, such as a policy or a tool."""

    body: Mapping[str, Any]
    author: str
    time: datetime
    version: int = 0
    name: str = field(default="")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value as it came, encrypted; `subject` names the key that opens it."""

    subject: str
    ciphertext: bytes


class Counted(NamedTuple):
    """How many proposals are in each state, and for how many seconds the oldest has been pending."""

    states: Mapping[str, int]
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a shop sells, by name. `digest` tells one catalogue from the next."""

    digest: str
    learned_at: datetime
    names: tuple[str, ...]


class View(Protocol):
    """What one tenant has, as of one moment."""

    @property
    def tenant(self) -> str:
        """Whose it is."""
        ...

    async def proposal(self, proposal_id: str) -> Proposal | None:
        """The proposal with this id."""
        ...

    async def proposals(self, wish: Wish) -> Page:
        """The proposals that are asked for, in order of their creation."""
        ...

    async def counts(self) -> Mapping[str, int]:
        """How many proposals are in each state that any is in."""
        ...

    async def made_with(self, requester: str, idempotency_key: str) -> tuple[str, str] | None:
        """The digest and the id of the proposal that somebody made with this key."""
        ...

    async def tool(self, name: str) -> Kept | None:
        """The tool of this name; `author` is its executor."""
        ...

    async def tools(self) -> Sequence[Kept]:
        """All tools, by name."""
        ...

    async def policies(self, version: int | None = None) -> Kept | None:
        """This version of the policies, or the one in force; None before the first."""
        ...

    async def policy_versions(self) -> Sequence[Kept]:
        """All versions, newest first."""
        ...

    async def switch(self) -> Switch:
        """The kill switch."""
        ...

    async def delegations(self, taker: str | None = None) -> Sequence[Delegation]:
        """Those in which this person decides for others, or all, whether or not they are in force."""
        ...

    async def roles(self) -> Mapping[str, frozenset[str]]:
        """The members of each role."""
        ...

    async def catalogue(self) -> Catalogue | None:
        """The names of what the shop sells."""
        ...

    async def webhook(self, webhook_id: str) -> Webhook | None:
        """The webhook with this id."""
        ...

    async def webhooks(self) -> Sequence[Webhook]:
        """All webhooks, by id."""
        ...

    async def dead_letters(self, webhook_id: str, after: int, limit: int) -> Sequence[Letter]:
        """What a webhook has refused for good, beyond this number, in order."""
        ...

    async def sealed(self, record: str, field: str) -> Sealed | None:
        """A value as it came, encrypted."""
        ...

    async def key(self, subject: str) -> bytes | None:
        """A subject's wrapped data key; None where there never was one, `b""` where it was destroyed."""
        ...


class Unit(View, Protocol):
    """One transaction of one tenant: all of it is kept, or nothing. Units of a tenant follow one another."""

    async def next_sequence(self) -> int:
        """The number that the next record gets: it rises with every change, so it also serves as a fencing token."""
        ...

    async def create(self, proposal: Proposal, idempotency_key: str | None, request_digest: str) -> None:
        """Keep a new proposal, and which key made it."""
        ...

    async def replace(self, proposal: Proposal) -> None:
        """Keep the next state of a proposal."""
        ...

    async def append(self, entry: Entry) -> int:
        """Add to the record; its number."""
        ...

    async def put_tool(self, tool: Kept) -> None:
        """Keep a tool under its name, in place of an earlier version."""
        ...

    async def drop_tools(self, executor: str, keep: Collection[str]) -> Sequence[str]:
        """Forget an executor's other tools; their names."""
        ...

    async def put_policies(self, policies: Kept) -> None:
        """Keep the next version of the policies."""
        ...

    async def put_switch(self, switch: Switch) -> None:
        """Turn the kill switch."""
        ...

    async def put_delegation(self, delegation: Delegation) -> None:
        """Keep a delegation under its id."""
        ...

    async def put_role(self, role: str, members: Collection[str]) -> None:
        """Name the members of a role; nobody left means that there is no such role."""
        ...

    async def put_catalogue(self, catalogue: Catalogue) -> None:
        """Keep the names of what the shop sells, in place of those before."""
        ...

    async def put_webhook(self, webhook: Webhook) -> None:
        """Keep a webhook under its id; whoever delivers to it meanwhile begins anew with what it is now."""
        ...

    async def drop_webhook(self, webhook_id: str) -> None:
        """Forget a webhook and its letters."""
        ...

    async def redeliver(self, webhook_id: str, sequences: Collection[int]) -> Sequence[int]:
        """Have dead letters be tried again, now and from the first attempt on; which there were."""
        ...

    async def seal(self, record: str, field: str, sealed: Sealed) -> None:
        """Keep an encrypted value."""
        ...

    async def put_key(self, subject: str, wrapped: bytes, master: str) -> None:
        """Keep a new data key."""
        ...

    async def forget(self, records: Collection[str]) -> None:
        """Drop the encrypted values of these records."""
        ...

    async def destroy_key(self, subject: str) -> bool:
        """Forget a data key for good, and with it all that it opens; whether there was one."""
        ...


class Ledger(Protocol):
    """All tenants."""

    def writing(self, tenant: str) -> AbstractAsyncContextManager[Unit]:
        """A transaction; what the block raises undoes it. Raises `StoreUnavailable`."""
        ...

    def reading(self, tenant: str) -> AbstractAsyncContextManager[View]:
        """A consistent view. Raises `StoreUnavailable`."""
        ...

    async def catalogues(self) -> Mapping[str, str]:
        """The digest of each tenant's catalogue."""
        ...

    async def forgettable(self, states: Collection[str], before: datetime, limit: int) -> Mapping[str, Sequence[str]]:
        """Proposals in these states since before then of which the vault holds anything, by tenant."""
        ...

    async def counted(self, now: datetime) -> Counted:
        """How many proposals of all tenants are in each state, and how long the oldest has been pending."""
        ...

    async def due(self, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Tenant and id of proposals that time is to change by then, the longest due first."""
        ...
