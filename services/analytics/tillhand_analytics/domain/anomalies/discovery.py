"""Which unusual days are worth telling of, among many series and days, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats

Direction = Literal["above", "below"]
WEAK: Final = 0.1
"""The chance up to which a day beside one that was found belongs to it, where it deviates to the same side."""

CLEARLY: Final = 1.0
"""Robust deviations of the days with which an episode begins and ends."""


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


def runs(days: Bools, weeks: Bools, chance: Floats, score: Floats, week_score: Floats, *, week: int) -> list[Run]:
    """Runs of days to one side that hold a found day or week, with the weakly unusual days beside them.

    `days` and `weeks` say what was found, a week at its last day; `chance` and `score` are those of each day,
    `week_score` that of the week which ends there. All have shape (series, days).
    """
    weak = np.nan_to_num(chance, nan=1.0) <= WEAK
    merged: list[Run] = []
    directions: tuple[tuple[Direction, int], ...] = (("above", 1), ("below", -1))
    for direction, sign in directions:
        covered = _covered(weeks & (week_score * sign > 0), week)
        away = np.nan_to_num(score * sign)
        belongs = ((weak | days) & (away > 0)) | covered
        merged += _merged(belongs, days & (away > 0), covered, away, direction)
    return sorted(merged, key=lambda run: (run.series, run.first))


def _covered(ends: Bools, week: int) -> Bools:
    """The days of the weeks that end where it is said."""
    padded = np.concatenate([ends, np.zeros((len(ends), week - 1), dtype=np.bool_)], axis=1)
    covered: Bools = np.any([padded[:, late : late + ends.shape[1]] for late in range(week)], axis=0)
    return covered


def _merged(belongs: Bools, found: Bools, covered: Bools, away: Floats, direction: Direction) -> list[Run]:
    """Longest runs of `belongs` with something found, from the first to the last day that is clearly to that side."""
    count, days = belongs.shape
    edged = np.zeros((count, days + 2), dtype=np.int8)
    edged[:, 1:-1] = belongs
    steps = np.diff(edged, axis=1)
    series, first = np.nonzero(steps == 1)
    _, after = np.nonzero(steps == -1)
    merged = []
    for one, begin, end in zip(series.tolist(), first.tolist(), after.tolist(), strict=True):
        hits = int(np.count_nonzero(found[one, begin:end]))
        clearly = np.flatnonzero(away[one, begin:end] >= CLEARLY)
        if clearly.size and (hits or covered[one, begin:end].any()):
            merged.append(Run(one, begin + int(clearly[0]), begin + int(clearly[-1]), direction, hits))
    return merged
