"""What the approvals answer, as far as agents and executors need it; what else is there is left aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal[
    "pending",
    "approved",
    "rejected",
    "revise_requested",
    "expired",
    "cancelled",
    "executing",
    "executed",
    "failed",
    "outcome_unknown",
]
FINISHED: Final[frozenset[State]] = frozenset(
    ("rejected", "revise_requested", "expired", "cancelled", "executed", "failed", "outcome_unknown")
)
"""States after which nothing is executed; a person may yet settle an unknown outcome."""
DECIDED: Final[frozenset[State]] = FINISHED | frozenset(("approved", "executing"))
"""States in which nobody is asked any more; an approval that is undone leads back to `pending`."""


class _View(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class Decision(_View):
    """Who decided what, and when. `note` is the reason, or the instructions."""

    verb: str
    actor: str
    time: datetime
    note: str


class Outcome(_View):
    """What came of it."""

    status: Literal["executed", "failed", "outcome_unknown"]
    time: datetime
    detail: Mapping[str, Any]


class ProposalView(_View):
    """A proposal, redacted. `digest` is the SHA-256 of the canonical arguments that are in force."""

    id: str
    state: State
    revision: int
    tool: str
    tool_version: str
    arguments: Mapping[str, Any]
    digest: str
    edited: bool
    risk: str
    decision: Decision | None
    outcome: Outcome | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    execute_by: datetime | None


class Leased(_View):
    """The right to run a proposal, once: arguments as they came, or as a person edited them.

    `token` is the fencing token, `idempotency_key` the key for the upstream.
    """

    token: int
    ends_at: datetime
    idempotency_key: str
    tool: str
    tool_version: str
    digest: str
    arguments: Mapping[str, Any]
    proposal: ProposalView

    @property
    def lasts_s(self) -> float:
        """Seconds from one heartbeat to the end of the lease, by the approvals' own clock."""
        return max(1.0, (self.ends_at - self.proposal.updated_at).total_seconds())


class ProposalPage(_View):
    """Some of the proposals that were asked for, and where the next ones begin."""

    items: Sequence[ProposalView]
    next_cursor: str | None


class Work(_View):
    """What an executor can take now, the oldest first. `stopped`: a person has stopped all execution."""

    items: Sequence[ProposalView]
    stopped: bool


class Beat(_View):
    """Until when a lease holds, and whether a person has stopped all execution."""

    ends_at: datetime
    stopped: bool


class FeedEvent(_View):
    """A record of the feed, or `reset`: what was missed is too much, so the lists are to be read anew."""

    type: str
    sequence: int
    record: Mapping[str, Any] = Field(default_factory=dict)
