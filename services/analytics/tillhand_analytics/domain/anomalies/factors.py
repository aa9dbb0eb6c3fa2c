"""How a deviation came about: the product that a metric is, taken apart into its factors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from tillhand_analytics.domain.anomalies.facts import Metric
from tillhand_analytics.domain.anomalies.lmdi import parts

CHAINS: Final[Mapping[Metric, tuple[tuple[str, Metric], ...]]] = {
    "sales_minor": (("orders", "orders"), ("units_per_order", "units"), ("price_per_unit", "sales_minor")),
    "units": (("orders", "orders"), ("units_per_order", "units")),
    "orders": (("sessions", "sessions"), ("orders_per_session", "orders")),
    "clicks": (("impressions", "impressions"), ("click_through_rate", "clicks")),
}
"""Each factor is its metric over that of the factor before; the first one is its metric alone."""
TRAFFIC: Final = (("sessions", "sessions"), ("orders_per_session", "orders"), ("order_value", "sales_minor"))
"""Sales once more, as traffic times conversion times order value, where visits are known."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor: its value and what was expected, and its part of the deviation; the parts of a chain add up to it."""

    name: str
    actual: float
    expected: float
    part: float
    share: float


def taken_apart(
    chain: Sequence[tuple[str, Metric]], actual: Mapping[Metric, float], expected: Mapping[Metric, float]
) -> tuple[Factor, ...]:
    """The factors of a chain by the sums of its metrics over an episode; none where a sum is missing or 0."""
    sums = [of.get(metric, 0.0) for _, metric in chain for of in (actual, expected)]
    if not all(math.isfinite(each) and each > 0 for each in sums):
        return ()
    now = _quotients([actual[metric] for _, metric in chain])
    usual = _quotients([expected[metric] for _, metric in chain])
    moved = parts(now, usual)
    deviation = float(moved.sum())
    return tuple(
        Factor(
            name, float(now[place]), float(usual[place]), float(moved[place]), _share(float(moved[place]), deviation)
        )
        for place, (name, _) in enumerate(chain)
    )


def _quotients(sums: Sequence[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([sums[0], *(after / before for before, after in pairwise(sums))])


def _share(part: float, deviation: float) -> float:
    return part / deviation if deviation else 0.0
