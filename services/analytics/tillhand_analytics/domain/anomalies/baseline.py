"""What a day should have brought, by the weeks before it alone.

Each series is brought to a scale on which its noise is even (logarithm, or square root where it may be 0). There, a
day is expected to be the level that the last weeks lead to, and what its weekday differs by in the last eight.
Level and slope are a repeated median of weekly medians (Davies, Fried and Gather 2004, "Robust signal extraction for
on-line monitoring data", J. Stat. Plan. Inference 122), so that a promotion of a week moves neither. A week holds
each weekday once, so its median needs no weekday taken out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.anomalies.robust import deviation, median, midmean, present, repeated_median_slope
from tillhand_analytics.domain.records import Bools, Floats

WEEK: Final = 7
WEEKS_OF_LEVEL: Final = 5
WEEKS_OF_SLOPE: Final = 9
WEEKS_OF_WEEKDAY: Final = 8
LEAST_DAYS: Final = 28
"""Days before the first one that is told anything of."""
_DAMPING: Final = 0.5
"""The share of the slope that is expected to go on (Gardner and McKenzie 1985): half of it may have been noise."""
_NOTHING: Final = 0.2
_FEW: Final = 0.02
_LARGEST: Final = 700.0
_SCALE_DAYS: Final = 84
_LEAST_RESIDUALS: Final = 28
_MIDDLE: Final = WEEK // 2


@dataclass(frozen=True, slots=True)
class Baseline:
    """Arrays of shape (series, days). `expected` and `spread` are on the even scale, NaN where the past is too short.

    `residual` is what the day differed by, and `score` that in units of `spread`, the robust deviation of the 84
    residuals before.
    """

    expected: Floats
    spread: Floats
    residual: Floats
    score: Floats
    logarithmic: Bools

    def value_at(self, row: int, day: int, score: float) -> float:
        """The value that a day of a series would have with such a score; infinite with an infinite one."""
        at = float(self.expected[row, day] + score * self.spread[row, day])
        if self.logarithmic[row]:
            return math.exp(at) if at < _LARGEST else math.inf
        return max(at, 0.0) ** 2

    def mean(self, row: int) -> Floats:
        """The mean that is expected of a series: the middle of an even scale is the median, which lies below."""
        expected, variance = self.expected[row], np.minimum(self.spread[row], 1.0) ** 2  # wider, it says nothing
        if self.logarithmic[row]:
            mean: Floats = np.exp(expected + variance / 2)
        else:
            mean = np.maximum(expected, 0.0) ** 2 + self.spread[row] ** 2
        return mean


def baseline(values: Floats, base: Floats | None = None) -> Baseline:
    """The baselines of series of shape (series, days); NaN is a day that nothing is known of.

    With `base`, the values are parts of it, and the baseline is that of the rate.
    """
    scaled, logarithmic = _scaled(values, base)
    expected = _expected(scaled)
    residual = scaled - expected
    spread = _spread(residual)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = residual / spread
    return Baseline(expected, spread, residual, score, logarithmic)


def _scaled(values: Floats, base: Floats | None) -> tuple[Floats, Bools]:
    """The values on an even scale; logarithmic, unless a series has days on which, beside their week, it is nothing."""
    if base is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.log((values + 0.5) / (base + 1.0))
        return np.where(base > 0, rate, np.nan), np.ones(len(values), dtype=np.bool_)
    middle = median(values)[:, np.newaxis]
    logarithmic = (_days_of_nothing(values) <= _FEW) & (middle[:, 0] > 0)
    least = np.where(logarithmic[:, np.newaxis], middle * _NOTHING / 10, 1.0)
    logarithms = np.log(np.where(logarithmic[:, np.newaxis], np.maximum(values, least), 1.0))
    return np.where(logarithmic[:, np.newaxis], logarithms, np.sqrt(np.maximum(values, 0.0))), logarithmic


def _days_of_nothing(values: Floats) -> Floats:
    """The share of days that have less than a fifth of the median of the week around them."""
    if values.shape[1] < WEEK:
        return np.ones(len(values))
    around = _weekly_medians(values)
    with np.errstate(invalid="ignore"):
        nothing = values[:, _MIDDLE : values.shape[1] - _MIDDLE] < _NOTHING * around
    empty = (around <= 0) & ~nothing
    share: Floats = (np.count_nonzero(nothing | empty, axis=1)) / around.shape[1]
    return share


def _expected(scaled: Floats) -> Floats:
    count, days = scaled.shape
    expected = np.full((count, days), np.nan)
    if days <= LEAST_DAYS:
        return expected
    weekly = _weekly_medians(scaled)
    level = _levels(weekly, days)
    expected[:, LEAST_DAYS:] = level + _weekdays(scaled, weekly)
    return expected


def _weekly_medians(scaled: Floats) -> Floats:
    """At place k the median of the days k to k + 6."""
    return median(np.lib.stride_tricks.sliding_window_view(scaled, WEEK, axis=1))


def _levels(weekly: Floats, days: int) -> Floats:
    """The level of each day from LEAST_DAYS on, led on from the weeks that end the day before."""
    before = WEEK * WEEKS_OF_SLOPE - LEAST_DAYS  # of the first days, the earlier weeks are missing
    padded = np.concatenate([np.full((len(weekly), before), np.nan), weekly], axis=1)
    ends = np.arange(LEAST_DAYS, days) + before
    weeks = np.stack([padded[:, ends - WEEK * back] for back in range(WEEKS_OF_SLOPE, 0, -1)], axis=-1)
    slope = np.nan_to_num(repeated_median_slope(weeks))
    ago = np.arange(WEEKS_OF_LEVEL - 1, -1, -1)
    level = median(weeks[..., -WEEKS_OF_LEVEL:] + slope[..., np.newaxis] * ago)
    return level + _DAMPING * slope * (_MIDDLE + 1) / WEEK


def _weekdays(scaled: Floats, weekly: Floats) -> Floats:
    """What the weekday of each day from LEAST_DAYS on differed by from the week around it."""
    count, days = scaled.shape
    around = np.full((count, days), np.nan)
    around[:, _MIDDLE : days - _MIDDLE] = scaled[:, _MIDDLE : days - _MIDDLE] - weekly
    padded = np.concatenate([np.full((count, WEEK * WEEKS_OF_WEEKDAY), np.nan), around], axis=1)
    ends = np.arange(LEAST_DAYS, days) + WEEK * WEEKS_OF_WEEKDAY
    same = np.stack([padded[:, ends - WEEK * back] for back in range(1, WEEKS_OF_WEEKDAY + 1)], axis=-1)
    return np.nan_to_num(midmean(same))


def _spread(residual: Floats) -> Floats:
    """The robust deviation of the residuals before each week; never 0, for what never moved may move."""
    count, days = residual.shape
    padded = np.concatenate([np.full((count, _SCALE_DAYS), np.nan), np.abs(residual)], axis=1)
    ends = np.arange(0, days, WEEK)  # a scale of twelve weeks hardly moves in one
    before = np.lib.stride_tricks.sliding_window_view(padded, _SCALE_DAYS, axis=1)[:, ends]
    spread = np.where(present(before) >= _LEAST_RESIDUALS, np.maximum(deviation(before), 1e-9), np.nan)
    return np.repeat(spread, WEEK, axis=1)[:, :days]
