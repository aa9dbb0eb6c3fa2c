"""What customers will bring from now on: expected purchases, discounted, times what one is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.customers.bgnbd_fit import PurchaseFit, fit_purchases
from tillhand_analytics.domain.customers.gamma_gamma import MoneyFit, fit_money
from tillhand_analytics.domain.customers.purchases import Histories
from tillhand_analytics.domain.records import Floats

YEAR_DAYS: Final = 365.25
_STEP_DAYS: Final = YEAR_DAYS / 12
_MOST_YEARS: Final = 10
_MOST_DISCOUNT: Final = 10


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far is looked ahead, what a year's delay costs, and how much of the money is earned.

    `margin` is a share of the value of purchases; 1 gives revenue. Raises ValueError naming the field.
    """

    days: float = 365.0
    yearly_discount: float = 0.10
    margin: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.days <= _MOST_YEARS * YEAR_DAYS:
            raise ValueError("days: a horizon is above 0 and at most ten years")
        if not 0 <= self.yearly_discount <= _MOST_DISCOUNT:
            raise ValueError("yearly_discount: a rate from 0 to 10 is needed, such as 0.1")
        if not 0 <= self.margin <= 1:
            raise ValueError("margin: a share from 0 to 1 is needed")

    def steps(self) -> tuple[Floats, Floats]:
        """The ends of steps of about a month, in days, and what money of each counts, discounted from its middle."""
        number = max(int(np.ceil(self.days / _STEP_DAYS)), 1)
        ends = self.days * np.arange(1, number + 1) / number
        middles = ends - self.days / number / 2
        return ends, (1 + self.yearly_discount) ** (-middles / YEAR_DAYS)


@dataclass(frozen=True, slots=True)
class Worth:
    """What each customer is expected to bring within the horizon, one row per history.

    `purchases` are not discounted; `value_minor` is, times the margin. Both values are NaN where nothing is known of
    what a purchase is worth.
    """

    purchases: Floats
    mean_value_minor: Floats
    value_minor: Floats


@dataclass(frozen=True, slots=True)
class Population:
    """How customers buy, and for how much."""

    buying: PurchaseFit
    money: MoneyFit

    def worth(self, known: Histories, horizon: Horizon, *, unit_days: float = 1.0) -> Worth:
        """Lifetime value within the horizon, by BG/NBD and Gamma-Gamma (Fader, Hardie and Lee 2005, RFM and CLV)."""
        ends, weights = horizon.steps()
        expected = self.buying.model.expected_purchases(known, ends / unit_days)
        discounted = np.diff(expected, axis=1, prepend=0.0) @ weights
        mean = self.money.model.expected_value_minor(known)
        return Worth(expected[:, -1], mean, discounted * mean * horizon.margin)


def fit(known: Histories, near: Population | None = None) -> Population:
    """The population that the histories come from, looked for near another one. Raises `TooFew`."""
    if near is None:
        return Population(fit_purchases(known), fit_money(known))
    return Population(fit_purchases(known, near.buying), fit_money(known, near.money))


def own_rate(known: Histories, horizon: Horizon, *, unit_days: float = 1.0) -> Worth:
    """The naive forecast: everybody goes on as before.

    That is, at repeat purchases per time since the first purchase, each worth the mean of the repeat purchases so far;
    nothing is expected of who has not come back.
    """
    weights = horizon.steps()[1]
    rate = np.divide(known.frequency, known.age, out=np.zeros(len(known)), where=known.age > 0) / unit_days
    mean = np.nan_to_num(known.mean_value_minor)
    return Worth(rate * horizon.days, mean, rate * horizon.days * mean * weights.mean() * horizon.margin)
