"""What has happened to a proposal, as the record will say it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from tillhand_approvals.domain.proposals import Json, Proposal

RECORD_TYPES: Final = (
    "proposal.created",
    "proposal.denied",
    "proposal.escalated",
    "proposal.expired",
    "proposal.cancelled",
    "decision.made",
    "decision.undone",
    "execution.started",
    "execution.finished",
    "execution.reported_late",
    "execution.lost",
    "note.added",
    "tools.registered",
    "catalogue.learned",
    "policy.changed",
    "policy.tried",
    "switch.changed",
    "role.changed",
    "delegation.made",
    "delegation.revoked",
    "vault.viewed",
    "vault.expired",
    "access.refused",
    "login.succeeded",
    "login.failed",
    "account.changed",
    "key.changed",
    "audit.verified",
    "audit.unmasked",
    "subject.erased",
    "checkpoint.signed",
    "webhook.created",
    "webhook.changed",
    "webhook.deleted",
    "webhook.disabled",
    "webhook.redelivered",
)
"""Everything that a record may say."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: its type, such as `decision.made`, and what there is to say about it, redacted."""

    type: str
    data: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A proposal after something happened to it, and what did."""

    proposal: Proposal
    happenings: tuple[Happening, ...]


def changed(proposal: Proposal, now: datetime, *happenings: Happening, **fields: Any) -> Change:  # noqa: ANN401  # its fields
    """The next revision of a proposal."""
    following = replace(proposal, revision=proposal.revision + 1, updated_at=now, **fields)
    return Change(following, tuple(_placed(each, proposal, following) for each in happenings))


def _placed(happening: Happening, before: Proposal, after: Proposal) -> Happening:
    """With what everybody who follows wants to know: from which state to which, of which tool."""
    told = {"tool": after.tool, "risk": after.risk, "from": before.state, "state": after.state, "digest": after.digest}
    return replace(happening, data={**told, "revision": after.revision, **happening.data})
