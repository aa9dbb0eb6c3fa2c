"""What is told of the work, for metrics."""

from __future__ import annotations

from typing import Final, Literal, Protocol

from tillhand_analytics.domain.provenance import Stamp

Answered = Literal["computed", "cached", "failed"]
Read = Literal["read", "failed"]
AREAS: Final = frozenset({"inventory", "seo", "sales", "anomalies", "experiments"})
"""What a figure's name begins with, before the dot."""


class Observer(Protocol):
    """Is told what happened."""

    def figure(self, name: str, how: Answered, seconds: float) -> None:
        """A figure was asked for; `seconds` are those of the calculation, 0 where it was cached."""
        ...

    def loaded(self, outcome: Read, seconds: float, stamps: tuple[Stamp, ...]) -> None:
        """The sources were read, or could not be."""
        ...
