"""Anomalies of a shop: days outside their interval, merged, with their likely causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tillhand_analytics.domain.anomalies.causes import Cause
from tillhand_analytics.domain.anomalies.discovery import Direction
from tillhand_analytics.domain.anomalies.factors import Factor
from tillhand_analytics.domain.anomalies.facts import Metric

Severity = Literal["notice", "warning", "critical"]
WARNING: Final = 4.5
CRITICAL: Final = 7.0
"""Robust deviations of the worst day from which an episode is more than a notice."""


@dataclass(frozen=True, slots=True)
class Episode:
    """Days of one series that were not as expected, all to one side; days are places, both in it.

    `actual` and `expected` are sums over the days, of a rate the rate over them. `low` and `high` are the interval of
    the worst day, whose robust deviations are `score`; infinite where the past is too short. `chance` is that of the
    worst day, or with `by_week` that of the worst seven days, none of which is unusual enough by itself.
    """

    metric: Metric
    dimension: str
    element: str
    first: int
    last: int
    direction: Direction
    actual: float
    expected: float
    worst: int
    worst_actual: float
    worst_expected: float
    low: float
    high: float
    score: float
    chance: float
    by_week: bool
    causes: tuple[Cause, ...] = ()
    factors: tuple[tuple[Factor, ...], ...] = ()

    @property
    def deviation(self) -> float:
        """By how much it was more than expected, in the metric's unit."""
        return self.actual - self.expected

    @property
    def relative(self) -> float:
        """The deviation as a share of what was expected; NaN where that is nothing."""
        return self.deviation / self.expected if self.expected > 0 else float("nan")

    @property
    def severity(self) -> Severity:
        """By the worst day."""
        away = abs(self.score)
        return "critical" if away >= CRITICAL else "warning" if away >= WARNING else "notice"


@dataclass(frozen=True, slots=True)
class Report:
    """What was searched and found, from place `first` to `last`. `silent` series had too little to be watched."""

    episodes: tuple[Episode, ...]
    series: int
    silent: int
    first: int
    last: int
    alpha: float
    rate: float

    def of(self, wanted: Mapping[str, str | None]) -> Iterator[Episode]:
        """Episodes whose metric, dimension, element, direction or severity is as wanted; None wants anything."""
        for episode in self.episodes:
            if all(value is None or getattr(episode, name) == value for name, value in wanted.items()):
                yield episode
