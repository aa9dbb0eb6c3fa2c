"""What customers will bring from now on: expected purchases, discounted, times what one is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.customers.bgnbd import BgNbd
from tillhand_analytics.domain.customers.gamma_gamma import GammaGamma
from tillhand_analytics.domain.customers.purchases import Histories
from tillhand_analytics.domain.records import Floats

YEAR_DAYS: Final = 365.25
_STEP_DAYS: Final = YEAR_DAYS / 12


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far is looked ahead, what a year's delay costs, and how much of the money is earned.

    `margin` is a share of the value of purchases; 1 gives revenue. Raises ValueError naming the field.
    """

    days: float = 365.0
    yearly_discount: float = 0.10
    margin: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.days <= 10 * YEAR_DAYS:
            raise ValueError("days: a horizon is above 0 and at most ten years")
        if not 0 <= self.yearly_discount < 10:  # noqa: PLR2004  # a thousand per cent a year
            raise ValueError("yearly_discount: a rate from 0 to 10 is needed, such as 0.1")
        if not 0 <= self.margin <= 1:
            raise ValueError("margin: a share from 0 to 1 is needed")


@dataclass(frozen=True, slots=True)
class Worth:
    """What each customer is expected to bring within the horizon, one row per history.

    `purchases` are not discounted, `value_minor` is, times the margin; NaN where a purchase has no expected value.
    """

    alive: Floats
    purchases: Floats
    mean_value_minor: Floats
    value_minor: Floats


def worth(buying: BgNbd, money: GammaGamma, known: Histories, horizon: Horizon, *, unit_days: float = 1.0) -> Worth:
    """The customers' lifetime value within the horizon, by BG/NBD and Gamma-Gamma.

    Purchases of about a month each are discounted from its middle (Fader, Hardie and Lee 2005, RFM and CLV).
    """
    steps = max(int(np.ceil(horizon.days / _STEP_DAYS)), 1)
    ends = horizon.days * np.arange(1, steps + 1) / steps
    expected = buying.expected_purchases(known, ends / unit_days)
    middles = ends - horizon.days / steps / 2
    weights = (1 + horizon.yearly_discount) ** (-middles / YEAR_DAYS)
    discounted = np.diff(expected, axis=1, prepend=0.0) @ weights
    mean = money.expected_value_minor(known)
    return Worth(buying.probability_alive(known), expected[:, -1], mean, discounted * mean * horizon.margin)
