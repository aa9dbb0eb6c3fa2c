"""A proposal: what an agent wants to be done, what the policy asks for it, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from tillhand_approvals.domain.actors import Actor
from tillhand_approvals.domain.lifecycle import State

Risk = Literal["low", "medium", "high", "critical"]
RISKS: Final[tuple[Risk, ...]] = ("low", "medium", "high", "critical")
Verb = Literal["approve", "reject", "edit", "revise", "escalate", "undo", "cancel", "settle"]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must come together before it is done: `approvals` different people, each in one of `roles` (none: any).

    `approvals` 0 means that a policy has allowed it in advance. The rule, the version of the policies and their author
    are named, so that the record can.
    """

    approvals: int
    roles: frozenset[str]
    rule: str
    policy_version: int
    author: str
    reason: str = ""
    escalate_after: timedelta | None = None
    escalate_to: str | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's approval of exactly these arguments; `giver` is in whose place."""

    actor: str
    role: str | None
    giver: str | None
    time: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what, and when. `note` is the reason or the instructions, redacted."""

    verb: Verb
    actor: str
    time: datetime
    note: str = ""
    giver: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """An executor's right to run it, once. `token` rises with every lease of the tenant: an older one is refused."""

    executor: str
    token: int
    begun_at: datetime
    ends_at: datetime
    asked_with: str = ""
    """A digest of the idempotency key with which it was taken: who asks again with it gets the same lease again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the execution, redacted. `settled_by` is the person who found out, where the executor was lost."""

    status: Literal["executed", "failed", "outcome_unknown"]
    time: datetime
    detail: Json = field(default_factory=dict)
    settled_by: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """What a decision has changed, as it was before: undo brings it back."""

    arguments: Json
    digest: str
    risk: Risk
    requirement: Requirement
    votes: tuple[Vote, ...]
    changes: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything about a proposal but its arguments as they came, which are in the vault.

    `arguments`, `justification`, `evidence` and `summary` are redacted; `digest` is the SHA-256 of the canonical
    arguments in force, `proposed_digest` of those first proposed; `changes` is the JSON Patch between them. `revision`
    counts what happened to it, from 1. It is to be decided before `expires_at`, and run before `execute_by`. Until
    `release_at` a decision can be undone, and nothing is run.
    """

    id: str
    tenant: str
    tool: str
    tool_version: str
    executor: str
    arguments: Json
    digest: str
    proposed_digest: str
    risk: Risk
    requester: Actor
    requirement: Requirement
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    justification: str = ""
    evidence: tuple[Json, ...] = ()
    subject: str | None = None
    on_behalf_of: str | None = None
    revises: str | None = None
    state: State = "pending"
    revision: int = 1
    votes: tuple[Vote, ...] = ()
    decision: Decision | None = None
    changes: tuple[Json, ...] = ()
    assignee: str | None = None
    escalated_at: datetime | None = None
    before: Version | None = None
    release_at: datetime | None = None
    execute_by: datetime | None = None
    lease: Lease | None = None
    outcome: Outcome | None = None

    @property
    def edited(self) -> bool:
        """Whether a person has changed what the agent proposed."""
        return self.digest != self.proposed_digest

    @property
    def due_at(self) -> datetime | None:
        """When time itself next changes it: a lease that ends, an escalation, its expiry; None when nothing does."""
        if self.state == "executing":
            return None if self.lease is None else self.lease.ends_at
        if self.state == "approved":
            return self.execute_by
        if self.state != "pending":
            return None
        return min(self.expires_at, self.escalation_at or self.expires_at)

    @property
    def escalation_at(self) -> datetime | None:
        """When it goes to the next role, if nobody decides before; None when it has, or nobody is named."""
        after = self.requirement.escalate_after
        if after is None or self.requirement.escalate_to is None or self.escalated_at is not None:
            return None
        return self.created_at + after
