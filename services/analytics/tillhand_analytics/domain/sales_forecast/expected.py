"""What is expected of each series, day by day and over the whole horizon, how surely, and how well that has done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting import measures
from tillhand_analytics.domain.forecasting.backtest import Backtest
from tillhand_analytics.domain.forecasting.choosing import Record, record
from tillhand_analytics.domain.forecasting.conformal import (
    CALIBRATED,
    ByChanges,
    ByCounts,
    interval,
    past_interval,
)
from tillhand_analytics.domain.records import Bools, Floats, Ints
from tillhand_analytics.domain.sales_forecast.history import History
from tillhand_analytics.domain.sales_forecast.walking import RECONCILED, Walk

SPEEDS: Final = 4
"""Classes of SKUs by how much is bought of them, each with intervals of its own."""


@dataclass(frozen=True, slots=True)
class Ends:
    """An interval around days (m x h) and around their sum (m), at one level; infinite where errors are too few.

    `coverage` (m) is the share of sums over the horizon that lay within such intervals at earlier origins, of all
    series of the class; `day_coverage` likewise of days.
    """

    level: float
    low: Floats
    high: Floats
    sum_low: Floats
    sum_high: Floats
    coverage: Floats
    day_coverage: Floats


@dataclass(frozen=True, slots=True)
class Expected:
    """The forecast of every row of a history: days (m x h) and their sum (m), which add up over SKUs and categories.

    `before` is what was bought in as many days before; `record` how the procedure and both naive forecasts did for sums
    over the horizon, `beats_naive` where it did better than both, `origins` at how many points of the past.
    """

    history: History
    walk: Walk
    days: Floats
    total: Floats
    before: Floats
    record: Record
    beats_naive: Bools
    classes: Ints

    @property
    def horizon(self) -> int:
        """Days ahead."""
        return int(self.days.shape[1])

    @property
    def origins(self) -> int:
        """Points of the past at which all of it was tried."""
        return len(self.walk.past.origins)


def expected(walk: Walk) -> Expected:
    """The forecast, with its record."""
    history, horizon = walk.history, walk.ahead.shape[1]
    found = record(_comparable(walk.past.summed()))
    ours = found.models.index(RECONCILED)
    return Expected(
        history=history,
        walk=walk,
        days=walk.ahead,
        total=walk.ahead.sum(axis=1),
        before=np.nansum(history.values[:, -horizon:], axis=1),
        record=found,
        beats_naive=found.wape[ours] < measures.least(np.delete(found.wape, ours, axis=0)),
        classes=_classes(history),
    )


def _comparable(tried: Backtest) -> Backtest:
    """Only what every model forecast."""
    known = np.all([np.isfinite(values) for values in tried.forecasts.values()], axis=0)
    return replace(tried, came=np.where(known, tried.came, np.nan))


def ends_of(forecast: Expected, level: float) -> Ends:
    """The intervals of a forecast, by errors of earlier forecasts within each class."""
    past = forecast.walk.past
    days, sums = _Judge(past, forecast, level), _Judge(past.summed(), forecast, level)
    low, high = days.around(-1, forecast.days)
    sum_low, sum_high = sums.around(-1, forecast.total[:, None])
    return Ends(level, low, high, sum_low[:, 0], sum_high[:, 0], sums.covered(), days.covered())


class _Judge:
    """Intervals now and before, from one backtest."""

    def __init__(self, tried: Backtest, forecast: Expected, level: float) -> None:
        self._tried = tried
        self._classes = forecast.classes
        self._level = level
        self._scaling = _ByLevel(tried, forecast.history)

    def around(self, place: int, middle: Floats) -> tuple[Floats, Floats]:
        """Whole pieces, with the forecast itself between them whichever way earlier ones were off."""
        how = (self._level, self._classes, self._scaling)
        found = (
            interval(self._tried, RECONCILED, middle, *how)
            if place < 0
            else past_interval(self._tried, RECONCILED, place, *how)
        )
        return np.floor(np.minimum(found.low, middle)), np.ceil(np.maximum(found.high, middle))

    def covered(self) -> Floats:
        """What share lay within, by class, at the latest origins that leave enough before them."""
        places = range(max(1, len(self._tried.origins) - CALIBRATED))
        inside = np.array([self._inside(place) for place in places])
        found = np.full(len(self._classes), np.nan)
        for each in np.unique(self._classes):
            mine = self._classes == each
            found[mine] = measures.mean_over(inside[:, mine].ravel())
        return found

    def _inside(self, place: int) -> Floats:
        """Whether what came lay within (m x h); NaN where that is not known."""
        came = self._tried.came[place]
        low, high = self.around(place, self._tried.forecasts[RECONCILED][place])
        known = np.isfinite(came) & np.isfinite(low) & np.isfinite(high)
        return np.where(known, (came >= low) & (came <= high), np.nan)


class _ByLevel:
    """Sums miss as they change; of a SKU, which may not sell for months, counts say how far it may be off."""

    def __init__(self, tried: Backtest, history: History) -> None:
        self._heads = history.heads
        of_sums = tried.of(slice(None, history.heads))
        self._sums, self._members = ByChanges(of_sums, RECONCILED), ByCounts(history.piece)

    def at(self, place: int, forecast: Floats) -> Floats:
        """The scale (m x h)."""
        sums = self._sums.at(place, forecast[: self._heads])
        return np.concatenate([sums, self._members.at(place, forecast[self._heads :])])


def _classes(history: History) -> Ints:
    """The total and the categories are alike; SKUs by how much is bought of them on a day when they can be."""
    mean = np.nan_to_num(measures.mean_over(history.members))
    order = np.argsort(mean, kind="stable")
    speed = np.empty(len(mean), np.int64)
    speed[order] = np.arange(len(mean)) * SPEEDS // max(len(mean), 1)
    return np.concatenate([np.zeros(history.heads, np.int64), 1 + speed])
