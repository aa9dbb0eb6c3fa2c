"""What chance alone would bring: tests and intervals for counts, and the control of false discoveries."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tillhand_analytics.domain.records import Floats, Ints

_NODES: Final = 32


def q_values(p_values: Floats) -> Floats:
    """The smallest share of false discoveries at which each test would still count; NaN is no test and stays NaN.

    Benjamini and Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x; holds for tests that depend positively.
    """
    adjusted = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    ranked = p_values[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return adjusted


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
