"""Intervals of forecasts by split conformal prediction: as wide as forecasts of the past were wrong.

What a forecast missed is divided by how much it was likely to miss: the geometric mean of the change of the series
over as many steps, and of the errors of its own forecasts at earlier origins, drawn towards those of other series
where it has few. At no origin does this know what came after it. Such scores are pooled over the series of a class and
over origins, for each step ahead; of m scores that of rank ceil((m + 1) (1 + level) / 2) bounds what is missed above,
and likewise below, so that the two sides may differ (Vovk, Gammerman and Shafer 2005; Lei and others 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

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


class Scaling(Protocol):
    """How much forecasts were likely to miss."""

    def at(self, place: int, forecast: Floats) -> Floats:
        """The scale (n x h) of a forecast at an origin, by what was known then; now where the place is -1."""


def interval(
    tried: Backtest,
    model: str,
    ahead: Floats,
    level: float = 0.95,
    classes: Ints | None = None,
    scaling: Scaling | None = None,
) -> Interval:
    """The interval around forecasts `ahead` (n x h), by the errors of `model` in a backtest.

    `classes` (n) says which series are alike; all are where that is not said. Without a `scaling` of the caller's it is
    that by changes and earlier errors. Nothing below zero is in the interval of a series that was never below it.
    """
    return _at(tried, model, -1, ahead, _Wish(level, classes, scaling or ByChanges(tried, model)))


def past_interval(
    tried: Backtest,
    model: str,
    origin: int,
    level: float = 0.95,
    classes: Ints | None = None,
    scaling: Scaling | None = None,
) -> Interval:
    """The interval as it would have been at an origin, by its place in the backtest, from the origins before it."""
    wish = _Wish(level, classes, scaling or ByChanges(tried, model))
    return _at(tried, model, origin, tried.forecasts[model][origin], wish)


def measured(tried: Backtest, model: str, level: float = 0.95, classes: Ints | None = None) -> Floats:
    """The share of each series (n) that lay within such intervals, at the latest origins that leave enough before."""
    places = range(max(1, len(tried.origins) - CALIBRATED))
    ends = [past_interval(tried, model, place, level, classes) for place in places]
    low, high = np.array([end.low for end in ends]), np.array([end.high for end in ends])
    came = tried.came[: len(ends)]
    return measures.coverage(tried.flat(came), tried.flat(low), tried.flat(high))


@dataclass(frozen=True, slots=True)
class _Wish:
    """What an interval is asked to be."""

    level: float
    classes: Ints | None
    scaling: Scaling


def _at(tried: Backtest, model: str, place: int, ahead: Floats, wish: _Wish) -> Interval:
    groups = np.zeros(len(ahead), np.int64) if wish.classes is None else wish.classes
    below, above = np.full(ahead.shape, np.inf), np.full(ahead.shape, np.inf)
    last = len(tried.origins) - 1
    places = range(place + 1, min(place + 1 + CALIBRATED, last))
    scores = np.array([_scores(tried, model, each, wish.scaling) for each in places])
    if len(scores):
        for group in np.unique(groups):
            mine = groups == group
            below[mine], above[mine] = _bound(-scores[:, mine], wish.level), _bound(scores[:, mine], wish.level)
    scale = wish.scaling.at(place, ahead)
    low, high = ahead - below * scale, ahead + above * scale
    return Interval(wish.level, not_below_zero(tried.panel, low), high)


def _scores(tried: Backtest, model: str, place: int, scaling: Scaling) -> Floats:
    """What was missed at an origin, scaled (n x h); NaN where nothing is known."""
    forecast = tried.forecasts[model][place]
    scale = scaling.at(place, forecast)
    return np.where(scale > 0, (tried.came[place] - forecast) / np.where(scale > 0, scale, 1.0), np.nan)


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


class ByChanges:
    """By how much a series changes, and by how much earlier forecasts of it missed."""

    def __init__(self, tried: Backtest, model: str) -> None:
        self._tried = tried
        with np.errstate(invalid="ignore"):
            self._rooted = measures.mean_over(np.sqrt(np.abs(tried.came - tried.forecasts[model])))

    def at(self, place: int, forecast: Floats) -> Floats:
        """The scale (n x h)."""
        back = 0 if place < 0 else self._tried.origins[place]
        past = shortened(self._tried.panel, back)
        changes = _changes(past, forecast.shape[1])
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


@dataclass(frozen=True, slots=True)
class ByCounts:
    """By what is forecast, as counts deviate: by the root of the mean, in pieces (n), and by one piece at least."""

    piece: Floats

    def at(self, place: int, forecast: Floats) -> Floats:
        """The scale (n x h)."""
        del place
        piece = self.piece[:, None]
        scale: Floats = np.sqrt(piece * (piece + np.maximum(forecast, 0.0)))
        return scale


def _changes(past: Floats, horizon: int) -> Floats:
    """The mean change over 1 to `horizon` steps in the recent past (n x h)."""
    recent = past[:, -_PAST - horizon :]
    return np.stack([measures.change(recent, step) for step in range(1, horizon + 1)], axis=1)
