"""How a whole stands, from the criteria that it is made of: green only where each one is measured green."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

State = Literal["green", "muted", "unknown", "warning", "red"]
STATES: Final[tuple[State, ...]] = ("red", "warning", "unknown", "muted", "green")
"""Worst first. What is known to be wrong comes before what nobody knows, and neither is ever green."""
MOST_NAMED: Final = 3
"""Names in a sentence; of the others it says how many there are."""
_TOLD: Final[Mapping[State, tuple[str, str]]] = {
    "red": ("is red", "are red"),
    "warning": ("warns", "warn"),
    "unknown": ("is unknown", "are unknown"),
    "muted": ("is muted", "are muted"),
    "green": ("is green", "are green"),
}
"""What is said of one, and of several."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that must hold; `reason` says why it stands so, `remedy` what a person can do about it.

    `unknown` is what could not be measured, or not lately; `muted` is what a person has silenced for a while.
    """

    name: str
    state: State
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the whole stands: its state, how many criteria are in each, a sentence, and the criteria, worst first."""

    state: State
    counts: Mapping[State, int]
    sentence: str
    criteria: tuple[Criterion, ...]

    @property
    def troubled(self) -> tuple[Criterion, ...]:
        """The criteria that are not green."""
        return tuple(each for each in self.criteria if each.state != "green")


def standing(criteria: Iterable[Criterion]) -> Standing:
    """How a whole of these criteria stands; the worst one decides, and of nothing nothing is known.

    Criteria of one state keep the order in which they came.
    """
    worst_first = tuple(sorted(criteria, key=lambda each: STATES.index(each.state)))
    counts = {state: sum(each.state == state for each in worst_first) for state in STATES}
    state = worst_first[0].state if worst_first else "unknown"
    return Standing(state, MappingProxyType(counts), _sentence(state, counts, worst_first), worst_first)


def _sentence(state: State, counts: Mapping[State, int], worst_first: tuple[Criterion, ...]) -> str:
    total = len(worst_first)
    if total == 0:
        return "Nothing is measured yet."
    if state == "green":
        return "It is measured green." if total == 1 else f"All {total} are measured green."
    names = _named([each.name for each in worst_first if each.state == state])
    first = f"{counts[state]} of {total} {_verb(state, counts[state])}: {names}."
    others = [f"{counts[each]} {_verb(each, counts[each])}" for each in STATES if each != state and counts[each]]
    return f"{first} {', '.join(others)}." if others else first


def _verb(state: State, count: int) -> str:
    return _TOLD[state][count > 1]


def _named(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
