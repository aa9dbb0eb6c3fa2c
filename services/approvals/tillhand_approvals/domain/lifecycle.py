"""The states of a proposal and the only ways between them.

    pending ──► approved ──► executing ──► executed
       │  ▲        │  │           ├──────► failed
       │  └─undo───┘  │           └──────► outcome_unknown ──► executed | failed   (a person settles it)
       │              └──► expired, cancelled
       ├──► rejected ─────────undo──► pending
       ├──► revise_requested ─undo──► pending
       ├──► expired
       └──► cancelled

Undo leads back only within its window, and never once an executor has begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

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
STATES: Final[tuple[State, ...]] = get_args(State)

TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    "pending": frozenset({"approved", "rejected", "revise_requested", "expired", "cancelled"}),
    "approved": frozenset({"executing", "pending", "expired", "cancelled"}),
    "rejected": frozenset({"pending"}),
    "revise_requested": frozenset({"pending"}),
    "expired": frozenset(),
    "cancelled": frozenset(),
    "executing": frozenset({"executed", "failed", "outcome_unknown"}),
    "executed": frozenset(),
    "failed": frozenset(),
    "outcome_unknown": frozenset({"executed", "failed"}),
}

DECIDED: Final[frozenset[State]] = frozenset({"approved", "rejected", "revise_requested"})
"""What a person's decision leads to, and what can be undone for a while."""
OPEN: Final[frozenset[State]] = frozenset({"pending", "approved", "executing", "outcome_unknown"})
"""States in which something is still to come from a person or an executor."""
FINAL: Final[frozenset[State]] = frozenset(STATES) - OPEN
"""What has come to its end."""


def leads(origin: State, target: State) -> bool:
    """Whether there is a way from one state to the other in one step."""
    return target in TRANSITIONS[origin]
