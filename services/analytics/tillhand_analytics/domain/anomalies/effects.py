"""What promotions brought: what was sold of their goods, beside what the weeks before promised.

The error of the ratio is that of other runs of as many days, in which nothing is known to have happened: noise and
errors of the baseline are in it, whatever their distribution and however days lean on one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.anomalies.baseline import LEAST_DAYS, WEEK, baseline
from tillhand_analytics.domain.anomalies.facts import Facts, Metric
from tillhand_analytics.domain.anomalies.robust import deviation
from tillhand_analytics.domain.anomalies.search import Happened
from tillhand_analytics.domain.chance import Z_95
from tillhand_analytics.domain.records import Bools, Floats
from tillhand_analytics.domain.sales.promotions import Promotion

_LEAST_RUNS: Final = 14


@dataclass(frozen=True, slots=True)
class Effect:
    """One promotion. `uplift` is what was sold by what was expected, with a 95 % interval; NaN if unknown."""

    promotion: Promotion
    metric: Metric
    actual: float
    expected: float
    uplift: float
    low: float
    high: float

    @property
    def brought_more(self) -> bool:
        """Whether it brought more than other days may by chance."""
        return self.low > 1


def effects(facts: Mapping[Metric, Facts], known: Happened, metric: Metric = "units") -> list[Effect]:
    """The effects of all promotions that have weeks before them to compare with, in the order of time."""
    told = [promotion for promotion in known.promotions if promotion.first > LEAST_DAYS]
    if not told:
        return []
    theirs = [facts[metric].of_elements("category", promotion.categories).by_day() for promotion in told]
    values = np.concatenate(theirs)
    judged = baseline(values)
    found = []
    for row, promotion in enumerate(told):
        ordinary = _ordinary(values.shape[1], promotion, known)
        expected = judged.mean(row)
        found.append(_effect(promotion, metric, values[row], expected, ordinary))
    return sorted(found, key=lambda effect: effect.promotion.first)


def _ordinary(days: int, promotion: Promotion, known: Happened) -> Bools:
    """The days on which none of its goods had a promotion."""
    ordinary = np.ones(days, dtype=np.bool_)
    for other in known.promotions:
        if set(other.categories) & set(promotion.categories):
            ordinary[other.first : other.last + 1] = False
    return ordinary


def _effect(promotion: Promotion, metric: Metric, values: Floats, expected: Floats, ordinary: Bools) -> Effect:
    days = slice(promotion.first, promotion.last + 1)
    actual, promised = float(values[days].sum()), float(expected[days].sum())
    error = _error(values, expected, ordinary & ~np.isnan(expected), promotion.last - promotion.first + 1)
    uplift = actual / promised if promised > 0 else float("nan")
    spread = float(np.exp(Z_95 * error))  # logarithms of ratios of sums are close to normal
    return Effect(promotion, metric, actual, promised, uplift, uplift / spread, uplift * spread)


def _error(values: Floats, expected: Floats, ordinary: Bools, length: int) -> float:
    """The robust deviation of the logarithm of actual to expected, over runs of `length` ordinary days; NaN if few."""
    windows = [
        np.lib.stride_tricks.sliding_window_view(np.where(ordinary, each, np.nan), length).sum(axis=1)
        for each in (values, expected)
    ]
    there = ~np.isnan(windows[0]) & (windows[0] > 0) & (windows[1] > 0)
    if np.count_nonzero(there) < max(_LEAST_RUNS, WEEK):
        return float("nan")
    ratio = np.log(windows[0][there] / windows[1][there])
    return float(deviation(np.abs(ratio - np.median(ratio))[np.newaxis])[0])
