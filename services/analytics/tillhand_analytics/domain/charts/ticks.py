"""Where an axis has its marks: at round numbers, at beginnings of weeks and months."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Days, Floats

_NOTHING: Final = 1e-9
_ROUND: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_DAY_STEPS: Final = (1, 2, 7, 14)
_WEEK: Final = 7
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class Ticks:
    """Marks at equal steps. The axis ends at the first and at the last of them."""

    at: Floats
    step: float


def ticks(low: float, high: float, *, wanted: int = 5, whole: bool = False) -> Ticks:
    """Around `wanted` marks from at most `low` to at least `high`, at multiples of 1, 2, 2.5 or 5 times a power of ten.

    `whole` allows whole numbers only. A range of next to nothing is made one of something.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0.0, 1.0
    if high - low < _NOTHING * max(1.0, abs(low)):
        high = low + max(1.0, abs(low))
    step = _step((high - low) / max(1, wanted), whole=whole)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return Ticks(np.arange(first, last + 1, dtype=np.float64) * step, step)


def _step(rough: float, *, whole: bool) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in _ROUND if power * factor >= rough * (1 - 1e-9))
    return max(1.0, math.ceil(step)) if whole and step != round(step) else step


def day_ticks(first: np.datetime64, last: np.datetime64, *, most: int) -> tuple[Days, bool]:
    """At most `most` days from `first` to `last` that begin weeks, months or years; and whether all begin months."""
    first, last = first.astype("datetime64[D]"), last.astype("datetime64[D]")
    span = int((last - first).astype(int)) + 1
    for step in _DAY_STEPS:
        if span / step <= most:
            return _weekly(first, last, step), False
    months = np.arange(first.astype("datetime64[M]"), last.astype("datetime64[M]") + 1)
    for step in _MONTH_STEPS:
        chosen = months[months.astype(int) % step == 0].astype("datetime64[D]")
        chosen = chosen[(chosen >= first) & (chosen <= last)]
        if len(chosen) <= most:
            return chosen, True
    return months[:0].astype("datetime64[D]"), True


def _weekly(first: np.datetime64, last: np.datetime64, step: int) -> Days:
    days = np.arange(first, last + 1)
    if step < _WEEK:
        return days[::step]
    mondays: Days = days[(days.astype(int) + 3) % step == 0]  # 1 January 1970 was a Thursday
    return mondays
