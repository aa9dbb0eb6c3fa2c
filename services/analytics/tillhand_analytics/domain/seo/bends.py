"""The day from which a series rises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Floats, Ints
from tillhand_analytics.domain.seo.pairs import summed
from tillhand_analytics.domain.seo.persistence import memory_of
from tillhand_analytics.domain.seo.slopes import Observations, centred

_CHI_SQUARE_95: Final = 3.841
_LEAST_DAYS_AFTER: Final = 3


@dataclass(frozen=True, slots=True)
class Bends:
    """By series: the day (from 0) after which it rises, the days between which that lies.

    `before` is the level up to the bend, `now` that of the last day, both of the line that fits best.
    """

    day: Ints
    low: Ints
    high: Ints
    before: Floats
    now: Floats


def bends(seen: Observations) -> Bends:
    """Fit a level that turns into a line at each day in turn (a broken stick) and keep what fits best.

    Least squares over daily means, all days and series at once. The bounds are the days whose fit is not significantly
    worse (profile likelihood, 95 %, counting fewer days where one resembles the day before); a position that wanders
    far makes them too narrow. Without a rise the day is 0.
    """
    cells = seen.size * seen.days
    place = seen.series * seen.days + seen.day
    weight = summed(place, seen.weight, cells)
    value = ratio(summed(place, seen.weight * centred(seen, seen.value, seen.weight), cells), weight)
    levels = ratio(
        summed(seen.series, seen.weight * seen.value, seen.size), summed(seen.series, seen.weight, seen.size)
    )
    shape = (seen.size, seen.days)
    weights, values = weight.reshape(shape), np.nan_to_num(value).reshape(shape)
    slope, start, loss = _broken(weights, values)
    best = np.argmin(loss, axis=1) if seen.size else np.zeros(0, dtype=np.int64)
    rows = np.arange(seen.size)
    least = loss[rows, best]
    line = start[rows, best][:, None] + slope[rows, best][:, None] * np.maximum(_times(seen) - best[:, None], 0.0)
    shown = weights > 0
    memory = memory_of((values - line) * shown, shown)
    days = shown.sum(axis=1) * (1 - memory) / (1 + memory)
    limit = least * np.exp(_CHI_SQUARE_95 / np.maximum(days, 1)) + 1e-12
    near = loss <= limit[:, None]
    last = seen.days - 1
    return Bends(
        day=best,
        low=near.argmax(axis=1),
        high=near.shape[1] - 1 - near[:, ::-1].argmax(axis=1),
        before=levels + start[rows, best],
        now=levels + start[rows, best] + slope[rows, best] * (last - best),
    )


def _times(seen: Observations) -> Floats:
    return np.arange(seen.days, dtype=np.float64)[None, :]


def _broken(weights: Floats, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Slope, level before and squared error by series and day of the bend; infinite error where it does not rise."""
    days = weights.shape[1]
    time = np.arange(days, dtype=np.float64)
    after = np.maximum(time[:, None] - np.arange(max(days - _LEAST_DAYS_AFTER, 0))[None, :], 0.0)
    total, level = weights.sum(axis=1)[:, None], (weights * values).sum(axis=1)[:, None]
    sum_x, sum_xx, sum_xy = weights @ after, weights @ after**2, (weights * values) @ after
    varied = total * sum_xx - sum_x**2
    slope = np.nan_to_num(ratio(total * sum_xy - sum_x * level, np.where(varied > 1e-9 * total**2, varied, 0.0)))
    start = ratio(level - slope * sum_x, np.broadcast_to(total, slope.shape))
    squares = (weights * values**2).sum(axis=1)[:, None]
    loss = np.maximum(squares - start * level - slope * sum_xy, 0.0)
    return slope, start, np.where((slope > 0) & np.isfinite(start), loss, np.inf)
