"""The exit criteria of the platform as somebody has measured them: kept, not measured, or missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from tillhand_dashboard.domain.board import Light

State = Literal["green", "amber", "red"]
LIGHTS: Final[dict[State, Light]] = {"green": "good", "amber": "warn", "red": "bad"}
STATE_WORDS: Final[dict[State, str]] = {"green": "Kept", "amber": "Not measured", "red": "Missed"}


@dataclass(frozen=True, slots=True)
class Proved:
    """One criterion: what it asks, what was found, and the files that show it."""

    title: str
    threshold: str
    state: State
    summary: str
    command: str
    files: Sequence[str]
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """One run of `tillhand evidence`."""

    measured_at: datetime
    machine: str
    criteria: Sequence[Proved]

    @property
    def state(self) -> State:
        """The worst of all: missed, else not measured, else kept."""
        states: set[State] = {each.state for each in self.criteria}
        return "red" if "red" in states else "amber" if "amber" in states or not states else "green"

    @property
    def summary(self) -> str:
        """How many are of each state."""
        states = [each.state for each in self.criteria]
        return ", ".join(f"{states.count(state)} {word.lower()}" for state, word in STATE_WORDS.items())
