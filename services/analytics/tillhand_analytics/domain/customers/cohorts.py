"""Customers by the month or week of their first purchase: who comes back when, and what they bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.customers.purchases import Purchases, sums
from tillhand_analytics.domain.customers.retention import gaps
from tillhand_analytics.domain.records import Bools, Days, Floats, Ints

Period = Literal["month", "week"]
_DAY: Final = np.timedelta64(1, "D")
_MONDAY: Final = 3
"""1970-01-01 was a Thursday: three days after a Monday."""
_OLD: Final = 0.95


@dataclass(frozen=True, slots=True)
class Cohorts:
    """A row per cohort, a column per period of its life, the first one being that of the first purchase.

    `active` counts who bought in a period, `revenue_minor` what for; what has not happened yet is NaN. `partial` are
    cells whose period is not over, or was under way on the first day. `older` are cohorts that begin before
    `known_from`: nobody can tell whether customers of theirs had bought before the first day.
    """

    period: Period
    begins: Days
    size: Ints
    active: Floats
    revenue_minor: Floats
    partial: Bools
    older: Bools

    @property
    def retention(self) -> Floats:
        """The share of each cohort that bought in a period; NaN where nobody is in the cohort."""
        return _per(self.active, self.size)

    @property
    def revenue_per_customer_minor(self) -> Floats:
        """What a period brought, by the customers of the cohort at its beginning."""
        return _per(self.revenue_minor, self.size)

    @property
    def cumulative_per_customer_minor(self) -> Floats:
        """What all periods so far brought, by the customers of the cohort at its beginning."""
        return np.cumsum(self.revenue_per_customer_minor, axis=1)


def cohorts(
    bought: Purchases, first_day: np.datetime64, last_day: np.datetime64, *, period: Period = "month"
) -> Cohorts:
    """Cohorts of all periods from `first_day` to `last_day`, also of those in which nobody was new.

    Purchases outside of these days do not count: a customer's first one is the first within them.
    """
    inside = (bought.day >= first_day) & (bought.day <= last_day)
    bought = Purchases(bought.customer[inside], bought.day[inside], bought.value_minor[inside])
    origin = int(_number(first_day, period))
    count = max(int(_number(last_day, period)) - origin + 1, 0)
    at = _number(bought.day, period) - origin
    begins = bought.begins
    starts = np.flatnonzero(begins)
    cohort = np.repeat(at[starts], np.diff(np.append(starts, len(bought))))
    cell = cohort * count + at - cohort
    once = begins | (cell != np.roll(cell, 1))
    days = _begins(origin + np.arange(count), period)
    return Cohorts(
        period=period,
        begins=days,
        size=np.bincount(at[starts], minlength=count),
        active=_square(np.bincount(cell[once], minlength=count * count), count),
        revenue_minor=_square(sums(cell, bought.value_minor, count * count), count),
        partial=_partial(days, first_day, last_day, period),
        older=days < known_from(bought, first_day),
    )


def _number(day: Days | np.datetime64, period: Period) -> Ints:
    """Which month or week since 1970 a day is in; weeks begin on Mondays."""
    if period == "month":
        return np.asarray(day).astype("datetime64[M]").astype(np.int64)
    return (np.asarray(day).astype("datetime64[D]").astype(np.int64) + _MONDAY) // 7


def _begins(number: Ints, period: Period) -> Days:
    if period == "month":
        return number.astype("datetime64[M]").astype("datetime64[D]")
    return (number * 7 - _MONDAY).astype("datetime64[D]")


def _square(values: Ints | Floats, count: int) -> Floats:
    """By cohort and period of life, with NaN below the last period."""
    square = values.reshape(count, count).astype(np.float64)
    square[np.add.outer(np.arange(count), np.arange(count)) >= count] = np.nan
    return square


def _partial(begins: Days, first_day: np.datetime64, last_day: np.datetime64, period: Period) -> Bools:
    """Cells of a period that is not over, or of a first one that had begun before."""
    count = len(begins)
    at = np.add.outer(np.arange(count), np.arange(count))
    over = bool(_number(last_day + _DAY, period) > _number(last_day, period))
    cut = np.zeros(count, np.bool_)
    cut[-1:] = not over
    cut[:1] |= begins[:1] < first_day
    return np.where(at < count, cut[np.minimum(at, count - 1)], False) if count else np.zeros((0, 0), np.bool_)


def known_from(bought: Purchases, first_day: np.datetime64) -> np.datetime64:
    """The day from which on customers who are new are so indeed: 95 % of old ones would have come again before it.

    Purchases from before the first day of the data are in no source, so that an old customer seems to be new at the
    first purchase after it. The day after the first one where nobody ever came back.
    """
    between = gaps(bought)
    days = int(np.ceil(np.quantile(between, _OLD))) if len(between) else 1
    return first_day + np.timedelta64(days, "D")


def _per(values: Floats, size: Ints) -> Floats:
    whole = np.where(size > 0, size, np.nan)
    return values / whole[:, None]
