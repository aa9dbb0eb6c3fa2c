"""Whether visitors were split as intended: if not, the arms differ in more than the variant, and nothing may be read.

`fixed` is Pearson's chi-square test for one look. `sequential` holds at every look: the Dirichlet-multinomial mixture
of Lindon and Malek 2022 (NeurIPS, "Anytime-valid inference for multinomial count data"), which is exact for any sample
size.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import chdtrc, gammaln

from tillhand_analytics.domain.records import Floats, Ints

IMBALANCE: Final = 0.01
"""The chance of a split below which nothing is read: a false alarm in one of a hundred experiments, however long."""
CONCENTRATION: Final = 1000.0
"""Visitors that the prior is worth: it looks for shares that are off by about 1.6 points, as broken splits are."""


def fixed(visitors: Ints, shares: Floats) -> float:
    """The chance of counts at least as uneven, at one look; 1 without visitors. Both have shape (arms,)."""
    whole = int(visitors.sum())
    if whole == 0:
        return 1.0
    expected = whole * shares
    return float(chdtrc(len(shares) - 1, ((visitors - expected) ** 2 / expected).sum()))


def sequential(visitors: Ints, shares: Floats) -> Floats:
    """The always-valid chance at each look, for counts of shape (..., looks, arms), in shape (..., looks)."""
    prior = CONCENTRATION * shares
    whole = visitors.sum(axis=-1)
    grown = (gammaln(prior + visitors) - gammaln(prior)).sum(axis=-1) - (visitors * np.log(shares)).sum(axis=-1)
    log_evidence = grown + gammaln(CONCENTRATION) - gammaln(CONCENTRATION + whole)
    least: Floats = np.exp(-np.maximum.accumulate(log_evidence, axis=-1))
    return np.minimum(least, 1.0)
