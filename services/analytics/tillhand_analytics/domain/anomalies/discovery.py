"""Which unusual days are worth telling of, among many series and days, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats

Direction = Literal["above", "below"]
WEAK: Final = 0.1
"""The chance up to which a day beside one that was found belongs to it, where it deviates to the same side."""


@dataclass(frozen=True, slots=True)
class Run:
    """Days of one series that belong together, both ends in it; places among the days that were looked at.

    `days_found` counts the days that were found by themselves; where it is 0, a whole week was found.
    """

    series: int
    first: int
    last: int
    direction: Direction
    days_found: int


def discoveries(chance: Floats, rate: float) -> Bools:
    """Which chances are too small for accident; on average at most a share `rate` of these is false.

    Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57; it holds for series that move together, as a total does with its
    parts (Benjamini and Yekutieli 2001, Ann. Stat. 29).
    """
    there = ~np.isnan(chance)
    ordered = np.sort(chance[there])
    passed = np.flatnonzero(ordered <= rate * np.arange(1, ordered.size + 1) / max(ordered.size, 1))
    if passed.size == 0:
        return np.zeros(chance.shape, dtype=np.bool_)
    found = there & (np.nan_to_num(chance, nan=1.0) <= ordered[passed[-1]])
    return np.asarray(found, dtype=np.bool_)


def runs(days: Bools, weeks: Bools, chance: Floats, above: Bools, week_above: Bools, *, week: int) -> list[Run]:
    """Runs of days to one side that hold a found day or week, with the weakly unusual days beside them.

    `days` and `weeks` say what was found, a week at its last day; `chance` and `above` are those of each day,
    `week_above` that of the week which ends there. All have shape (series, days).
    """
    weak = np.nan_to_num(chance, nan=1.0) <= WEAK
    merged: list[Run] = []
    sides: tuple[tuple[Direction, Bools, Bools], ...] = (("above", above, week_above), ("below", ~above, ~week_above))
    for direction, side, week_side in sides:
        covered = _covered(weeks & week_side, week)
        belongs = ((weak | days) & side) | covered
        merged += _merged(belongs, covered, days & side, side, direction)
    return sorted(merged, key=lambda run: (run.series, run.first))


def _covered(ends: Bools, week: int) -> Bools:
    """The days of the weeks that end where it is said."""
    padded = np.concatenate([ends, np.zeros((len(ends), week - 1), dtype=np.bool_)], axis=1)
    covered: Bools = np.lib.stride_tricks.sliding_window_view(padded, week, axis=1).any(axis=2)
    return covered


def _merged(belongs: Bools, covered: Bools, found: Bools, side: Bools, direction: Direction) -> list[Run]:
    """Longest runs of `belongs` that hold something found, without the days at their ends that are on the other side."""
    count, days = belongs.shape
    edged = np.zeros((count, days + 2), dtype=np.int8)
    edged[:, 1:-1] = belongs
    steps = np.diff(edged, axis=1)
    series, first = np.nonzero(steps == 1)
    _, after = np.nonzero(steps == -1)
    merged = []
    for one, begin, end in zip(series.tolist(), first.tolist(), after.tolist(), strict=True):
        there = begin + np.flatnonzero(side[one, begin:end])
        hits = int(np.count_nonzero(found[one, begin:end]))
        if there.size and (hits or covered[one, begin:end].any()):
            merged.append(Run(one, int(there[0]), int(there[-1]), direction, hits))
    return merged
