"""Counters as a service shows them, and what they have grown by from one look to the next.

A *page* is what one process showed at one moment. Counters begin at 0 with their process, so a process that was
restarted shows less than before, or as much by chance: it is known by when it started.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Series: TypeAlias = tuple[str, frozenset[tuple[str, str]]]
"""The name of a metric and its labels."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one process counted until `at_s`. Times are seconds of the epoch; `started_s` is None where untold."""

    at_s: float
    started_s: float | None
    counters: Mapping[Series, float]


@dataclass(slots=True)
class Meter:
    """Adds up what every process behind one address has counted, across restarts and replicas.

    A process that began after the last look has been counted by nobody: all it shows is growth. One that was there
    before, unseen (another replica behind the same address), only gives its present counts to compare with later.
    """

    _last: dict[float | None, Mapping[Series, float]] = field(default_factory=dict)
    _looked_at_s: float | None = None

    def growth(self, page: Page) -> dict[Series, float]:
        """By how much each counter has grown since the last page, or since the process began at the first one."""
        before = self._last.get(page.started_s)
        if before is None:
            before = dict(page.counters) if self._was_overlooked(page) else {}
        self._last[page.started_s] = page.counters
        self._looked_at_s = page.at_s
        return dict(_grown(before, page.counters))

    def _was_overlooked(self, page: Page) -> bool:
        looked_at_s = self._looked_at_s
        return looked_at_s is not None and page.started_s is not None and page.started_s < looked_at_s


def _grown(before: Mapping[Series, float], after: Mapping[Series, float]) -> Iterator[tuple[Series, float]]:
    """A counter that shows less than before has begun anew (as Prometheus' `increase` reads it)."""
    for series, value in after.items():
        earlier = before.get(series, 0.0)
        yield series, value - earlier if value >= earlier else value
