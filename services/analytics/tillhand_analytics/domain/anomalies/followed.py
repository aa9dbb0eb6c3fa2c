"""One series day by day: what there was, beside what was expected and how far it might have been off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.anomalies.conformal import calibrate
from tillhand_analytics.domain.anomalies.facts import ALL, Metric
from tillhand_analytics.domain.anomalies.scan import Ground
from tillhand_analytics.domain.anomalies.search import watch
from tillhand_analytics.domain.records import Bools, Days, Floats, Ints, Shop
from tillhand_analytics.errors import BadFigure, UnknownRow


@dataclass(frozen=True, slots=True)
class Followed:
    """Arrays of one entry a day, NaN where nothing is told: the interval holds an ordinary day with 1 - alpha."""

    metric: Metric
    day: Days
    actual: Floats
    expected: Floats
    low: Floats
    high: Floats
    score: Floats
    ordinary: Bools

    @property
    def outside(self) -> Bools:
        """Which days are outside their interval; one in 1 / alpha is, whatever happens."""
        outside: Bools = (self.actual < self.low) | (self.actual > self.high)
        return outside


def follow(
    shop: Shop, on: Ground, metric: Metric, dimension: str, element: str, *, days: int, alpha: float
) -> Followed:
    """The last days of a series. Raises BadFigure naming the dimension, or UnknownRow for an element that is none."""
    facts = on.facts[metric]
    if dimension != ALL and dimension not in facts.watched:
        known = ", ".join((ALL, *facts.watched))
        raise BadFigure(f"{metric} is not watched by that dimension, but by: {known}.", field="query.dimension")
    watched = watch(facts, dimension, on.known)
    if element not in watched.elements:
        raise UnknownRow("There is no such series, or too little in it to be watched.", field="query.element")
    row = watched.elements.index(element)
    looked_at = np.arange(max(facts.days - days, 0), facts.days)
    score = watched.judged.score[row : row + 1]
    found = calibrate(score, looked_at, alpha, watched.ordinary[row : row + 1])

    def value(scores: Floats) -> Floats:
        """An interval without an end has none to show."""
        ends = [watched.judged.value_at(row, day, end) for day, end in zip(looked_at.tolist(), scores[0], strict=True)]
        return np.where(np.isfinite(ends), ends, np.nan)

    actual = np.array([watched.value(row, day) for day in looked_at.tolist()])
    return Followed(
        metric=metric,
        day=_days(shop, looked_at),
        actual=actual,
        expected=watched.expected(row)[looked_at],
        low=value(found.low),
        high=value(found.high),
        score=score[0, looked_at],
        ordinary=watched.ordinary[row, looked_at],
    )


def _days(shop: Shop, places: Ints) -> Days:
    days: Days = shop.first_day.astype("datetime64[D]") + places
    return days
