"""Bounds that hold at every look at once.

An estimate with variance V that was normal at every moment leaves `radius` once or never with a chance of 1 - alpha,
over all moments together: the mixture sequential probability ratio test with a normal prior of variance tau² (Robbins
1970, Ann. Math. Stat. 41; Johari, Koomen, Pekelis and Walsh 2022, Oper. Res. 70, "Always valid inference"). With
estimated variances it holds as the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
(2024, Ann. Stat. 52). tau² is chosen for the variance that is planned for, where it makes the bounds as tight as they
can be (Howard, Ramdas, McAuliffe and Sekhon 2021, Ann. Stat. 49, section 3.5); elsewhere they are a little wider, and
hold as well.
"""

from __future__ import annotations

import numpy as np
from scipy.special import lambertw

from tillhand_analytics.domain.records import Floats


def tuning(alpha: float) -> float:
    """tau² over the planned variance: r solves r = 2 ln(1 / alpha) + ln(1 + r)."""
    return float(-lambertw(-(alpha**2) / np.e, -1).real) - 1.0


def radius(variance: Floats, planned: Floats, alpha: float) -> Floats:
    """How far an estimate may be from the truth, at every look at once; infinite where the variance is 0 or unknown.

    `planned` is the variance that is expected at the planned end.
    """
    tau2 = tuning(alpha) * planned
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = tau2 / variance
        found = np.sqrt(variance * (1 + 1 / ratio) * (2 * np.log(1 / alpha) + np.log1p(ratio)))
    return np.where((variance > 0) & np.isfinite(found), found, np.inf)


def evidence(estimate: Floats, variance: Floats, planned: Floats, alpha: float) -> Floats:
    """The mixture likelihood ratio against no effect, as a logarithm: the chance that it ever passes
    ln(1 / a) is at most a.
    """
    tau2 = tuning(alpha) * planned
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 0.5 * np.log(variance / (variance + tau2)) + estimate**2 * tau2 / (2 * variance * (variance + tau2))
    return np.where((variance > 0) & np.isfinite(found), found, 0.0)


def chance(log_evidence: Floats) -> Floats:
    """The always-valid p-value at each look along the last axis: the least so far, as evidence is never lost."""
    return np.minimum(np.exp(-np.maximum.accumulate(log_evidence, axis=-1)), 1.0)
