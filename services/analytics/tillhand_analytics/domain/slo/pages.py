"""Counters as a service shows them, and what they have grown by from one look to the next.

A *page* is what one process showed at one moment. Counters begin at 0 with their process, so a process that was
restarted shows less than before, or as much by chance: it is known by when it started.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

Series: TypeAlias = tuple[str, frozenset[tuple[str, str]]]
"""The name of a metric and its labels."""
Name = TypeVar("Name", bound=Hashable)
MOST_PROCESSES: Final = 32
"""Processes behind one address that are remembered, those that were seen last: a pool of replicas is smaller."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one process counted until `at_s`. Times are seconds of the epoch; `started_s` is None where untold."""

    at_s: float
    started_s: float | None
    counters: Mapping[Series, float]


@dataclass(frozen=True, slots=True)
class Growth(Generic[Name]):
    """By how much each counter has grown since a moment: all that happened from then on is in it."""

    since_s: float
    counted: Mapping[Name, float]


class Meter(Generic[Name]):
    """Adds up what every process behind one address has counted, across restarts and replicas.

    A process that began after the last look has been counted by nobody: all it shows is growth, from when it began.
    One that was there before, unseen (another replica behind the same address), only gives its present counts to
    compare with later.
    """

    def __init__(
        self, shown: Mapping[float | None, Mapping[Name, float]] | None = None, looked_at_s: float | None = None
    ) -> None:
        self._shown = dict(shown or {})
        self.looked_at_s = looked_at_s

    @property
    def shown(self) -> Mapping[float | None, Mapping[Name, float]]:
        """What each process showed when it was looked at last, by when it began."""
        return self._shown

    def growth(self, at_s: float, started_s: float | None, counters: Mapping[Name, float]) -> Growth[Name]:
        """The growth since the last look, or since the process began at the first one."""
        looked_at_s = self.looked_at_s
        before = self._shown.pop(started_s, None)
        if before is None:
            overlooked = looked_at_s is not None and started_s is not None and started_s < looked_at_s
            before = dict(counters) if overlooked else {}
            since_s = looked_at_s if overlooked else started_s
        else:
            since_s = looked_at_s
        self._shown[started_s] = counters
        for oldest in list(self._shown)[:-MOST_PROCESSES]:
            del self._shown[oldest]
        self.looked_at_s = at_s
        return Growth(at_s if since_s is None else min(since_s, at_s), dict(_grown(before, counters)))


def _grown(before: Mapping[Name, float], after: Mapping[Name, float]) -> Iterator[tuple[Name, float]]:
    """A counter that shows less than before has begun anew (as Prometheus' `increase` reads it)."""
    for name, value in after.items():
        earlier = before.get(name, 0.0)
        yield name, value - earlier if value >= earlier else value
