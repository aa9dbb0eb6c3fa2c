"""Robust trends of many series at a time, with errors that hold where one day resembles the day before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Floats, Ints
from tillhand_analytics.domain.seo.pairs import summed
from tillhand_analytics.domain.seo.persistence import persistence

_HUBER: Final = 1.345
_MAD: Final = 1.4826
_ROUNDS: Final = 3
_FITTED: Final = 2
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

    `memory` is the correlation of the error of a day with that of the day before, `freedom` the degrees of freedom of
    the standard error, `mean_day` where `level` is, `days` how many days were seen. A series without three days has NaN
    for an error.
    """

    slope: Floats
    error: Floats
    level: Floats
    mean_day: Floats
    days: Ints
    memory: Floats
    freedom: Floats

    def rising(self, least: float = 0.0) -> Floats:
        """The chance of such a slope where the true one is `least` or lower; NaN where there is none."""
        t = ratio(self.slope - least, self.error)
        chances: Floats = special.stdtr(self.freedom, -t)
        return chances

    def margin(self, confidence: float) -> Floats:
        """Half the width of the interval around each slope."""
        half: Floats = special.stdtrit(self.freedom, (1 + confidence) / 2) * self.error
        return half


def slopes(seen: Observations) -> Slopes:
    """Trends by weighted Huber regression over the days with a level for each stratum, errors for days that resemble
    the day before.

    The levels of strata take a changing mix of devices, countries or queries out of the trend. The error is that for
    unequal variances (White 1980), times what an autoregression of the residuals adds to the variance of a trend, times
    what fitting it hides of theirs (`persistence`).
    """
    weight, residual = seen.weight, None
    slope = np.full(seen.size, np.nan)
    time = value = seen.value
    for _ in range(_ROUNDS):
        weight = seen.weight if residual is None else seen.weight * _trusted(seen, residual)
        time, value = centred(seen, seen.day.astype(np.float64), weight), centred(seen, seen.value, weight)
        squares = _varied(summed(seen.series, weight * time * time, seen.size))
        slope = ratio(summed(seen.series, weight * time * value, seen.size), squares)
        residual = value - slope[seen.series] * time
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
    order = np.argsort(series + values / (2 * values.max(initial=0.0) + _TINY))
    counts = np.bincount(series, minlength=size)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    medians = np.zeros(size)
    held = counts > 0
    medians[held] = values[order[(starts + (counts - 1) // 2)[held]]]
    return medians


def _described(seen: Observations, slope: Floats, time: Floats, value: Floats, weight: Floats) -> Slopes:
    residual = np.nan_to_num(value - slope[seen.series] * time)
    weights = _dense(seen, weight)
    errors, times = (ratio(_dense(seen, weight * each), weights) for each in (residual, time))
    held = persistence(np.nan_to_num(errors), weights * np.nan_to_num(times), weights > 0)
    variance = np.einsum("gt,gt->g", weights * np.nan_to_num(times * errors), weights * np.nan_to_num(times * errors))
    squares = _varied(summed(seen.series, seen.weight * (weight >= seen.weight) * time * time, seen.size))
    days = np.asarray((weights > 0).sum(axis=1), dtype=np.int64)
    error = ratio(np.sqrt(variance * held.inflation), squares)
    total = summed(seen.series, seen.weight, seen.size)
    return Slopes(
        slope=slope,
        error=np.where(days > _FITTED, error, np.nan),
        level=ratio(summed(seen.series, seen.weight * seen.value, seen.size), total),
        mean_day=ratio(summed(seen.series, seen.weight * seen.day, seen.size), total),
        days=days,
        memory=held.memory,
        freedom=held.freedom,
    )


def _dense(seen: Observations, values: Floats) -> Floats:
    """Values added up by series and day."""
    place = seen.series * seen.days + seen.day
    return summed(place, values, seen.size * seen.days).reshape(seen.size, seen.days)
