"""How unusual a day is among the days before it, and the interval that it should have fallen into.

Scores of days that are alike could come in any order. Then the interval between the two order statistics of n earlier
scores that leave out alpha / 2 each holds the next one with at least 1 - alpha, whatever their distribution (split
conformal prediction: Vovk, Gammerman and Shafer 2005; Lei et al. 2018, JASA 113). Where n is too small for that, the
interval is endless rather than wrong.

Beyond the largest earlier scores a rank says only "1 in n + 1", which no correction for many series would ever pass. There
the tail of the scores is led on by a generalised Pareto distribution (peaks over a threshold: Siffer et al. 2017, KDD)
fitted by probability-weighted moments (Hosking and Wallis 1987, Technometrics 29), and never taken for light: what 30
values of a tail say of its end is little, and a false find costs more than a late one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.anomalies.robust import deviation, median, present
from tillhand_analytics.domain.records import Bools, Floats, Ints

LEAST_SCORES: Final = 30
"""Earlier days without which nothing is told of a day."""
FAR_OUT: Final = 8.0
"""Robust deviations beyond which an earlier score is an event of its own, and would hide the next one. Of normal scores it
leaves out 1 in 10^15, of Laplace ones 1 in 3,000: by so much an interval may be too short."""
_TAIL_SHARE: Final = 0.1
_LEAST_TAIL: Final = 10
_LIGHTEST_TAIL: Final = 0.2
_HEAVIEST_TAIL: Final = 0.5
"""Shapes of tails: as light as that of Student's t with 5 degrees of freedom, and as heavy as with 2."""
_LEANS_ON: Final = 9
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


def calibrate(score: Floats, looked_at: Ints, alpha: float, ordinary: Bools | None = None) -> Calibration:
    """Judge the days `looked_at` of scores of shape (series, days), each by the days before it.

    `ordinary` tells, in the same shape, which days may serve as earlier ones: a promotion that is known is none.
    """
    usable = score if ordinary is None else np.where(ordinary, score, np.nan)
    judged = [_judged(usable[:, :day], score[:, day], alpha) for day in looked_at.tolist()]
    if not judged:
        empty = np.empty((len(score), 0))
        return Calibration(empty, empty, empty)
    chance, low, high = (np.stack(columns, axis=1) for columns in zip(*judged, strict=True))
    return Calibration(chance, low, high)


def _judged(earlier: Floats, today: Floats, alpha: float) -> tuple[Floats, Floats, Floats]:
    ordered = np.sort(_without_far_out(earlier), axis=1)
    count = present(ordered)
    upper = _upper_chance(ordered, count, today)
    lower = _upper_chance(np.sort(-ordered, axis=1), count, -today)
    chance = np.minimum(2 * np.minimum(upper, lower), 1.0)
    told = (count >= LEAST_SCORES) & ~np.isnan(today)
    return (
        np.where(told, chance, np.nan),
        -_upper_bound(np.sort(-ordered, axis=1), count, alpha / 2),
        _upper_bound(ordered, count, alpha / 2),
    )


def _without_far_out(scores: Floats) -> Floats:
    """Each side is measured by its own deviation: where most days hold nothing, those that hold something are no events."""
    above = scores - median(scores)[:, np.newaxis]
    high = FAR_OUT * deviation(np.where(above > 0, above, np.nan))[:, np.newaxis]
    low = FAR_OUT * deviation(np.where(above < 0, -above, np.nan))[:, np.newaxis]
    return np.where((above > high) | (-above > low), np.nan, scores)


def _upper_bound(ordered: Floats, count: Ints, share: float) -> Floats:
    """The order statistic that the next score passes with a chance of at most `share`: number ceil((n+1)(1-share))."""
    rank = np.ceil((count + 1) * (1 - share) - 1e-9).astype(np.int64)  # a whole number stays one
    there = (rank <= count) & (count >= LEAST_SCORES)
    if ordered.shape[1] == 0:
        return np.full(len(ordered), np.inf)
    place = np.clip(rank - 1, 0, ordered.shape[1] - 1)
    found = np.take_along_axis(ordered, place[:, np.newaxis], axis=1)[:, 0]
    return np.where(there, found, np.inf)


def _upper_chance(ordered: Floats, count: Ints, today: Floats) -> Floats:
    """The chance that an ordinary score is at least today's."""
    beyond = np.count_nonzero(ordered >= today[:, np.newaxis], axis=1)
    rank: Floats = (beyond + 1) / (count + 1)
    return np.where(beyond >= _RANKED, rank, np.minimum(rank, _tail_chance(ordered, count, today)))


def _tail_chance(ordered: Floats, count: Ints, today: Floats) -> Floats:
    """The chance by the tail that is fitted to the largest tenth; 1 where there are too few scores to fit one."""
    size = np.maximum((count * _TAIL_SHARE).astype(np.int64), _LEAST_TAIL)
    fitted = (count >= LEAST_SCORES) & (count > size)
    if ordered.shape[1] == 0 or not fitted.any():
        return np.ones(len(ordered))
    threshold = np.take_along_axis(ordered, np.maximum(count - size - 1, 0)[:, np.newaxis], axis=1)
    places = np.arange(ordered.shape[1])[np.newaxis]
    in_tail = (places >= (count - size)[:, np.newaxis]) & (places < count[:, np.newaxis])
    excess = np.where(in_tail, ordered - threshold, 0.0)
    # From the largest down the weights are 0, 1, 2 ... over size - 1: the sample's E[X (1 - F(X))].
    weights = np.where(in_tail, (count[:, np.newaxis] - 1 - places) / np.maximum(size - 1, 1)[:, np.newaxis], 0.0)
    mean = excess.sum(axis=1) / size
    weighted = (excess * weights).sum(axis=1) / size
    shape = _shape(mean, weighted, fitted)
    scale = np.maximum(mean * (1 - shape), 1e-12)
    over = np.maximum(today - threshold[:, 0], 0.0) / scale
    with np.errstate(invalid="ignore", over="ignore"):
        pareto = np.where(shape > 1e-6, (1 + shape * over) ** (-1 / np.maximum(shape, 1e-6)), np.exp(-over))  # noqa: PLR2004  # the limit of the Pareto form
    share = size / np.maximum(count, 1)
    return np.where(fitted, share * pareto, 1.0)


def _shape(mean: Floats, weighted: Floats, fitted: Bools) -> Floats:
    """The shape of each tail: its own is hardly to be known from 30 values, so it leans on those of the other series."""
    own = np.where(fitted & (mean > 0), weighted / np.maximum(mean, 1e-12), np.nan)
    others = min(np.count_nonzero(~np.isnan(own)) - 1, _LEANS_ON)
    if others < 0:
        return np.full(len(mean), _LIGHTEST_TAIL)
    ratio = (np.nan_to_num(own, nan=0.25) + others * np.nanmean(own)) / (1 + others)
    slack = np.maximum(1 - 2 * ratio, 1e-12)
    return np.clip(2 - 1 / slack, _LIGHTEST_TAIL, _HEAVIEST_TAIL)
