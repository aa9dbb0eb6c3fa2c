"""What the entries of the book come to: in a window, and day by day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from tillhand_analytics.domain.records import Bools, Ints
from tillhand_analytics.domain.sales.book import Basis, Book, Entries
from tillhand_analytics.domain.sales.counting import sums
from tillhand_analytics.domain.sales.windows import Window

Number = TypeVar("Number", int, Ints)


def inside(entries: Entries, asked: Window, basis: Basis) -> Bools:
    """Which entries count in a window."""
    days = entries.days(basis)
    chosen: Bools = (days >= 0) & (days >= asked.first) & (days <= asked.last)
    return chosen


def totals(book: Book, asked: Window, basis: Basis, orders: Bools | None = None) -> dict[str, int]:
    """Every measure over a window; of some `orders` alone where they are given."""
    found: dict[str, int] = {}
    for entries in book.sorts:
        chosen = inside(entries, asked, basis) & _of_orders(entries, orders)
        found.update({name: int(amounts[chosen].sum()) for name, amounts in entries.amounts.items()})
    return found


def stepped(book: Book, asked: Window, basis: Basis, step_of_day: Ints, orders: Bools | None = None) -> dict[str, Ints]:
    """Every measure over each step of a window; `step_of_day` names the step of each of its days."""
    steps = int(step_of_day.max()) + 1
    found: dict[str, Ints] = {}
    for entries in book.sorts:
        chosen = np.flatnonzero(inside(entries, asked, basis) & _of_orders(entries, orders))
        step = step_of_day[entries.days(basis)[chosen] - asked.first]
        found.update({name: sums(step, amounts[chosen], steps) for name, amounts in entries.amounts.items()})
    return found


def _of_orders(entries: Entries, orders: Bools | None) -> Bools:
    if orders is None:
        return np.ones(len(entries.order), dtype=np.bool_)
    return np.append(orders, np.False_)[entries.order]


def derived(found: Mapping[str, Number]) -> dict[str, Number]:
    """What follows from the measures.

    Net sales are gross sales less discounts, cancellations, returns and allowances; the net total is these and the
    shipping of orders that stand. Tax is that of orders that stand; returns
    take none off, for no source says how much they hold.
    """
    net = (
        found["gross_minor"]
        - found["discount_minor"]
        - found["cancelled_minor"]
        - found["returned_minor"]
        - found["allowance_minor"]
    )
    shipping = found["shipping_charged_minor"] - found["shipping_cancelled_minor"]
    return {
        "net_sales_minor": net,
        "shipping_minor": shipping,
        "net_total_minor": net + shipping,
        "tax_minor": found["tax_charged_minor"] - found["tax_cancelled_minor"],
        "units_net": found["units"] - found["units_cancelled"] - found["units_returned"],
    }
