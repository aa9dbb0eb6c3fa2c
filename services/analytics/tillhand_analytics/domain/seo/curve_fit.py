"""A smooth, robust curve through the click-through rates of many pages, some of which are not like the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import linalg
from scipy.optimize import isotonic_regression

from tillhand_analytics.domain.records import Bools, Floats, Ints
from tillhand_analytics.domain.seo.pairs import summed

_ROUNDS: Final = 20
_HALVINGS: Final = 16
_ENOUGH_CLICKS: Final = 5.0
_SMOOTH: Final = 10.0
_ANCHOR: Final = 1.0
_MAD: Final = 1.4826
_CAUCHY: Final = 2.385
_FIRST_DISPERSION: Final = 0.25
_SETTLED: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Cells:
    """Clicks and impressions of a pair in a group between two knots; `share` is the way made from `low`."""

    pair: Ints
    group: Ints
    low: Ints
    share: Floats
    clicks: Floats
    impressions: Floats

    def only(self, wanted: Bools) -> Cells:
        """Some of them."""
        return Cells(
            *(self.pair[wanted], self.group[wanted], self.low[wanted], self.share[wanted]),
            *(self.clicks[wanted], self.impressions[wanted]),
        )

    def expected(self, levels: Floats) -> Floats:
        """The clicks that a curve says."""
        logs = (1 - self.share) * levels[self.low] + self.share * levels[self.low + 1]
        expected: Floats = self.impressions * np.minimum(np.exp(logs), 1.0)
        return expected


@dataclass(frozen=True, slots=True)
class Fit:
    """Logarithms of the rate by knot, and how far pairs are spread around them: a variance of logarithms."""

    levels: Floats
    dispersion: float


def fitted(cells: Cells, log_knots: Floats) -> Fit:
    """Fit by reweighted least squares: a quasi-Poisson model with the spread between pairs, and Cauchy weights by pair.

    Smoothness is held by a penalty on the change of the slope from one span to the next, and where nothing is known the
    rate falls as one by the position (an anchor that weighs one click at each knot).
    """
    anchor = _anchor(cells, log_knots)
    levels, dispersion = anchor, _FIRST_DISPERSION
    penalty = _penalty(log_knots)
    for _ in range(_ROUNDS):
        expected = np.maximum(cells.expected(levels), 1e-12)
        weight = trusted(cells, expected, dispersion) * expected / (1 + dispersion * expected)
        target = np.log(expected / cells.impressions) + (cells.clicks - expected) / expected
        previous, levels = levels, _solved(cells, weight, target, penalty, anchor)
        dispersion = spread(cells, cells.expected(levels))
        if np.abs(levels - previous).max() < _SETTLED:
            break
    falling: Floats = isotonic_regression(levels, increasing=False).x
    return Fit(np.minimum(falling, 0.0), dispersion)


def trusted(cells: Cells, expected: Floats, dispersion: float) -> Floats:
    """How much each cell's pair is believed, from 1 for one like the others down to almost 0 (Cauchy weights)."""
    clicks, due = _by_pair(cells, cells.clicks), _by_pair(cells, expected)
    away = (clicks - due) / np.sqrt(np.maximum(due + dispersion * due**2, 1e-12))
    believed: Floats = 1 / (1 + (away / _CAUCHY) ** 2)
    return believed[cells.pair]


def spread(cells: Cells, expected: Floats) -> float:
    """The variance of the logarithm of clicks by expected clicks, beyond chance.

    The one under which the median deviation, each by its own error, is that of a normal distribution: a tenth of pairs
    that are far off changes little.
    """
    clicks, due = _by_pair(cells, cells.clicks), _by_pair(cells, expected)
    known = due >= _ENOUGH_CLICKS
    if not known.any():
        return _FIRST_DISPERSION
    logs = np.log((clicks[known] + 0.5) / (due[known] + 0.5))
    away, chance = np.abs(logs - _median(logs)), 1 / due[known]
    low, high = 0.0, float(away.max() ** 2 * _MAD**2)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        wide = _MAD * _median(away / np.sqrt(middle + chance)) > 1
        low, high = (middle, high) if wide else (low, middle)
    return low


def _median(values: Floats) -> float:
    """The upper median."""
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])


def _by_pair(cells: Cells, values: Floats) -> Floats:
    return summed(cells.pair, values, int(cells.pair.max(initial=-1)) + 1)


def _anchor(cells: Cells, log_knots: Floats) -> Floats:
    """One by the position, at the level of all clicks; a tenth at the first one where there are none."""
    shape = np.exp(-((1 - cells.share) * log_knots[cells.low] + cells.share * log_knots[cells.low + 1]))
    clicks, due = cells.clicks.sum(), (cells.impressions * shape).sum()
    level = (clicks + _ANCHOR) / (due + 10 * _ANCHOR)
    return np.asarray(min(np.log(level), 0.0) - log_knots, dtype=np.float64)


def _penalty(log_knots: Floats) -> Floats:
    """What turns of the slope cost, as a matrix for the levels at the knots."""
    knots = len(log_knots)
    slopes = np.diff(np.eye(knots), axis=0) / np.diff(log_knots)[:, None]
    turns = np.diff(slopes, axis=0)
    cost: Floats = _SMOOTH * turns.T @ turns + _ANCHOR * np.eye(knots)
    return cost


def _solved(cells: Cells, weight: Floats, target: Floats, penalty: Floats, anchor: Floats) -> Floats:
    """Weighted least squares for the levels; each cell touches the two knots around it only."""
    knots, low, share = len(anchor), cells.low, cells.share
    before, after = weight * (1 - share), weight * share
    normal = penalty.copy()
    diagonal = summed(low, before * (1 - share), knots) + summed(low + 1, after * share, knots)
    beside = summed(low, before * share, knots)[:-1]
    normal[np.diag_indices(knots)] += diagonal
    normal[np.arange(knots - 1), np.arange(1, knots)] += beside
    normal[np.arange(1, knots), np.arange(knots - 1)] += beside
    right = summed(low, before * target, knots) + summed(low + 1, after * target, knots)
    pull = _ANCHOR * anchor
    return np.asarray(linalg.solve(normal, right + pull, assume_a="pos"), dtype=np.float64)
