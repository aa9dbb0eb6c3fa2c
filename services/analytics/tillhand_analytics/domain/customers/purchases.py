"""Who bought on which day for how much, and each customer's history in four numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Bools, Days, Floats, Ints, Shop

_DAY: Final = np.timedelta64(1, "D")
_NOWHERE: Final = -2


@dataclass(frozen=True, slots=True)
class Purchases:
    """Days on which customers bought: one row per customer and day, by customer, then by day.

    `customer` is any whole number from 0, `value_minor` what all orders of that day came to.
    """

    customer: Ints
    day: Days
    value_minor: Floats

    def __len__(self) -> int:
        return len(self.customer)

    def until(self, last_day: np.datetime64) -> Purchases:
        """Those up to a day, which is in it."""
        kept = self.day <= last_day
        return Purchases(self.customer[kept], self.day[kept], self.value_minor[kept])

    def after(self, day: np.datetime64) -> Purchases:
        """Those after a day."""
        kept = self.day > day
        return Purchases(self.customer[kept], self.day[kept], self.value_minor[kept])

    @property
    def begins(self) -> Bools:
        """Whether a row is the first of its customer."""
        return np.concatenate([np.ones(min(len(self), 1), np.bool_), self.customer[1:] != self.customer[:-1]])


@dataclass(frozen=True, slots=True)
class Histories:
    """One row per customer, by number: what BG/NBD and Gamma-Gamma need to know (Fader, Hardie and Lee 2005).

    `frequency` counts the days with a purchase after the first one; `recency` is the time from the first to the last
    purchase, `age` that from the first purchase to the end; both in units of time. `mean_value_minor` is that of the
    repeat days, NaN where there is none.
    """

    customer: Ints
    frequency: Ints
    recency: Floats
    age: Floats
    mean_value_minor: Floats

    def __len__(self) -> int:
        return len(self.customer)

    def some(self, most: int) -> Histories:
        """At most so many of them, evenly from all."""
        each = slice(None, None, max(-(-len(self) // most), 1))
        return Histories(
            self.customer[each], self.frequency[each], self.recency[each], self.age[each], self.mean_value_minor[each]
        )


def purchases(customer: Ints, day: Days, value_minor: Floats | Ints) -> Purchases:
    """Orders in any order, brought together by customer and day. Rows with a negative customer or no day are left out.

    Raises ValueError where the columns differ in length.
    """
    if not len(customer) == len(day) == len(value_minor):
        raise ValueError(
            f"customer, day, value_minor differ in length: {len(customer)}, {len(day)}, {len(value_minor)}"
        )
    known = (customer >= 0) & ~np.isnat(day)
    who, when, worth = customer[known], day[known].astype("datetime64[D]"), value_minor[known].astype(np.float64)
    order = np.lexsort((when, who))
    who, when, worth = who[order].astype(np.int64), when[order], worth[order]
    starts = np.flatnonzero(np.concatenate([np.ones(min(len(who), 1), np.bool_), _differs(who, when)]))
    values = np.add.reduceat(worth, starts) if len(starts) else worth
    return Purchases(who[starts], when[starts], values)


def _differs(who: Ints, when: Days) -> Bools:
    differs: Bools = (who[1:] != who[:-1]) | (when[1:] != when[:-1])
    return differs


def sums(place: Ints, values: Floats, length: int) -> Floats:
    """Sums of values by place; places from `length` on do not occur."""
    return np.bincount(place, weights=values, minlength=length).astype(np.float64)


def shop_purchases(shop: Shop, channel: str | None = None) -> Purchases:
    """The purchases of known customers, without cancelled orders; worth is what was paid less what was given back.

    Those of one `channel` alone if it is given: none where there is no such channel.

    Tax and shipping are in it, as they are in `Orders.total_minor`. An order that was given back in full was a purchase
    all the same, worth nothing. Guests cannot be told apart and are left out.
    """
    orders, refunds = shop.orders, shop.refunds
    of_order = refunds.order >= 0
    back = sums(refunds.order[of_order], refunds.amount_minor[of_order].astype(np.float64), len(orders.day))
    kept = np.isnat(orders.cancelled_at)
    if channel is not None:
        kept &= orders.channel == (orders.channels.index(channel) if channel in orders.channels else _NOWHERE)
    worth = orders.total_minor - back
    return purchases(orders.customer[kept], orders.day[kept], worth[kept])


def histories(bought: Purchases, last_day: np.datetime64, *, unit_days: float = 1.0) -> Histories:
    """Each customer's history up to `last_day`, in units of so many days (7 for weeks).

    Customers whose first purchase is later have none and no row.
    """
    bought = bought.until(last_day)
    starts = np.flatnonzero(bought.begins)
    if not len(starts):
        none = np.zeros(0)
        return Histories(bought.customer, bought.customer, none, none, none)
    rows = np.diff(np.append(starts, len(bought)))
    first, last = bought.day[starts], bought.day[starts + rows - 1]
    repeat_value = np.add.reduceat(bought.value_minor, starts) - bought.value_minor[starts]
    frequency = rows - 1
    mean = np.divide(repeat_value, frequency, out=np.full(len(rows), np.nan), where=frequency > 0)
    recency, age = (last - first) / _DAY / unit_days, (last_day - first) / _DAY / unit_days
    return Histories(bought.customer[starts], frequency, recency, age, mean)
