"""The shop's book: everything that was charged, cancelled and given back, entry by entry.

An order that was cancelled is worth nothing in the end: what was given back for it belongs to the cancellation and is
no return, so that nothing is taken off twice. Only what was given back beyond the order's total is an allowance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.records import Bools, Ints, Shop
from tillhand_analytics.domain.sales.counting import sums
from tillhand_analytics.domain.sales.windows import NOWHERE, day_of, length, place

Value = TypeVar("Value", np.int64, np.bool_)
Basis = Literal["event", "order"]
BASES: Final[tuple[Basis, ...]] = get_args(Basis)
"""The day on which something counts: that of the cancellation or refund itself, or that of the order it is of."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries of one sort. `day` is when it happened and `ordered` when the order was placed, as places in the days of
    the shop, -1 for outside of them; `line` is -1 where no goods are meant, `order` where it is not known.
    """

    day: Ints
    ordered: Ints
    order: Ints
    line: Ints
    amounts: Mapping[str, Ints]

    def days(self, basis: Basis) -> Ints:
        """The day on which each counts."""
        return self.day if basis == "event" else self.ordered


@dataclass(frozen=True, slots=True)
class Book:
    """All entries of a shop, and what was asked for each order in the end.

    `kept` are the orders that were not cancelled, `goods_minor` and `units` those of an order as it was placed.
    """

    days: int
    sorts: tuple[Entries, ...]
    kept: Bools
    ordered: Ints
    goods_minor: Ints
    units: Ints

    def entries(self, measure: str) -> Entries:
        """Those that hold a measure."""
        return next(sort for sort in self.sorts if measure in sort.amounts)


def booked(shop: Shop) -> Book:
    """The book of a shop."""
    orders, lines = shop.orders, shop.lines
    ordered = place(shop, orders.day)
    cancelled_on = place(shop, day_of(shop, orders.cancelled_at))
    cancelled = ~np.isnat(orders.cancelled_at)
    count = len(orders.ids)
    goods = sums(lines.order, lines.amount_minor, count)
    sorts = (
        _sold(shop, ordered),
        _cancelled_lines(shop, ordered, cancelled, cancelled_on),
        _given_back(shop, ordered, cancelled, cancelled_on),
        _charged(shop, ordered),
        _cancelled_orders(shop, ordered, cancelled, cancelled_on),
    )
    return Book(length(shop), sorts, ~cancelled, ordered, goods, sums(lines.order, lines.quantity, count))


def _sold(shop: Shop, ordered: Ints) -> Entries:
    lines = shop.lines
    day = ordered[lines.order]
    amounts: dict[str, Ints] = {
        "gross_minor": lines.amount_minor + lines.discount_minor,
        "discount_minor": lines.discount_minor,
        "units": lines.quantity,
    }
    return Entries(day, day, lines.order, np.arange(len(lines.ids)), amounts)


def _cancelled_lines(shop: Shop, ordered: Ints, cancelled: Bools, cancelled_on: Ints) -> Entries:
    lines = shop.lines
    chosen = np.flatnonzero(cancelled[lines.order])
    order = lines.order[chosen]
    amounts: dict[str, Ints] = {
        "cancelled_minor": lines.amount_minor[chosen],
        "units_cancelled": lines.quantity[chosen],
    }
    return Entries(cancelled_on[order], ordered[order], order, chosen, amounts)


def _given_back(shop: Shop, ordered: Ints, cancelled: Bools, cancelled_on: Ints) -> Entries:
    """Refunds of orders that stand, and what was given back for cancelled ones beyond their totals."""
    refunds = shop.refunds
    chosen = np.flatnonzero(~_of(cancelled, refunds.order, other=False))
    order, line, amount = refunds.order[chosen], refunds.line[chosen], refunds.amount_minor[chosen]
    beyond, excess = _beyond(shop, cancelled)
    more = np.zeros(len(beyond), dtype=np.int64)
    amounts: dict[str, Ints] = {
        "returned_minor": _joined(np.where(line >= 0, amount, 0), more),
        "allowance_minor": _joined(np.where(line >= 0, 0, amount), excess),
        "units_returned": _joined(refunds.quantity[chosen], more),
    }
    day = _joined(place(shop, refunds.day[chosen]), cancelled_on[beyond])
    ordered_on = _joined(_of(ordered, order, other=NOWHERE), ordered[beyond])
    return Entries(day, ordered_on, _joined(order, beyond), _joined(line, more - 1), amounts)


def _beyond(shop: Shop, cancelled: Bools) -> tuple[Ints, Ints]:
    """Cancelled orders for which more was given back than was asked for, and how much more."""
    back = sums(shop.refunds.order, shop.refunds.amount_minor, len(cancelled))
    order = np.flatnonzero(cancelled & (back > shop.orders.total_minor))
    return order, back[order] - shop.orders.total_minor[order]


def _charged(shop: Shop, ordered: Ints) -> Entries:
    orders = shop.orders
    places = np.arange(len(orders.ids))
    amounts: dict[str, Ints] = {
        "shipping_charged_minor": orders.shipping_minor,
        "tax_charged_minor": orders.tax_minor,
        "orders_placed": np.ones(len(places), dtype=np.int64),
        "orders": np.isnat(orders.cancelled_at).astype(np.int64),
    }
    return Entries(ordered, ordered, places, np.full(len(places), -1), amounts)


def _cancelled_orders(shop: Shop, ordered: Ints, cancelled: Bools, cancelled_on: Ints) -> Entries:
    orders = shop.orders
    order = np.flatnonzero(cancelled)
    amounts: dict[str, Ints] = {
        "shipping_cancelled_minor": orders.shipping_minor[order],
        "tax_cancelled_minor": orders.tax_minor[order],
        "orders_cancelled": np.ones(len(order), dtype=np.int64),
    }
    return Entries(cancelled_on[order], ordered[order], order, np.full(len(order), -1), amounts)


def _of(values: NDArray[Value], places: Ints, *, other: int) -> NDArray[Value]:
    """Values at places, and `other` at -1."""
    return np.append(values, np.array([other], dtype=values.dtype))[places]


def _joined(one: Ints, other: Ints) -> Ints:
    return np.concatenate([one, other])
