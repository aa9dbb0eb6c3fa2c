"""Which elements of a dimension a deviation lies in, compared with the mix of the weeks before.

What was expected of an element is its usual share of what was expected of all, by weekday; so the parts of every
dimension add up to the deviation exactly. An element is only a cause as far as it did *more* than its share of the
deviation: one that is nine tenths of the shop takes nine tenths of every deviation, and explains none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.anomalies.facts import Facts
from tillhand_analytics.domain.records import Bools, Floats, Ints, Texts

REFERENCE_DAYS: Final = 56
ONE_SIDED: Final = 1.645
"""Standard errors that are taken off a share, so that 5 % of those that are noise alone are left above it."""
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Mix:
    """One dimension over the days of an episode. Arrays have one entry for each element.

    `actual` and `expected` are sums of the metric, or rates. `weight` is the usual share of the whole, `moved` the part
    of the deviation, and `error` its standard error by the weeks before.
    """

    dimension: str
    names: Texts
    actual: Floats
    expected: Floats
    weight: Floats
    moved: Floats
    error: Floats

    def beyond(self, deviation: float, chosen: Bools) -> float:
        """How far a group of elements explains the deviation beyond its weight, from 0 to 1, as far as that is sure.

        (share - weight) / (1 - weight), as Cohen's kappa corrects an agreement for chance, of the share that is left
        after its error. A group's share is at most 1: what it did more was made up for elsewhere.
        """
        weight = float(self.weight[chosen].sum())
        if deviation == 0 or weight >= 1 or not chosen.any():
            return 0.0
        error = float(np.sqrt(np.square(self.error[chosen]).sum()))
        share = (self.moved[chosen].sum() / deviation) - ONE_SIDED * error / abs(deviation)
        return float(np.clip((min(share, 1.0) - weight) / (1 - weight), 0.0, 1.0))

    def beyond_each(self, deviation: float) -> Floats:
        """`beyond` of every element by itself."""
        if deviation == 0:
            return np.zeros(len(self.names))
        share = np.minimum(self.moved / deviation - ONE_SIDED * self.error / abs(deviation), 1.0)
        left = np.maximum(1 - self.weight, 1e-9)
        return np.where(self.weight < 1, np.clip((share - self.weight) / left, 0.0, 1.0), 0.0)


def mix(facts: Facts, dimension: str, days: Ints, expected: Floats, reference: Ints) -> Mix:
    """The dimension over `days`, of whose whole `expected` was expected each, by the mix of the `reference` days.

    Days are places and belong to one episode, in order.
    """
    values = _window(facts, dimension, days, reference)
    if facts.base is None:
        return _sums(facts.splits[dimension].names, dimension, values, days, expected, reference)
    bases = _window(facts, dimension, days, reference, base=True)
    return _rates(facts.splits[dimension].names, dimension, values, bases, expected)


@dataclass(frozen=True, slots=True)
class _Window:
    """Sums by element and day: before the episode, and in it."""

    before: Floats
    during: Floats


def _window(facts: Facts, dimension: str, days: Ints, reference: Ints, *, base: bool = False) -> _Window:
    wanted = np.concatenate([reference, days])
    near = facts.where((facts.day >= wanted.min()) & (facts.day <= wanted.max()))
    sums = near.by_day(dimension, base=base)
    return _Window(sums[:, reference], sums[:, days])


def _sums(names: Texts, dimension: str, values: _Window, days: Ints, expected: Floats, reference: Ints) -> Mix:
    shares = _usual_shares(values.before, reference % _WEEK)
    promised = (shares[:, days % _WEEK] * expected).sum(axis=1)
    off = values.before - shares[:, reference % _WEEK] * values.before.sum(axis=0)
    error = np.sqrt(np.square(off).mean(axis=1) * days.size)
    actual = values.during.sum(axis=1)
    whole = max(float(promised.sum()), 1e-12)
    return Mix(dimension, names, actual, promised, promised / whole, actual - promised, error)


def _usual_shares(before: Floats, weekday: Ints) -> Floats:
    """The share of each element on each weekday, leaning on its share of all days by as much as a usual day weighs."""
    whole = before.sum()
    overall = before.sum(axis=1) / max(whole, 1e-12)
    prior = whole / max(before.shape[1], 1)
    shares = np.empty((len(before), _WEEK))
    for each in range(_WEEK):
        of_day = before[:, weekday == each].sum(axis=1)
        shares[:, each] = (of_day + prior * overall) / max(of_day.sum() + prior, 1e-12)
    return shares


def _rates(names: Texts, dimension: str, values: _Window, bases: _Window, expected: Floats) -> Mix:
    """A rate moves by what moved within its elements, and by their mix (Bennet 1920): both add up exactly."""
    usual, now = bases.before.sum(axis=1), bases.during.sum(axis=1)
    usual_share, share = usual / max(usual.sum(), 1e-12), now / max(now.sum(), 1e-12)
    rate_before = values.before.sum(axis=1) / np.maximum(usual, 1e-12)
    rate_now = values.during.sum(axis=1) / np.maximum(now, 1e-12)
    during = bases.during.sum(axis=0)
    whole = float((expected * during).sum() / max(during.sum(), 1e-12))
    known = float((usual_share * rate_before).sum())
    rate_before = rate_before * (whole / known if known > 0 else 0.0)
    reached = float((share * rate_now).sum())
    within = (share + usual_share) / 2 * (rate_now - rate_before)
    moved = within + (share - usual_share) * ((rate_now + rate_before) - (reached + whole)) / 2
    error = share * np.sqrt(np.maximum(rate_before * (1 - np.minimum(rate_before, 1)), 0) / np.maximum(now, 1))
    weight = usual_share * rate_before / max(whole, 1e-12)
    return Mix(dimension, names, rate_now, rate_before, weight, moved, error)
