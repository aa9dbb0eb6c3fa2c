"""Whether the shop's own figures agree: what the lines come to, against what was asked for whole orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Ints, Shop
from tillhand_analytics.domain.sales.book import Basis, Book, Entries
from tillhand_analytics.domain.sales.counting import sums
from tillhand_analytics.domain.sales.measures import derived, inside, totals
from tillhand_analytics.domain.sales.windows import Window
from tillhand_analytics.domain.tables import Column, Table

_TAKEN_OFF: Final[tuple[tuple[str, str], ...]] = (
    ("discounts", "discount_minor"),
    ("cancellations", "cancelled_minor"),
    ("returns", "returned_minor"),
    ("allowances", "allowance_minor"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the statement, signed: what is taken off is negative."""

    entry: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    """From gross sales to the net total, which is `by_lines_minor`.

    `by_orders_minor` is the same sum from the totals of whole orders, less what was given back; `unexplained_minor` is
    the difference. `orders_off` counts the orders of the window that do not add up to their total.
    """

    steps: tuple[Step, ...]
    by_lines_minor: int
    by_orders_minor: int
    unexplained_minor: int
    orders_off: int

    @property
    def agrees(self) -> bool:
        """Whether nothing is left to explain, of any order."""
        return self.unexplained_minor == 0 and self.orders_off == 0


def reconciled(shop: Shop, book: Book, asked: Window, basis: Basis) -> Statement:
    """The statement of a window, in exact whole numbers."""
    found = totals(book, asked, basis)
    every = derived(found)
    steps = [Step("gross_sales", found["gross_minor"])]
    steps += [Step(entry, -found[measure]) for entry, measure in _TAKEN_OFF]
    steps += [Step("net_sales", every["net_sales_minor"])]
    steps += [Step("shipping_charged", found["shipping_charged_minor"])]
    steps += [Step("shipping_cancelled", -found["shipping_cancelled_minor"])]
    steps += [Step("net_total", every["net_total_minor"])]
    by_lines, by_orders = every["net_total_minor"], _by_orders(shop, book, asked, basis)
    off = len(_off(shop, book, asked)[0])
    return Statement(tuple(steps), by_lines, by_orders, by_lines - by_orders, off)


def _by_orders(shop: Shop, book: Book, asked: Window, basis: Basis) -> int:
    """Totals asked for, less those of cancelled orders, less money given back; no line is looked at."""
    charged, withdrawn, back = (
        book.entries(measure) for measure in ("orders_placed", "orders_cancelled", "returned_minor")
    )
    given = back.amounts["returned_minor"] + back.amounts["allowance_minor"]
    return (
        _sum(charged, shop.orders.total_minor[charged.order], asked, basis)
        - _sum(withdrawn, shop.orders.total_minor[withdrawn.order], asked, basis)
        - _sum(back, given, asked, basis)
    )


def _sum(entries: Entries, amount: Ints, asked: Window, basis: Basis) -> int:
    return int(amount[inside(entries, asked, basis)].sum())


def _off(shop: Shop, book: Book, asked: Window) -> tuple[Ints, Ints, Ints]:
    """Orders placed in the window whose lines and shipping are not their total, or that gave back more than it."""
    orders = shop.orders
    difference = book.goods_minor + orders.shipping_minor - orders.total_minor
    beyond = np.maximum(sums(shop.refunds.order, shop.refunds.amount_minor, len(orders.ids)) - orders.total_minor, 0)
    placed = (book.ordered >= asked.first) & (book.ordered <= asked.last) & (book.ordered >= 0)
    found = np.flatnonzero(placed & ((difference != 0) | (beyond > 0)))
    return found, difference[found], beyond[found]


def mismatches(shop: Shop, book: Book, asked: Window) -> Table:
    """The orders of a window that do not add up, those with the largest differences first."""
    found, difference, beyond = _off(shop, book, asked)
    order = np.argsort(-(np.abs(difference) + beyond), kind="stable")
    found, difference, beyond = found[order], difference[order], beyond[order]
    orders = shop.orders
    return Table(
        "sales-mismatches",
        (
            Column("order_id", "text", "The order's id.", [orders.ids[at] for at in found]),
            Column("order_name", "text", "The order's name, as customers see it.", [orders.names[at] for at in found]),
            Column("day", "day", "The day on which it was placed.", orders.day[found]),
            Column("lines_minor", "integer", "Its lines after discounts.", book.goods_minor[found]),
            Column("shipping_minor", "integer", "Its shipping.", orders.shipping_minor[found]),
            Column("total_minor", "integer", "What was asked for it.", orders.total_minor[found]),
            Column("difference_minor", "integer", "Lines and shipping less the total.", difference),
            Column("refunded_beyond_minor", "integer", "Given back beyond the total.", beyond),
        ),
    )
