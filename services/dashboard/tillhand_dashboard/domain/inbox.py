"""The approvals inbox: which proposals are looked for, in which groups they stand, and how a decision is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import urlencode

Group = Literal["", "tool", "agent", "customer"]
GROUPS: Final[Mapping[Group, str]] = {"": "None", "tool": "Tool", "agent": "Agent", "customer": "Customer"}
RISKS: Final = ("low", "medium", "high", "critical")
TABS: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "pending": ("Waiting", ("pending",)),
    "unknown": ("Outcome unknown", ("outcome_unknown",)),
    "approved": ("Approved", ("approved", "executing")),
    "executed": ("Executed", ("executed",)),
    "rejected": ("Rejected", ("rejected", "revise_requested")),
    "ended": ("Failed or expired", ("failed", "expired", "cancelled")),
    "all": ("All", ()),
}
"""What the tabs of the inbox are called, and the states that each shows."""
LIGHTS: Final[Mapping[str, str]] = {
    "pending": "warn",
    "approved": "good",
    "executing": "good",
    "executed": "good",
    "failed": "bad",
    "outcome_unknown": "bad",
}
"""States of another colour than grey."""
RISK_LIGHTS: Final[Mapping[str, str]] = {"low": "good", "medium": "warn", "high": "bad", "critical": "bad"}
DONE: Final[Mapping[str, str]] = {
    "approve": "approved",
    "reject": "rejected",
    "edit": "edited and approved",
    "revise": "asked to revise",
    "escalate": "escalated",
    "undo": "took back",
    "settle": "settled",
}
"""What somebody did who decided so."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the inbox somebody looks at, as its address says it."""

    tab: str = "pending"
    q: str = ""
    tool: str = ""
    risk: str = ""
    group: Group = ""
    order: Literal["oldest", "newest"] = "oldest"
    cursor: str = ""

    @property
    def states(self) -> Sequence[str]:
        """The states of the tab."""
        return TABS[self.tab][1]

    @property
    def narrowed(self) -> bool:
        """Whether a filter or a search leaves something out."""
        return bool(self.q or self.tool or self.risk)

    def href(self, **fields: Any) -> str:  # noqa: ANN401  # its own fields
        """The address of the same inbox with some fields otherwise, from its first page."""
        other = replace(self, **{"cursor": "", **fields})
        default = Wanted()
        names = ("tab", "q", "tool", "risk", "group", "order", "cursor")
        query = {name: getattr(other, name) for name in names if getattr(other, name) != getattr(default, name)}
        return f"/approvals?{urlencode(query)}" if query else "/approvals"


def counted(counts: Mapping[str, int], tab: str) -> int:
    """How many proposals stand in a tab."""
    states = TABS[tab][1]
    return sum(counts.get(state, 0) for state in states) if states else sum(counts.values())


def name_of(actor: str) -> str:
    """Somebody as people call them: without the kind before the name."""
    return actor.rpartition(":")[2] if actor.startswith(("person:", "user:", "actor:")) else actor
