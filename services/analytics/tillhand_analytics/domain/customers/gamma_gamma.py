"""Gamma-Gamma: what a purchase of a customer will be worth on average.

Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value (brucehardie.com/notes/025): a customer's purchases are
gamma with shape p around a mean of his own, which is inverse gamma over customers (q, v). It holds only where how often
somebody buys says nothing about for how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import digamma, gammaln

from tillhand_analytics.domain.customers.maximum import Maximum, TooFew, maximum
from tillhand_analytics.domain.customers.purchases import Histories
from tillhand_analytics.domain.records import Bools, Floats, Ints

FEWEST: Final = 20
"""Customers with a repeat purchase of some worth, below which three parameters are not looked for."""
RELATED: Final = 0.3
"""Rank correlation of frequency and money from which on the two are not taken as independent: a twelfth of what decides
about one is in the other.
"""
_ALL_ALIKE: Final = 1000.0
_STARTS: Final = ((6.0, 4.0, 0.4), (1.5, 2.0, 1.0), (20.0, 3.0, 0.1))
_NAMES: Final = ("p", "q", "v")
_SAMPLE: Final = 600


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """A population of customers; `v` is in the unit of the money. It has a mean only where q is above 1."""

    p: float
    q: float
    v: float

    @property
    def mean_value_minor(self) -> float:
        """Of a purchase of somebody of whom nothing is known; NaN where there is none."""
        return self.v * self.p / (self.q - 1) if self.q > 1 else float("nan")

    def expected_value_minor(self, known: Histories) -> Floats:
        """Of a purchase of each customer: his own mean, drawn towards that of all by how seldom he came back (5)."""
        counted = _counted(known)
        x = np.where(counted, known.frequency, 0)
        mean = np.where(counted, known.mean_value_minor, 0.0)
        below = self.p * x + self.q - 1
        expected: Floats = np.divide(self.p * (self.v + x * mean), below, out=np.full(len(x), np.nan), where=below > 0)
        return expected


@dataclass(frozen=True, slots=True)
class MoneyFit:
    """The model, how sure its parameters are, and whether it may be used.

    `rank_correlation` is Spearman's of frequency and mean value among the `customers` who came back;
    `left_out` are those of them whose purchases were worth nothing.
    """

    model: GammaGamma
    maximum: Maximum
    customers: int
    left_out: int
    rank_correlation: float

    @property
    def independent(self) -> bool:
        """Whether frequency and money are independent enough for the model."""
        return abs(self.rank_correlation) < RELATED


@dataclass(frozen=True, slots=True)
class _Spent:
    """What was spent on repeat days, with what only depends on the frequency once for each of them (`levels`).

    `logs` is the sum of frequency times the logarithm of `total`, `log_mean` that of the logarithm of the mean.
    """

    levels: Floats
    level: Ints
    of_level: Floats
    total: Floats
    logs: float
    log_mean: float

    @classmethod
    def of(cls, x: Floats, mean: Floats) -> _Spent:
        levels, level = np.unique(x, return_inverse=True)
        of_level = np.bincount(level).astype(np.float64)
        return cls(levels, level, of_level, x * mean, float(x @ np.log(x * mean)), float(np.log(mean).sum()))


def fit_money(known: Histories, near: MoneyFit | None = None) -> MoneyFit:
    """The population of highest likelihood, looked for near another one if that is given.

    Raises `TooFew` with fewer than 20 customers to learn from.
    """
    counted = _counted(known)
    x, mean = known.frequency[counted].astype(np.float64), known.mean_value_minor[counted]
    if len(x) < FEWEST:
        raise TooFew(f"mean_value_minor: {len(x)} customers came back for money; {FEWEST} are needed for a fit")
    scales = (1.0, 1.0, float(mean.mean()))
    step = -(-len(x) // _SAMPLE)
    every, some = _Spent.of(x, mean), _Spent.of(x[::step], mean[::step])
    starts = _STARTS if near is None else (np.divide(near.maximum.values, scales).tolist(),)
    found = maximum(lambda at: _cost(at, every), starts, _NAMES, scales, lambda at: _cost(at, some))
    model = GammaGamma(*found.values)
    return MoneyFit(
        model=model,
        maximum=_told(found, model),
        customers=len(x),
        left_out=int((known.frequency > 0).sum()) - len(x),
        rank_correlation=_rank_correlation(x, mean),
    )


def _counted(known: Histories) -> Bools:
    """Who came back for something that was worth more than nothing."""
    counted: Bools = (known.frequency > 0) & (np.nan_to_num(known.mean_value_minor) > 0)
    return counted


def _told(found: Maximum, model: GammaGamma) -> Maximum:
    """Says what an edge means: there is no mean, or everybody has the same."""
    if model.q <= 1:
        reason = "q is not above 1: the population has no mean"
    elif model.q > _ALL_ALIKE:
        reason = "q is very large: customers hardly differ in what they spend, and all are expected to spend the same"
    else:
        return found
    return Maximum(found.estimates, found.log_likelihood, (reason, *found.boundary))


def _rank_correlation(x: Floats, mean: Floats) -> float:
    """Spearman's, 0 where everybody came back equally often or paid the same."""
    if np.ptp(x) == 0 or np.ptp(mean) == 0:
        return 0.0
    return float(np.corrcoef(_ranks(x), _ranks(mean))[0, 1])


def _ranks(values: Ints | Floats) -> Floats:
    """From 1; equal values share the middle of their places. `scipy.stats` has it too, and takes a second to import."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    middles: Floats = np.cumsum(counts) - (counts - 1) / 2
    return middles[place]


def _cost(place: Floats, known: _Spent) -> tuple[float, Floats]:
    """Minus the log-likelihood (1a) and its gradient over the logarithms of the parameters."""
    p, q, v = np.exp(place)
    x, level, n = known.levels, known.level, known.of_level
    shape = p * x + q
    logs = np.log(v + known.total)
    total = n @ (gammaln(shape) - gammaln(p * x) - gammaln(q) + q * np.log(v)) + p * known.logs - known.log_mean
    total -= shape[level] @ logs
    drawn = digamma(shape)
    slopes = (
        (n * x) @ (drawn - digamma(p * x)) + known.logs - x[level] @ logs,
        n @ (drawn - digamma(q) + np.log(v)) - logs.sum(),
        n.sum() * q / v - shape[level] @ (1 / (v + known.total)),
    )
    return -float(total), -np.asarray(slopes) * np.exp(place)
