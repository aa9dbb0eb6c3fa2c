"""Whether customers come back, how soon, and how much of the revenue that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.customers.purchases import Purchases
from tillhand_analytics.domain.records import Bools, Floats, Ints

_DAY: Final = np.timedelta64(1, "D")
QUANTILES: Final = (0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class Retention:
    """Key figures of all known customers up to a day; shares and quantiles are NaN where there is nothing to divide.

    `repeat_rate` is the share of customers with purchases on two days or more, `repeat_share` the share of revenue
    that came after the first day of each customer, `returning_share` that of customers who have come back at all.
    `gap_days` are the quantiles of days between purchases (QUANTILES); gaps that are still open are not in them, so
    that they are short of the truth where many are. `active` bought within the last `active_days`.
    """

    customers: int
    repeat_customers: int
    repeat_rate: float
    purchases_per_customer: float
    revenue_minor: float
    repeat_share: float
    returning_share: float
    gap_days: tuple[float, ...]
    active_days: int
    active: int
    active_share: float


@dataclass(frozen=True, slots=True)
class SecondPurchase:
    """The share of customers who bought a second time within so many days of the first, one row per number of days.

    By Kaplan and Meier (1958), so that those who have not had that many days yet count for as long as they had;
    `waiting` are those who are known for as long and had not come back before. NaN where nobody is.
    """

    days: Ints
    share: Floats
    waiting: Ints


def retention(bought: Purchases, last_day: np.datetime64, *, active_days: int = 90) -> Retention:
    """Key figures up to a day. Raises ValueError where `active_days` is not above 0."""
    if active_days < 1:
        raise ValueError("active_days: at least one day is needed")
    bought = bought.until(last_day)
    begins = bought.begins
    starts = np.flatnonzero(begins)
    number = np.diff(np.append(starts, len(bought)))
    total = float(bought.value_minor.sum())
    of_customer = np.add.reduceat(bought.value_minor, starts) if len(starts) else bought.value_minor
    last = bought.day[starts + number - 1]
    active = int(((last_day - last) / _DAY < active_days).sum())
    repeat = int((number > 1).sum())
    return Retention(
        customers=len(starts),
        repeat_customers=repeat,
        repeat_rate=_share(repeat, len(starts)),
        purchases_per_customer=_share(len(bought), len(starts)),
        revenue_minor=total,
        repeat_share=_share(float(bought.value_minor[~begins].sum()), total),
        returning_share=_share(float(of_customer[number > 1].sum()), total),
        gap_days=_quantiles(gaps(bought)),
        active_days=active_days,
        active=active,
        active_share=_share(active, len(starts)),
    )


def gaps(bought: Purchases) -> Ints:
    """Days between each purchase and the next of the same customer."""
    between = ((bought.day[1:] - bought.day[:-1]) / _DAY).astype(np.int64)
    return between[~bought.begins[1:]]


def second_purchase(
    bought: Purchases, last_day: np.datetime64, within: Sequence[int] = (30, 60, 90, 180)
) -> SecondPurchase:
    """How many come back within so many days. Raises ValueError where these are not above 0."""
    if any(days < 1 for days in within):
        raise ValueError("within: days above 0 are needed")
    bought = bought.until(last_day)
    waited, came = _waits(bought, last_day)
    longest = max([*within, 1])
    at = np.minimum(waited, longest + 1)
    ended = np.bincount(at, minlength=longest + 2)
    returned = np.bincount(at[came], minlength=longest + 2)
    left = len(waited) - np.concatenate([[0], np.cumsum(ended)[:-1]])
    stays = np.cumprod(np.where(left > 0, 1 - returned / np.maximum(left, 1), 1.0))
    days = np.asarray(within, np.int64)
    return SecondPurchase(days, np.where(left[days] > 0, 1 - stays[days], np.nan), left[days])


def _waits(bought: Purchases, last_day: np.datetime64) -> tuple[Ints, Bools]:
    """Days from each customer's first purchase to the second one, or to the end; and whether there was a second."""
    starts = np.flatnonzero(bought.begins)
    came = np.diff(np.append(starts, len(bought))) > 1
    ends = np.full(len(starts), last_day, bought.day.dtype)
    ends[came] = bought.day[starts[came] + 1]
    return ((ends - bought.day[starts]) / _DAY).astype(np.int64), came


def _quantiles(values: Ints) -> tuple[float, ...]:
    return tuple(float(each) for each in np.quantile(values, QUANTILES)) if len(values) else (np.nan,) * len(QUANTILES)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
