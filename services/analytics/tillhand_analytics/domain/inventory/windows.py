"""Sums over weeks and over the last days, of all SKUs at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.inventory.panel import Matrix, Panel
from tillhand_analytics.domain.records import Bools, Floats, Ints

Cell = TypeVar("Cell", np.float32, np.uint8)
DAYS_OF_A_WEEK: Final = 7
_ROWS: Final = 2_048
"""Rows that are worked on together: as many as the processor's cache holds."""


def weeks_of(days: int) -> int:
    """How many whole weeks end with the last day."""
    return days // DAYS_OF_A_WEEK


def weekly(matrix: Matrix) -> Matrix:
    """Sums of the whole weeks that end with the last column: n x weeks; the first `days % 7` days are left out."""
    return _strided(matrix, np.zeros((matrix.shape[0], weeks_of(matrix.shape[1])), np.float32))


def weekly_days(days: Bools) -> Matrix:
    """How many days of each whole week are True, as in `weekly`."""
    shape = (days.shape[0], weeks_of(days.shape[1]))
    if days.all():  # stock-outs that nobody recorded leave every day available
        return np.full(shape, DAYS_OF_A_WEEK, np.float32)
    return _strided(days.view(np.uint8), np.zeros(shape, np.uint8)).astype(np.float32)


def recent(matrix: Matrix, windows: Sequence[int]) -> Floats:
    """Sums of the last so many days, n x windows; a window longer than the panel is all of it."""
    days = matrix.shape[1]
    sums = [np.einsum("ij->i", matrix[:, max(days - window, 0) :]) for window in windows]
    return np.stack(sums, axis=1).astype(np.float64)


def recent_days(days: Bools, windows: Sequence[int]) -> Floats:
    """How many of the last so many days are True, as in `recent`."""
    if days.all():
        return np.tile(np.minimum(np.array(windows, np.float64), days.shape[1]), (days.shape[0], 1))
    return recent(days[:, max(days.shape[1] - max(windows), 0) :].astype(np.float32), windows)


def _strided(matrix: NDArray[Cell], sums: NDArray[Cell]) -> NDArray[Cell]:
    """Seven additions of every seventh column, block by block: faster than sums over blocks of seven columns."""
    offset = matrix.shape[1] % DAYS_OF_A_WEEK
    for first in range(0, sums.shape[0], _ROWS):
        part, rows = sums[first : first + _ROWS], matrix[first : first + _ROWS]
        for day in range(DAYS_OF_A_WEEK if sums.size else 0):
            np.add(part, rows[:, offset + day :: DAYS_OF_A_WEEK], out=part)
    return sums


def running(sums: Matrix | Floats) -> Floats:
    """Sums of the weeks before each origin, n x (weeks + 1), of the sums of each week: the first is 0."""
    total = np.zeros((sums.shape[0], sums.shape[1] + 1))
    np.cumsum(sums, axis=1, out=total[:, 1:])
    return total


class Sales:
    """The days with demand, from which weekly sums of whatever is true of such a day are made: few days have any."""

    def __init__(self, panel: Panel) -> None:
        number, days = panel.units.shape
        self._shape = (number, weeks_of(days))
        flat = np.flatnonzero(panel.units.ravel() > 0)
        row, day = np.divmod(flat, max(days, 1))
        counted = day >= days % DAYS_OF_A_WEEK
        self._week: Ints = (row * self._shape[1] + (day - days % DAYS_OF_A_WEEK) // DAYS_OF_A_WEEK)[counted]
        self._units: Floats = panel.units.ravel()[flat[counted]].astype(np.float64)

    def weekly(self, value: Callable[[Floats], Floats]) -> Floats:
        """The weekly sums of a value of the units of a day: n x weeks."""
        cells = self._shape[0] * self._shape[1]
        flat: Floats = np.bincount(self._week, weights=value(self._units), minlength=cells).astype(
            np.float64, copy=False
        )
        return flat.reshape(self._shape)
