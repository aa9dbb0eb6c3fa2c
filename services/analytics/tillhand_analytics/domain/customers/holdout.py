"""Whether the models foretell better than a customer's own rate does, on days that they have not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.customers.lifetime import Horizon, Population, fit, own_rate
from tillhand_analytics.domain.customers.purchases import Histories, Purchases, histories, sums
from tillhand_analytics.domain.records import Floats

_DAY: Final = np.timedelta64(1, "D")
Winner = Literal["model", "naive"]


@dataclass(frozen=True, slots=True)
class Errors:
    """How far a forecast was from what came: per customer, and in all.

    `bias` is by how much the sum was above what came, as a share of it; NaN where nothing came.
    """

    mean_absolute: float
    root_mean_square: float
    bias: float


@dataclass(frozen=True, slots=True)
class Contest:
    """What came of each customer, and what the model and the naive rate had expected."""

    came: Floats
    expected: Floats
    naive: Floats

    @property
    def model_errors(self) -> Errors:
        """Of the model."""
        return errors(self.expected, self.came)

    @property
    def naive_errors(self) -> Errors:
        """Of the naive rate."""
        return errors(self.naive, self.came)

    @property
    def won(self) -> bool:
        """Whether the model was closer than the naive rate, both by the mean and by the mean square of the errors."""
        ours, theirs = self.model_errors, self.naive_errors
        return ours.mean_absolute < theirs.mean_absolute and ours.root_mean_square < theirs.root_mean_square


@dataclass(frozen=True, slots=True)
class Holdout:
    """Models fitted up to `split_day`, and how they did on the days after it, up to `last_day`.

    `known` are the customers by `split_day`; those who came later are nobody's to foretell.
    """

    split_day: np.datetime64
    last_day: np.datetime64
    population: Population
    known: Histories
    purchases: Contest
    value_minor: Contest

    @property
    def preferred(self) -> Winner:
        """What to go by: the model where it won on purchases and on money, and its parameters can be trusted."""
        won = self.purchases.won and self.value_minor.won
        return "model" if won and not self.population.buying.maximum.boundary else "naive"


def errors(expected: Floats, came: Floats) -> Errors:
    """How far `expected` was from what came; NaN where there is nobody."""
    if not len(came):
        return Errors(np.nan, np.nan, np.nan)
    off, total = expected - came, float(came.sum())
    return Errors(
        mean_absolute=float(np.abs(off).mean()),
        root_mean_square=float(np.sqrt((off**2).mean())),
        bias=float(off.sum() / total) if total else float("nan"),
    )


def holdout(
    bought: Purchases,
    split_day: np.datetime64,
    last_day: np.datetime64,
    *,
    unit_days: float = 1.0,
    near: Population | None = None,
) -> Holdout:
    """Fits up to `split_day`, near a population that is thought to be alike, and looks what came until `last_day`.

    Raises ValueError where the days are in the wrong order, `TooFew` where too few customers are known by `split_day`.
    """
    if not split_day < last_day:
        raise ValueError("split_day: it has to lie before the last day")
    known = histories(bought, split_day, unit_days=unit_days)
    population = fit(known, near)
    ahead = Horizon(days=float((last_day - split_day) / _DAY), yearly_discount=0.0)
    model = population.worth(known, ahead, unit_days=unit_days)
    naive = own_rate(known, ahead, unit_days=unit_days)
    number, value = _came(bought.until(last_day).after(split_day), known)
    return Holdout(
        *(split_day, last_day, population, known),
        purchases=Contest(number, model.purchases, naive.purchases),
        value_minor=Contest(value, model.value_minor, naive.value_minor),
    )


def _came(later: Purchases, known: Histories) -> tuple[Floats, Floats]:
    """Days with a purchase of each known customer, and what they were worth; customers are by number."""
    place = np.searchsorted(known.customer, later.customer)
    found = known.customer[np.minimum(place, len(known) - 1)] == later.customer
    number = np.bincount(place[found], minlength=len(known)).astype(np.float64)
    return number, sums(place[found], later.value_minor[found], len(known))


def cumulative(population: Population, known: Histories, at: Floats) -> Floats:
    """Repeat purchases that all customers together are expected to have made by each time.

    Time is counted from the first purchase of the oldest customer, in units of the histories; `at` may lie after their
    end. This is the tracking plot of Fader, Hardie and Lee (2005), for which only the customers of each age count.
    """
    ages, number = np.unique(known.age, return_counts=True)
    since = np.maximum(at[:, None] - (ages.max() - ages)[None, :], 0.0)
    total: Floats = population.buying.model.expected_after(since) @ number
    return total
