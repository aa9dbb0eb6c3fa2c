"""How sure a share is, and which of many findings are more than chance."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import ndtr

from tillhand_analytics.domain.records import Floats, Ints

Z_95: Final = 1.959963984540054
"""The two-sided 95 % point of the normal distribution."""


def wilson(hits: Ints | Floats, trials: Ints | Floats, z: float = Z_95) -> tuple[Floats, Floats]:
    """Lower and upper end of the interval for shares; NaN where there is no trial, or where hits are more.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22.
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
    return np.where(both, 2 * ndtr(-z), 1.0)


def discovered(p_values: Floats, tests: int | None = None) -> Floats:
    """False discovery rates at which each finding is one (Benjamini and Hochberg 1995), in the order of `p_values`.

    `tests` counts all hypotheses where those left out have larger p-values, or may be taken to have 1.
    Y. Benjamini, Y. Hochberg, Controlling the false discovery rate, JRSS B 57.
    """
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    ranked = p_values[order] * (max(count, tests or 0) / np.arange(1, count + 1))
    rates = np.empty(count)
    rates[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return rates
