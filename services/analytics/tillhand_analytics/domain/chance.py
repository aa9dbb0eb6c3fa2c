"""What chance alone would bring: tests and intervals for counts and shares, and the control of false discoveries."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tillhand_analytics.domain.records import Floats, Ints

_NODES: Final = 32
Z_95: Final = 1.959963984540054
"""The two-sided 95 % point of the normal distribution."""


def q_values(p_values: Floats, tests: int = 0) -> Floats:
    """The smallest share of false discoveries at which each test would still count; NaN is no test and stays NaN.

    Of any shape, all of it one family. `tests` counts the whole family where more were made than are told of, of which
    those that are left out have larger p-values, or may be taken to have 1. Benjamini and Hochberg (1995), doi
    10.1111/j.2517-6161.1995.tb02031.x; holds for tests that depend positively, as a total does on its parts
    (Benjamini and Yekutieli 2001, doi 10.1214/aos/1013699998).
    """
    flat = np.ravel(p_values)
    adjusted = np.full(flat.size, np.nan)
    tested = np.flatnonzero(~np.isnan(flat))
    order = tested[np.argsort(flat[tested], kind="stable")]
    ranked = flat[order] * max(tests, len(order)) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return adjusted.reshape(np.shape(p_values))


def wilson(hits: Ints | Floats, trials: Ints | Floats, z: float = Z_95) -> tuple[Floats, Floats]:
    """Lower and upper end of the interval for shares; NaN where there is no trial, or where hits are more.

    Wilson (1927), doi 10.1080/01621459.1927.10502953.
    """
    counted = (trials > 0) & (hits <= trials)
    count = np.where(counted, trials, 1).astype(np.float64)
    share = np.where(counted, hits, 0) / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    return np.where(counted, low, np.nan), np.where(counted, high, np.nan)


def two_shares(hits: Ints, trials: Ints, other_hits: Ints, other_trials: Ints) -> Floats:
    """Two-sided p-values that two shares are the same (pooled z-test); 1 where there is nothing to compare."""
    both = (trials > 0) & (other_trials > 0) & (hits <= trials) & (other_hits <= other_trials)
    one, other = np.where(both, trials, 1).astype(np.float64), np.where(both, other_trials, 1).astype(np.float64)
    pooled = np.where(both, hits + other_hits, 0) / (one + other)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / one + 1 / other))
    difference = np.abs(np.where(both, hits, 0) / one - np.where(both, other_hits, 0) / other)
    z = np.divide(difference, spread, out=np.zeros(len(one)), where=spread > 0)
    return np.where(both, 2 * special.ndtr(-z), 1.0)


def as_few(count: Ints, mean: Floats, dispersion: float = 0.0) -> Floats:
    """The chance of `count` or fewer where `mean` is expected; `dispersion` is the variance of the logarithms of means.

    Poisson with a lognormal mean whose median is `mean` (Bulmer 1974), by Gauss and Hermite's rule.
    """
    counted, expected = np.asarray(count, dtype=np.float64), np.asarray(mean, dtype=np.float64)
    nodes, shares = special.roots_hermitenorm(_NODES)
    means = expected[:, None] * np.exp(np.sqrt(dispersion) * nodes)
    chances: Floats = special.gammaincc(counted[:, None] + 1, means) @ (shares / shares.sum())
    return np.clip(chances, 0.0, 1.0)


def changed(before: Ints, now: Ints, share_now: float = 0.5) -> Floats:
    """The two-sided chance that counts of one rate differ as much; `share_now` is the expected share of `now`.

    The conditional binomial test of two Poisson counts (Przyborowski and Wilenski 1940), both tails doubled.
    """
    total = before + now
    below: Floats = special.bdtr(now.astype(np.float64), total, share_now)
    above: Floats = special.bdtrc(now.astype(np.float64) - 1, total, share_now)
    above = np.where(now == 0, 1.0, above)
    both: Floats = np.minimum(2 * np.minimum(below, above), 1.0)
    return both


def rates(count: ArrayLike, exposure: ArrayLike, prior: float, confidence: float) -> tuple[Floats, Floats, Floats]:
    """The mean of a rate, and its lower and upper bound, where it is 1 beforehand with the weight of `prior` events.

    `exposure` is the count expected at a rate of 1. The gamma posterior of a Poisson rate.
    """
    shape, rate = np.asarray(count) + prior, np.asarray(exposure) + prior
    tail = (1 - confidence) / 2
    low: Floats = special.gammaincinv(shape, tail) / rate
    high: Floats = special.gammaincinv(shape, 1 - tail) / rate
    return shape / rate, low, high


def poisson_interval(count: ArrayLike, confidence: float) -> tuple[Floats, Floats]:
    """Bounds of the mean behind a count (Garwood 1936)."""
    counted = np.asarray(count, dtype=np.float64)
    tail = (1 - confidence) / 2
    low: Floats = np.where(counted > 0, special.gammaincinv(np.maximum(counted, 1), tail), 0.0)
    high: Floats = special.gammaincinv(counted + 1, 1 - tail)
    return low, high
