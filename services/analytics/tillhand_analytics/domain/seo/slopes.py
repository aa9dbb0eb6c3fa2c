"""Robust trends of many series at a time, with errors that hold where one day resembles the day before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from tillhand_analytics.domain.records import Bools, Floats, Ints
from tillhand_analytics.domain.seo.pairs import ratio, summed

_HUBER: Final = 1.345
_MAD: Final = 1.4826
_ROUNDS: Final = 4
_LAG_SHARE: Final = 1.3
_TINY: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Observations:
    """Values of series over days from 0 to `days` - 1, one row each.

    `stratum` numbers what only compares with itself (a device in a country); each belongs to one of `size` series.
    """

    series: Ints
    stratum: Ints
    day: Ints
    value: Floats
    weight: Floats
    size: int
    days: int


@dataclass(frozen=True, slots=True)
class Slopes:
    """By series: change a day, its standard error, and the level on the mean day of the series.

    `freedom` are the degrees of freedom of the error, `mean_day` where `level` is, `days` how many days were seen. A
    series without two days has NaN for a slope.
    """

    slope: Floats
    error: Floats
    level: Floats
    mean_day: Floats
    days: Ints
    freedom: float

    def rising(self, least: float = 0.0) -> Floats:
        """The chance of such a slope where the true one is `least` or lower; NaN where there is none."""
        t = ratio(self.slope - least, self.error)
        known = np.isfinite(t)
        chances = np.full(len(t), np.nan)
        chances[known] = special.stdtr(self.freedom, -t[known])
        return chances

    def margin(self, confidence: float) -> Floats:
        """Half the width of the interval around each slope."""
        half: Floats = special.stdtrit(self.freedom, (1 + confidence) / 2) * self.error
        return half


def lag_of(days: int) -> int:
    """Days after which the error of a day is taken to be forgotten: 1.3 times the square root of the days.

    Lazarus, Lewis, Stock and Watson (2018), doi 10.1080/07350015.2018.1506926.
    """
    return max(int(np.ceil(_LAG_SHARE * np.sqrt(days))), 1)


def freedom_of(days: int, lag: int) -> float:
    """Degrees of freedom of an error by Bartlett weights: 1.5 times the days by the lag (Priestley 1981, p. 467)."""
    return max(1.5 * days / (lag + 1), 1.0)


def long_run(scores: Floats, lag: int) -> Floats:
    """The variance of the sum of each row, neighbours within `lag` columns being alike (Newey and West 1987)."""
    variance: Floats = np.einsum("gt,gt->g", scores, scores)
    for step in range(1, min(lag, scores.shape[1] - 1) + 1):
        together = np.einsum("gt,gt->g", scores[:, step:], scores[:, :-step])
        variance = variance + 2 * (1 - step / (lag + 1)) * together
    return np.maximum(variance, 0.0)


def slopes(seen: Observations) -> Slopes:
    """Trends by weighted Huber regression over the days with a level for each stratum, errors by Newey and West.

    The levels of strata take a changing mix of devices, countries or queries out of the trend. The error allows for
    values that stay away from the line for days, by a lag of 1.3 times the square root of the days.
    """
    trust = np.ones(len(seen.value))
    slope = np.full(seen.size, np.nan)
    time = value = weight = seen.value
    for _ in range(_ROUNDS):
        weight = seen.weight * trust
        time, value = centred(seen, seen.day.astype(np.float64), weight), centred(seen, seen.value, weight)
        slope = ratio(
            summed(seen.series, weight * time * value, seen.size),
            _varied(summed(seen.series, weight * time * time, seen.size)),
        )
        trust = _trusted(seen, value - slope[seen.series] * time)
    return _described(seen, slope, time, value, weight)


def _varied(squares: Floats) -> Floats:
    """Zero where all that varies is rounding."""
    return np.where(squares > _TINY, squares, 0.0)


def centred(seen: Observations, values: Floats, weight: Floats) -> Floats:
    """Values less the weighted mean of their stratum."""
    size = int(seen.stratum.max(initial=-1)) + 1
    means = ratio(summed(seen.stratum, weight * values, size), summed(seen.stratum, weight, size))
    return values - means[seen.stratum]


def _trusted(seen: Observations, residual: Floats) -> Floats:
    """Huber's weights, by each series' own median deviation."""
    away = np.abs(np.nan_to_num(residual))
    scale = _MAD * _medians(seen.series, away, seen.size)[seen.series]
    limit = _HUBER * np.maximum(scale, _TINY)
    return np.minimum(1.0, limit / np.maximum(away, _TINY))


def _medians(series: Ints, values: Floats, size: int) -> Floats:
    """The lower median of each series, 0 for an empty one."""
    order = np.argsort(series + values / (2 * values.max(initial=0.0) + _TINY), kind="stable")
    counts = np.bincount(series, minlength=size)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    medians = np.zeros(size)
    held = counts > 0
    medians[held] = values[order[(starts + (counts - 1) // 2)[held]]]
    return medians


def _described(seen: Observations, slope: Floats, time: Floats, value: Floats, weight: Floats) -> Slopes:
    residual = np.nan_to_num(value - slope[seen.series] * time)
    place = seen.series * seen.days + seen.day
    cells = seen.size * seen.days
    scores = summed(place, weight * time * residual, cells).reshape(seen.size, seen.days)
    days = _days_seen(place, seen)
    lag = lag_of(seen.days)
    variance = long_run(scores, lag) * _small_sample(days)
    squares = _varied(summed(seen.series, weight * time * time, seen.size))
    weights = summed(seen.series, seen.weight, seen.size)
    return Slopes(
        slope=slope,
        error=ratio(np.sqrt(variance), squares),
        level=ratio(summed(seen.series, seen.weight * seen.value, seen.size), weights),
        mean_day=ratio(summed(seen.series, seen.weight * seen.day, seen.size), weights),
        days=days,
        freedom=freedom_of(seen.days, lag),
    )


def _days_seen(place: Ints, seen: Observations) -> Ints:
    shown: Bools = np.bincount(place, minlength=seen.size * seen.days).reshape(seen.size, seen.days) > 0
    return np.asarray(shown.sum(axis=1), dtype=np.int64)


def _small_sample(days: Ints) -> Floats:
    """What two fitted numbers cost a short series."""
    return days / np.maximum(days - 2, 1)
