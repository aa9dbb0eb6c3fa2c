"""Which unusual days are worth telling of, among many series and days, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats, Ints

Direction = Literal["above", "below"]
WEAK: Final = 0.1
"""The chance up to which a day beside one that was found belongs to it, where it deviates to the same side."""


@dataclass(frozen=True, slots=True)
class Run:
    """Days of one series that belong together, both ends in it; places in the array that was searched."""

    series: int
    first: int
    last: int
    direction: Direction
    found: int


def discoveries(chance: Floats, rate: float) -> Bools:
    """Which chances are too small for accident, of all that are there: among those, at most `rate` are false on average.

    Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57; it holds for series that move together (Benjamini and Yekutieli
    2001, Ann. Stat. 29), as a total does with its parts.
    """
    there = ~np.isnan(chance)
    ordered = np.sort(chance[there])
    passed = np.flatnonzero(ordered <= rate * np.arange(1, ordered.size + 1) / max(ordered.size, 1))
    if passed.size == 0:
        return np.zeros(chance.shape, dtype=np.bool_)
    found: Bools = there & (np.nan_to_num(chance, nan=1.0) <= ordered[passed[-1]])
    return found


def runs(found: Bools, chance: Floats, above: Bools) -> list[Run]:
    """Runs of days to one side that hold a day which was found, with the weakly unusual ones beside it.

    All arrays have shape (series, days).
    """
    weak = np.nan_to_num(chance, nan=1.0) <= WEAK
    sides: tuple[tuple[Direction, Bools], ...] = (("above", above), ("below", ~above))
    merged = [
        run
        for direction, side in sides
        for run in _merged((weak | found) & side, found & side, direction)
    ]
    return sorted(merged, key=lambda run: (run.series, run.first))


def _merged(belongs: Bools, found: Bools, direction: Direction) -> list[Run]:
    """Maximal runs of `belongs` that hold at least one `found`."""
    count, days = belongs.shape
    edged = np.zeros((count, days + 2), dtype=np.int8)
    edged[:, 1:-1] = belongs
    steps = np.diff(edged, axis=1)
    series, first = np.nonzero(steps == 1)
    _, after = np.nonzero(steps == -1)
    totals: Ints = np.concatenate([np.zeros((count, 1), dtype=np.int64), np.cumsum(found, axis=1)], axis=1)
    inside = totals[series, after] - totals[series, first]
    return [
        Run(one, begin, end - 1, direction, hits)
        for one, begin, end, hits in zip(series.tolist(), first.tolist(), after.tolist(), inside.tolist(), strict=True)
        if hits
    ]
