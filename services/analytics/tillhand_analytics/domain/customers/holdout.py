"""Whether the models foretell better than a customer's own rate does, on days that they have not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.customers.bgnbd_fit import PurchaseFit, fit_purchases
from tillhand_analytics.domain.customers.purchases import Histories, Purchases, histories
from tillhand_analytics.domain.records import Floats, Ints

_DAY: Final = np.timedelta64(1, "D")
Winner = Literal["model", "naive"]


@dataclass(frozen=True, slots=True)
class Errors:
    """How far a forecast of counts was from what came: per customer, and in all.

    `bias` is by how much the sum was above what came, as a share of it; NaN where nothing came.
    """

    mean_absolute: float
    root_mean_square: float
    bias: float


@dataclass(frozen=True, slots=True)
class Holdout:
    """A model fitted up to `split_day`, and its forecast of the days after it, beside the naive one.

    `expected` and `naive` are purchases per customer of `known`, `came` what they were. The model is preferred where it
    is closer to what came by the root mean square and its parameters can be trusted.
    """

    split_day: np.datetime64
    last_day: np.datetime64
    fit: PurchaseFit
    known: Histories
    expected: Floats
    naive: Floats
    came: Ints
    model_errors: Errors
    naive_errors: Errors

    @property
    def beats_naive(self) -> bool:
        """Whether the model was closer than the naive rate."""
        return self.model_errors.root_mean_square < self.naive_errors.root_mean_square

    @property
    def preferred(self) -> Winner:
        """What to go by."""
        return "model" if self.beats_naive and not self.fit.maximum.boundary else "naive"


def own_rate(known: Histories, time: float) -> Floats:
    """The naive forecast: everybody goes on as before, at repeat purchases per time since the first one."""
    rate = np.divide(known.frequency, known.age, out=np.zeros(len(known)), where=known.age > 0)
    return rate * time


def errors(expected: Floats, came: Ints | Floats) -> Errors:
    """How far `expected` was from what came."""
    if not len(came):
        return Errors(np.nan, np.nan, np.nan)
    off, total = expected - came, float(came.sum())
    return Errors(
        mean_absolute=float(np.abs(off).mean()),
        root_mean_square=float(np.sqrt((off**2).mean())),
        bias=float(off.sum() / total) if total else float("nan"),
    )


def holdout(bought: Purchases, split_day: np.datetime64, last_day: np.datetime64, *, unit_days: float = 1.0) -> Holdout:
    """Fits up to `split_day` and looks how many purchases came until `last_day`, of customers known by then.

    Raises ValueError where the days are in the wrong order, or too few customers are known by `split_day`.
    """
    if not split_day < last_day:
        raise ValueError("split_day: it has to lie before the last day")
    known = histories(bought, split_day, unit_days=unit_days)
    fit = fit_purchases(known)
    time = float((last_day - split_day) / _DAY) / unit_days
    came = _came(bought.until(last_day).after(split_day), known)
    expected = fit.model.expected_purchases(known, time)[:, 0]
    naive = own_rate(known, time)
    return Holdout(
        *(split_day, last_day, fit, known, expected, naive, came),
        model_errors=errors(expected, came),
        naive_errors=errors(naive, came),
    )


def _came(later: Purchases, known: Histories) -> Ints:
    """Days with a purchase of each known customer, which are by number."""
    place = np.searchsorted(known.customer, later.customer)
    found = known.customer[np.minimum(place, len(known) - 1)] == later.customer
    return np.bincount(place[found], minlength=len(known))


def cumulative(fit: PurchaseFit, known: Histories, at: Floats) -> Floats:
    """Repeat purchases that all customers together are expected to have made by each time.

    Time is counted from the first purchase of the oldest customer, in units of the histories; `at` may lie after their
    end. This is the paper's tracking plot, for which only the number of customers of each age matters.
    """
    ages, number = np.unique(known.age, return_counts=True)
    since = np.maximum(at[:, None] - (ages.max() - ages)[None, :], 0.0)
    total: Floats = fit.model.expected_after(since) @ number
    return total
