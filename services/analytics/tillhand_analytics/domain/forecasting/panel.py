"""Series of unequal length in one matrix, and their recursion in time.

A panel of `n` series is a matrix `n x t` that ends with the same step for all: a series that begins later has NaN
before it. NaN within a series is a value that is missing, such as demand on a day without stock; it is not zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats, Ints

_BEGINNING: Final = 10
"""Steps at the beginning of a series by which it is centred."""


def panel_of(series: Sequence[Floats]) -> Floats:
    """Series of any length as a panel."""
    longest = max((len(each) for each in series), default=0)
    panel = np.full((len(series), longest), np.nan)
    for row, each in enumerate(series):
        panel[row, longest - len(each) :] = each
    return panel


def begins(panel: Floats) -> Ints:
    """The step with the first value of each series; `t` where there is none."""
    known = np.isfinite(panel)
    if not panel.shape[1]:
        return np.zeros(len(panel), np.int64)
    first: Ints = np.where(known.any(axis=1), known.argmax(axis=1), panel.shape[1])
    return first


def lengths(panel: Floats) -> Ints:
    """How many steps each series has from its first value to the end of the panel."""
    steps: Ints = panel.shape[1] - begins(panel)
    return steps


def last_values(panel: Floats) -> Floats:
    """The last known value of each series, NaN where there is none."""
    known = np.isfinite(panel)
    if not panel.shape[1]:
        return np.full(len(panel), np.nan)
    last = panel.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
    values: Floats = panel[np.arange(len(panel)), last]
    return values


@dataclass(frozen=True, slots=True)
class Steps:
    """A panel as a recursion in time takes it: step by step, the longest series first.

    `values` (t x n) are centred by `shift` and divided by `scale`, 0 where they are not known; `known` (t x n) is 1
    or 0, None where nothing is missing within a series; `active` (t) says how many series have begun by each step.
    `level` and `trend` (n) are those of the line through the first values, at the step before them.
    """

    values: Floats
    known: Floats | None
    active: Ints
    order: Ints
    shift: Floats
    scale: Floats
    count: Ints
    level: Floats
    trend: Floats

    @property
    def series(self) -> int:
        """How many series there are."""
        return len(self.order)

    def restored(self, values: Floats) -> Floats:
        """Values by series (n, or n x h) in the panel's own order and unit."""
        found = np.empty_like(values)
        wide = values.ndim - 1
        shift, scale = (each.reshape(-1, *([1] * wide)) for each in (self.shift, self.scale))
        found[self.order] = values * scale + shift
        return found


def steps_of(panel: Floats) -> Steps:
    """A panel, step by step. A series without any value is NaN in what is restored."""
    first = begins(panel)
    order = np.argsort(first, kind="stable")
    rows, first = panel[order], first[order]
    known = np.isfinite(rows)
    count = np.count_nonzero(known, axis=1)
    time = np.arange(panel.shape[1])
    early = known & (time < (first + _BEGINNING)[:, None])
    shift = _mean(rows, early)
    away = np.abs(rows - shift[:, None])
    scale = _mean(away, known)
    scale = np.where(scale > 0, scale, 1.0)
    values = np.where(known, (rows - shift[:, None]) / scale[:, None], 0.0)
    level, trend = _line(values, early, first)
    gaps = bool((count < panel.shape[1] - first).any())
    return Steps(
        values=np.ascontiguousarray(values.T),
        known=np.ascontiguousarray(known.T, np.float64) if gaps else None,
        active=np.searchsorted(first, time, side="right").astype(np.int64),
        order=order,
        shift=shift,
        scale=scale,
        count=count,
        level=level,
        trend=trend,
    )


def _line(values: Floats, early: Bools, first: Ints) -> tuple[Floats, Floats]:
    """Level at the step before the first, and trend, of the least squares through the chosen values."""
    time = np.arange(1, values.shape[1] + 1) - first[:, None].astype(np.float64)
    middle, mean = _mean(time, early), _mean(values, early)
    away = np.where(early, time - middle[:, None], 0.0)
    spread = (away**2).sum(axis=1)
    trend = np.where(spread > 0, (away * values).sum(axis=1) / np.where(spread > 0, spread, 1.0), 0.0)
    return mean - trend * middle, trend


def _mean(values: Floats, chosen: Bools) -> Floats:
    """The mean of the chosen values of each row, NaN where there are none."""
    count = np.count_nonzero(chosen, axis=1)
    total = np.where(chosen, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def not_below_zero(panel: Floats, values: Floats) -> Floats:
    """Values (n x h), none of them below zero for a series that never was."""
    below = np.asarray((panel < 0).any(axis=1))
    return np.where(below[:, None], values, np.maximum(values, 0.0))


def filled(panel: Floats) -> Floats:
    """A panel whose missing values within and after a series are the last known ones; NaN before it begins."""
    known = np.isfinite(panel)
    if known.all() or not panel.shape[1]:
        return panel
    last = np.maximum.accumulate(np.where(known, np.arange(panel.shape[1]), -1), axis=1)
    values = np.take_along_axis(panel, np.maximum(last, 0), axis=1)
    return np.where(last >= 0, values, np.nan)


def shortened(panel: Floats, steps: int) -> Floats:
    """A panel as it was so many steps ago, as wide as before."""
    if not steps:
        return panel
    gone = np.full((len(panel), min(steps, panel.shape[1])), np.nan)
    return np.concatenate([gone, panel[:, : max(panel.shape[1] - steps, 0)]], axis=1)
