"""Intervals of forecasts by split conformal prediction: as wide as forecasts of the past were wrong.

What a forecast missed is divided by how much it was likely to miss: the geometric mean of the change of the series
over as many steps, and of the errors of its own forecasts at earlier origins, drawn towards those of other series
where it has few. At no origin does this know what came after it. Such scores are pooled over the series of a class and
over origins, for each step ahead; of m scores that of rank ceil((m + 1) (1 + level) / 2) bounds what is missed above,
and likewise below, so that the two sides may differ (Vovk, Gammerman and Shafer 2005; Lei and others 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting import measures
from tillhand_analytics.domain.forecasting.backtest import Backtest
from tillhand_analytics.domain.forecasting.panel import not_below_zero, shortened
from tillhand_analytics.domain.records import Floats, Ints

CALIBRATED: Final = 5
"""Origins whose scores count, and earlier origins by whose errors each of them is scaled."""
ORIGINS: Final = 8
"""Origins that a backtest should have for it."""
_PRIOR_ORIGINS: Final = 2.0
_RECENT: Final = 52
_PAST: Final = 104
_ROUNDING: Final = 1e-9
_LEAST_SHARE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Interval:
    """Ends for each step ahead (n x h); infinite where too few scores are known for the level."""

    level: float
    low: Floats
    high: Floats


def interval(tried: Backtest, model: str, ahead: Floats, level: float = 0.95, classes: Ints | None = None) -> Interval:
    """The interval around forecasts `ahead` (n x h), by the errors of `model` in a backtest.

    `classes` (n) says which series are alike; all are where that is not said. Nothing below zero is in the interval of
    a series that was never below it.
    """
    return _at(tried, model, -1, ahead, level, classes)


def past_interval(
    tried: Backtest, model: str, origin: int, level: float = 0.95, classes: Ints | None = None
) -> Interval:
    """The interval as it would have been at an origin, by its place in the backtest, from the origins before it."""
    return _at(tried, model, origin, tried.forecasts[model][origin], level, classes)


def measured(tried: Backtest, model: str, level: float = 0.95, classes: Ints | None = None) -> Floats:
    """The share of each series (n) that lay within such intervals, at the latest origins that leave enough before."""
    places = range(max(1, len(tried.origins) - CALIBRATED))
    ends = [past_interval(tried, model, place, level, classes) for place in places]
    low, high = np.array([end.low for end in ends]), np.array([end.high for end in ends])
    came = tried.came[: len(ends)]
    return measures.coverage(tried.flat(came), tried.flat(low), tried.flat(high))


def _at(tried: Backtest, model: str, place: int, ahead: Floats, level: float, classes: Ints | None) -> Interval:
    scaled = _Scaling(tried, model)
    groups = np.zeros(len(ahead), np.int64) if classes is None else classes
    below, above = np.full(ahead.shape, np.inf), np.full(ahead.shape, np.inf)
    last = len(tried.origins) - 1
    scores = np.array([scaled.scores(each) for each in range(place + 1, min(place + 1 + CALIBRATED, last))])
    if len(scores):
        for group in np.unique(groups):
            mine = groups == group
            below[mine], above[mine] = _bound(-scores[:, mine], level), _bound(scores[:, mine], level)
    scale = scaled.at(place)
    low, high = ahead - below * scale, ahead + above * scale
    return Interval(level, not_below_zero(tried.panel, low), high)


def _bound(scores: Floats, level: float) -> Floats:
    """The score (h) that the next one passes with a chance of at most (1 - level) / 2; scores are o x n x h.

    Where the scores of one step ahead are too few, those of all steps are taken.
    """
    by_step = np.sort(scores.reshape(-1, scores.shape[2]), axis=0)
    found = _ranked(by_step, level)
    if np.isfinite(found).all():
        return found
    everything = _ranked(np.sort(scores.reshape(-1, 1), axis=0), level)
    return np.where(np.isfinite(found), found, everything)


def _ranked(ascending: Floats, level: float) -> Floats:
    """NaN is last in each column, and no score."""
    count = np.isfinite(ascending).sum(axis=0)
    rank = np.ceil((count + 1) * (1 + level) / 2 - _ROUNDING).astype(np.int64)
    enough = (count > 0) & (rank <= count)
    steps = np.arange(ascending.shape[1])
    return np.where(enough, ascending[np.where(enough, rank - 1, 0), steps], np.inf)


class _Scaling:
    """How much forecasts of a model were likely to miss at each origin, and now (place -1)."""

    def __init__(self, tried: Backtest, model: str) -> None:
        self._tried = tried
        self._missed = tried.came - tried.forecasts[model]
        with np.errstate(invalid="ignore"):
            self._rooted = measures.mean_over(np.sqrt(np.abs(self._missed)))

    def scores(self, place: int) -> Floats:
        """What was missed at an origin, scaled (n x h); NaN where nothing is known."""
        scale = self.at(place)
        return np.where(scale > 0, self._missed[place] / np.where(scale > 0, scale, 1.0), np.nan)

    def at(self, place: int) -> Floats:
        """The scale (n x h)."""
        back = 0 if place < 0 else self._tried.origins[place]
        past = shortened(self._tried.panel, back)
        changes = _changes(past, self._tried.horizon)
        size = measures.mean_over(np.abs(past[:, -_PAST:]))
        scale = np.sqrt(self._own(place, past)[:, None] * changes)
        floor: Floats = np.maximum(scale, _LEAST_SHARE * size[:, None])
        return floor

    def _own(self, place: int, past: Floats) -> Floats:
        """Errors at earlier origins (n), drawn towards what series of such changes have."""
        change = (measures.change(past) + measures.change(past[:, -_RECENT - 1 :])) / 2
        earlier = self._rooted[place + 1 : place + 1 + CALIBRATED]
        root = np.sqrt(change)
        relative = earlier / np.where(root > 0, root, np.nan)
        known = relative[np.isfinite(relative)]
        usual = float(np.median(known)) if len(known) else 1.0
        count = np.isfinite(earlier).sum(axis=0)
        total = np.where(np.isfinite(earlier), earlier, 0.0).sum(axis=0)
        mean = (total + _PRIOR_ORIGINS * usual * root) / (count + _PRIOR_ORIGINS)
        squared: Floats = mean**2
        return squared


def _changes(past: Floats, horizon: int) -> Floats:
    """The mean change over 1 to `horizon` steps in the recent past (n x h)."""
    recent = past[:, -_PAST - horizon :]
    return np.stack([measures.change(recent, step) for step in range(1, horizon + 1)], axis=1)
