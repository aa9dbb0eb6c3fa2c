"""How unusual a day is among the days before it, and the interval that it should have fallen into.

Scores of days that are alike could come in any order. Then the interval between the two order statistics of n earlier
scores that leave out alpha / 2 each holds the next one with at least 1 - alpha, whatever their distribution (split
conformal prediction: Vovk, Gammerman and Shafer 2005; Lei et al. 2018, JASA 113). Where n is too small for that, the
interval is endless rather than wrong.

Beyond the largest earlier scores a rank says only "1 in n + 1", which no correction for many series would ever pass.
There the tail of the scores is led on by a generalised Pareto distribution (peaks over a threshold: Siffer et al.
2017, KDD) fitted by probability-weighted moments (Hosking and Wallis 1987, Technometrics 29), and never taken for
light: a false find costs more than a late one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.anomalies.tails import Ordered, tail_chance
from tillhand_analytics.domain.records import Bools, Floats, Ints

LEAST_SCORES: Final = 30
"""Earlier days without which nothing is told of a day."""
FAR_OUT: Final = 8.0
"""Robust deviations beyond which an earlier score is an event of its own, and would hide the next one. Of normal scores
it leaves out 1 in 10^15, of Laplace ones 1 in 3,000: by so much an interval may be too short."""
_HALF_MEDIAN_TO_SD: Final = 1.4826
_HALF_MEAN_TO_SD: Final = 1.2533
_RANKED: Final = 5
"""Earlier scores beyond a score from which its rank is used, and no tail."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Arrays of shape (series, days looked at). `chance` is the two-sided chance of a score at least as unusual, NaN
    where nothing is told; `low` and `high` are the scores at the ends of the interval, infinite where n is too small.
    """

    chance: Floats
    low: Floats
    high: Floats


def calibrate(score: Floats, looked_at: Ints, alpha: float, ordinary: Bools | None = None, gap: int = 1) -> Calibration:
    """Judge the days `looked_at` of scores of shape (series, days), each by the days that are `gap` and more before it.

    `ordinary` tells, in the same shape, which days may serve as earlier ones: a promotion that is known is none.
    """
    usable = score if ordinary is None else np.where(ordinary, score, np.nan)
    judged = [_judged(usable[:, : max(day - gap + 1, 0)], score[:, day], alpha) for day in looked_at.tolist()]
    if not judged:
        empty = np.empty((len(score), 0))
        return Calibration(empty, empty, empty)
    chance, low, high = (np.stack(columns, axis=1) for columns in zip(*judged, strict=True))
    return Calibration(chance, low, high)


def _judged(earlier: Floats, today: Floats, alpha: float) -> tuple[Floats, Floats, Floats]:
    if earlier.shape[1] < LEAST_SCORES or not len(earlier):
        nothing = np.full(len(earlier), np.nan)
        return nothing, np.full(len(earlier), -np.inf), np.full(len(earlier), np.inf)
    ordered = _without_far_out(np.sort(earlier, axis=1))
    mirrored = ordered.negated()
    chance = 2 * np.minimum(_upper_chance(ordered, today), _upper_chance(mirrored, -today))
    told = (ordered.count >= LEAST_SCORES) & ~np.isnan(today)
    low, high = -_upper_bound(mirrored, alpha / 2), _upper_bound(ordered, alpha / 2)
    return np.where(told, np.minimum(chance, 1.0), np.nan), low, high


def _without_far_out(scores: Floats) -> Ordered:
    """Each side has its own deviation: where most days hold nothing, those that hold something are no events.

    The scores are in rising order, with those that are missing at the end.
    """
    present = np.count_nonzero(~np.isnan(scores), axis=1)
    everything = Ordered(scores, np.zeros_like(present), present)
    middle = (everything.at((present - 1) // 2) + everything.at(present // 2)) / 2
    sides = []
    for ordered, centre in ((everything, middle), (everything.negated(), -middle)):
        beyond = ordered.at_least(np.nextafter(centre, np.inf))
        half = ordered.at(ordered.count - 1 - beyond // 2) - centre
        by_mean = _HALF_MEAN_TO_SD / 2 * _mean_beyond(ordered, centre, beyond)
        limit = FAR_OUT * np.maximum(_HALF_MEDIAN_TO_SD * half, by_mean)
        sides.append(ordered.at_least(np.nextafter(centre + limit, np.inf)))
    high, low = sides
    return Ordered(scores, low, present - high)


def _mean_beyond(ordered: Ordered, centre: Floats, beyond: Ints) -> Floats:
    """How far the scores above the middle are from it, on average."""
    places = np.arange(ordered.scores.shape[1])
    inside = (places < ordered.end[:, np.newaxis]) & (places >= (ordered.end - beyond)[:, np.newaxis])
    away = np.where(inside, ordered.scores - centre[:, np.newaxis], 0.0)
    mean: Floats = away.sum(axis=1) / np.maximum(beyond, 1)
    return mean


def _upper_bound(ordered: Ordered, share: float) -> Floats:
    """The order statistic that the next score passes with a chance of at most `share`: number ceil((n+1)(1-share))."""
    count = ordered.count
    rank = np.ceil((count + 1) * (1 - share) - 1e-9).astype(np.int64)  # a whole number stays one
    return np.where((rank <= count) & (count >= LEAST_SCORES), ordered.at(rank - 1), np.inf)


def _upper_chance(ordered: Ordered, today: Floats) -> Floats:
    """The chance that an ordinary score is at least today's."""
    beyond = ordered.at_least(today)
    rank: Floats = (beyond + 1) / (ordered.count + 1)
    return np.where(beyond >= _RANKED, rank, np.minimum(rank, tail_chance(ordered, today)))
