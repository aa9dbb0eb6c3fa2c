"""Finds the BG/NBD population that makes the histories of customers most likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import digamma, gammaln

from tillhand_analytics.domain.customers.bgnbd import BgNbd
from tillhand_analytics.domain.customers.maximum import Maximum, TooFew, maximum
from tillhand_analytics.domain.customers.purchases import Histories, sums
from tillhand_analytics.domain.records import Floats, Ints

_STARTS: Final = ((1.0, 1.0, 1.0, 1.0), (0.3, 0.2, 0.8, 2.5), (0.8, 0.3, 0.1, 3.0))
_NAMES: Final = ("r", "alpha", "a", "b")
_SAMPLE: Final = 600
_NOBODY_LEAVES: Final = 0.01
FEWEST: Final = 20
"""Customers with a repeat purchase, below which four parameters are not looked for."""


@dataclass(frozen=True, slots=True)
class PurchaseFit:
    """The model and how sure its parameters are."""

    model: BgNbd
    maximum: Maximum
    customers: int


@dataclass(frozen=True, slots=True)
class _Alike:
    """Histories, equal ones once: how many of each, and where each frequency is among the `levels`."""

    levels: Floats
    level: Ints
    recency: Floats
    age: Floats
    number: Floats
    of_level: Floats

    @classmethod
    def of(cls, known: Histories) -> _Alike:
        order = np.lexsort((known.recency, known.age, known.frequency))
        rows = np.stack([known.frequency, known.recency, known.age])[:, order]
        starts = np.flatnonzero(np.append(True, (rows[:, 1:] != rows[:, :-1]).any(axis=0)))
        x, recency, age = rows[:, starts]
        number = np.diff(np.append(starts, len(order))).astype(np.float64)
        levels, level = np.unique(x, return_inverse=True)
        return cls(levels, level, recency, age, number, sums(level, number, len(levels)))


def log_likelihood(model: BgNbd, known: Histories) -> float:
    """How likely the histories are: the sum over customers of the logarithm of (6) of the paper."""
    place = np.log([model.r, model.alpha, model.a, model.b])
    return -_cost(place, _Alike.of(known))[0]


def fit_purchases(known: Histories, near: PurchaseFit | None = None) -> PurchaseFit:
    """The population of highest likelihood, looked for near another one if that is given and can be trusted.

    Raises `TooFew` with fewer than 20 customers who came back.
    """
    returned = int((known.frequency > 0).sum())
    if returned < FEWEST:
        raise TooFew(f"frequency: {returned} customers came back; {FEWEST} are needed to fit a population")
    every, some = _Alike.of(known), _Alike.of(known.some(_SAMPLE))
    scales = (1.0, float(known.age.mean()), 1.0, 1.0)
    starts = _STARTS if near is None or near.maximum.boundary else (np.divide(near.maximum.values, scales).tolist(),)
    found = maximum(lambda at: _cost(at, every), starts, _NAMES, scales, lambda at: _cost(at, some))
    model = BgNbd(*found.values)
    return PurchaseFit(model, _without_leavers(found, model), len(known))


def _without_leavers(found: Maximum, model: BgNbd) -> Maximum:
    """Says so where hardly anybody leaves: the likelihood no longer knows b, and P(alive) means nothing."""
    if model.a / (model.a + model.b) >= _NOBODY_LEAVES:
        return found
    reason = "a is about 0: hardly anybody is thought to leave"
    return Maximum(found.estimates, found.log_likelihood, (reason, *found.boundary))


def _cost(place: Floats, known: _Alike) -> tuple[float, Floats]:
    """Minus the log-likelihood and its gradient over the logarithms of the parameters.

    With (6) as A1 A2 (A3 + A4), `gone` is the share of A4, that is, the chance of having left.
    """
    r, alpha, a, b = np.exp(place)
    x, level, n = known.levels, known.level, known.number
    power = (r + x)[level]
    to_end, to_last = np.log(alpha + known.age), np.log(alpha + known.recency)
    after = np.where(x > 0, b + x - 1, np.inf)
    with np.errstate(divide="ignore"):
        leaving = np.log(a / after)
    stayed, left = -power * to_end, leaving[level] - power * to_last
    odds = left - stayed
    small = np.exp(-np.abs(odds))
    either = np.maximum(stayed, left) + np.log1p(small)
    gone = n * np.where(odds > 0, 1.0, small) / (1 + small)
    here = n - gone
    terms = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + gammaln(b + x) - gammaln(b)
    total = known.of_level @ (terms + gammaln(a + b) - gammaln(a + b + x)) + n @ either
    either_way = digamma(a + b) - digamma(a + b + x)
    slopes = (
        known.of_level @ (digamma(r + x) - digamma(r) + np.log(alpha)) - here @ to_end - gone @ to_last,
        n.sum() * r / alpha - power @ (here / (alpha + known.age) + gone / (alpha + known.recency)),
        known.of_level @ either_way + gone.sum() / a,
        known.of_level @ (either_way + digamma(b + x) - digamma(b)) - gone @ (1 / after)[level],
    )
    gradient: Floats = -np.asarray(slopes) * np.exp(place)
    return -float(total), gradient
