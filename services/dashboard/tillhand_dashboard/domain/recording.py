"""The audit log as people search it: what they ask for in the address, and what a record says in short."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from tillhand_dashboard.domain.plain_text import plain_text

Row = Mapping[str, Any]
PAGE: Final = 50
"""Records on one page."""
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "proposals": (
        "proposal.created",
        "proposal.denied",
        "proposal.escalated",
        "proposal.expired",
        "proposal.cancelled",
        "note.added",
    ),
    "decisions": ("decision.made", "decision.undone"),
    "executions": ("execution.started", "execution.finished", "execution.reported_late", "execution.lost"),
    "rules": (
        "policy.changed",
        "policy.tried",
        "switch.changed",
        "role.changed",
        "delegation.made",
        "delegation.revoked",
        "tools.registered",
    ),
    "looks": ("vault.viewed", "audit.verified", "audit.unmasked", "access.refused"),
    "sign-ins": ("login.succeeded", "login.failed"),
    "accounts": ("account.changed", "key.changed"),
}
"""Kinds of records under one name each, for the form; any single kind may stand in the address, too."""
_LONGEST_DATA: Final = 4_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: days are whole, in UTC; `after` is the number that the page follows, `before` the one that it
    leads up to, which only a list that leaves nothing out knows. Without either it is the newest page.
    """

    kind: str = ""
    actor: str = ""
    proposal: str = ""
    since: str = ""
    until: str = ""
    after: int | None = None
    before: int | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether records may be missing from the list."""
        return any((self.kind, self.actor, self.proposal, self.since, self.until))

    @property
    def is_newest(self) -> bool:
        """Whether what happens next belongs on top of the page."""
        return not self.is_narrowed and self.after is None and self.before is None

    @property
    def search(self) -> Mapping[str, Any]:
        """The same in the words of the approvals, without the actor, by whom they do not search."""
        return {
            "type": list(KINDS.get(self.kind, (self.kind,))) if self.kind else [],
            "subject": self.proposal,
            "since": _day(self.since),
            "before": _day(self.until, timedelta(days=1)),
        }

    def query(self, after: int | None = None) -> str:
        """The address of these records that follow a number."""
        named = {"kind": self.kind, "actor": self.actor, "proposal": self.proposal}
        ends = {"since": self.since, "until": self.until, "after": "" if after is None else str(after)}
        return urlencode({name: value for name, value in {**named, **ends}.items() if value})


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record as a page shows it; what strangers wrote is spelled out."""

    sequence: int
    type: str
    time: datetime
    actor: str
    actor_kind: str
    subject: str
    hash: str
    data: str
    about_proposal: bool


VERIFIED: Final = "audit.verified"


def recorded(row: Mapping[str, Any]) -> Recorded:
    """A record from the log. Raises `KeyError`, `TypeError`, `ValueError` for anything else."""
    actor = row["actor"] or {}
    kind = str(row["type"])
    return Recorded(
        sequence=int(row["sequence"]),
        type=kind,
        time=datetime.fromisoformat(row["time"]),
        actor=_spelled(str(actor.get("id", ""))),
        actor_kind=str(actor.get("kind", "")),
        subject=_spelled(str(row["subject"] or "")),
        hash=str(row["hash"]),
        data=_spelled(json.dumps(row["data"], ensure_ascii=False, indent=2)),
        about_proposal=kind.partition(".")[0] in {"proposal", "decision", "execution", "note", "vault"},
    )


def _spelled(text: str) -> str:
    return plain_text(text, limit=_LONGEST_DATA, links=False).spelled


def _day(written: str, later: timedelta = timedelta()) -> str:
    if not written:
        return ""
    try:
        begins = datetime.combine(date.fromisoformat(written), time(), UTC) + later
    except (ValueError, OverflowError):
        return written  # the approvals say what is wrong with it
    return begins.isoformat().replace("+00:00", "Z")
