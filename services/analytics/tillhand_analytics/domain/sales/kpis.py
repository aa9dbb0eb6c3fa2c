"""Key figures of a window, beside those of the window before and of the same days last year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats, Ints, Shop, Visits
from tillhand_analytics.domain.sales.book import Basis, Book
from tillhand_analytics.domain.sales.counting import distinct
from tillhand_analytics.domain.sales.measures import derived, totals
from tillhand_analytics.domain.sales.windows import Window, place
from tillhand_analytics.domain.tables import Column, Table
from tillhand_analytics.errors import BadFigure

Unit = Literal["minor", "count", "share", "per_order"]
NAN: Final = float("nan")
_AMOUNTS: Final[tuple[tuple[str, str], ...]] = (
    ("gross_sales", "gross_minor"),
    ("discounts", "discount_minor"),
    ("cancellations", "cancelled_minor"),
    ("returns", "returned_minor"),
    ("allowances", "allowance_minor"),
    ("net_sales", "net_sales_minor"),
    ("shipping", "shipping_minor"),
    ("net_total", "net_total_minor"),
    ("tax", "tax_minor"),
)
_COUNTS: Final[tuple[tuple[str, str], ...]] = (
    ("orders_placed", "orders_placed"),
    ("orders", "orders"),
    ("units", "units"),
    ("units_cancelled", "units_cancelled"),
    ("units_returned", "units_returned"),
)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One key figure of one window; NaN where nothing is known, or nothing can be divided."""

    name: str
    unit: Unit
    value: float


def kpis(shop: Shop, book: Book, asked: Window, basis: Basis, channel: str | None = None) -> tuple[Kpi, ...]:
    """The key figures of a window, all NaN where no day of it is known; of orders of one `channel` if it is given.

    Money and units count by `basis`; orders, their values and customers by the day on which they were placed. An
    order's value is that of its goods after discounts, before shipping and returns, of orders that stand.
    """
    orders = None if channel is None else of_channel(shop, channel)
    found = totals(book, asked, basis, orders)
    every = {**found, **derived(found)}
    figures = [Kpi(name, "minor", float(every[key])) for name, key in _AMOUNTS]
    figures += [Kpi(name, "count", float(found[key])) for name, key in _COUNTS]
    placed = (book.ordered >= asked.first) & (book.ordered <= asked.last) & (book.ordered >= 0)
    placed = placed if orders is None else placed & orders
    figures += [*_values(book, placed), *_customers(shop, book, placed, asked), *_rates(book, found, placed)]
    figures += _visits(shop, asked) if channel is None else []
    known = asked.known(book.days)
    return tuple(figures if known else [Kpi(each.name, each.unit, NAN) for each in figures])


def of_channel(shop: Shop, channel: str) -> Bools:
    """Which orders came through a channel. Raises `BadFigure` where there is no such channel."""
    known = shop.orders.channels
    if channel not in known:
        raise BadFigure(f"There is no such channel. There are: {', '.join(sorted(known))}.", field="query.channel")
    chosen: Bools = shop.orders.channel == known.index(channel)
    return chosen


def _values(book: Book, placed: Bools) -> list[Kpi]:
    chosen = placed & book.kept
    worth, count = book.goods_minor[chosen], int(chosen.sum())
    return [
        Kpi("average_order_value", "minor", ratio(float(worth.sum()), count)),
        Kpi("median_order_value", "minor", float(np.median(worth)) if count else NAN),
        Kpi("items_per_order", "per_order", ratio(float(book.units[chosen].sum()), count)),
    ]


def _customers(shop: Shop, book: Book, placed: Bools, asked: Window) -> list[Kpi]:
    """Whoever ordered; new is whose first order that stands lies in the window, as far back as the shop is known."""
    customer = shop.orders.customer
    first = _first_days(customer, book, len(shop.orders.customers))
    chosen = placed & book.kept
    seen = distinct(customer[chosen & (customer >= 0)])
    new = int((first[seen] >= asked.first).sum())
    return [
        Kpi("customers", "count", float(len(seen))),
        Kpi("customers_new", "count", float(new)),
        Kpi("customers_returning", "count", float(len(seen) - new)),
        Kpi("guest_orders", "count", float((chosen & (customer < 0)).sum())),
    ]


def _first_days(customer: Ints, book: Book, customers: int) -> Ints:
    """The day of each customer's first order that stands."""
    first = np.full(customers + 1, np.iinfo(np.int64).max)
    counted = book.kept & (book.ordered >= 0)
    np.minimum.at(first, customer[counted], book.ordered[counted])
    return first[:customers]


def _rates(book: Book, found: dict[str, int], placed: Bools) -> list[Kpi]:
    """Refunds against sales that stand, and the share of the window's own orders that were cancelled since."""
    kept_minor = found["gross_minor"] - found["discount_minor"] - found["cancelled_minor"]
    return [
        Kpi("discount_rate", "share", ratio(found["discount_minor"], found["gross_minor"])),
        Kpi("refund_rate", "share", ratio(found["returned_minor"] + found["allowance_minor"], kept_minor)),
        Kpi("cancellation_rate", "share", ratio(int((placed & ~book.kept).sum()), int(placed.sum()))),
    ]


def _visits(shop: Shop, asked: Window) -> list[Kpi]:
    sessions, purchases = visited(shop, shop.visits, asked)
    return [
        Kpi("sessions", "count", float(sessions)),
        Kpi("conversion_rate", "share", ratio(purchases, sessions)),
    ]


def visited(shop: Shop, visits: Visits, asked: Window) -> tuple[int, int]:
    """Sessions and purchases of a window, as the visits tell."""
    day = place(shop, visits.day)
    chosen = (day >= 0) & (day >= asked.first) & (day <= asked.last)
    return int(visits.sessions[chosen].sum()), int(visits.purchases[chosen].sum())


def ratio(part: float, whole: float) -> float:
    """A share; NaN of nothing."""
    return part / whole if whole > 0 else NAN


def compared(shop: Shop, book: Book, asked: Window, basis: Basis, channel: str | None = None) -> Table:
    """The key figures of a window beside those before, with absolute and relative change."""
    before, year = asked.before(), asked.last_year()
    now, then, ago = (kpis(shop, book, each, basis, channel) for each in (asked, before, year))
    value, previous, last_year = (np.array([kpi.value for kpi in each]) for each in (now, then, ago))
    whole, whole_year = (np.full(len(now), each.whole(book.days)) for each in (before, year))
    # What is compared with a part of a window has changed by nothing that anybody should read.
    base, base_year = np.where(whole, previous, NAN), np.where(whole_year, last_year, NAN)
    return Table(
        "sales-kpis",
        (
            Column("kpi", "text", "Name of the key figure.", [kpi.name for kpi in now]),
            Column("unit", "text", "What it counts: minor, count, share or per_order.", [kpi.unit for kpi in now]),
            Column("value", "number", "In the window asked for.", value),
            Column("previous", "number", "In as many days right before.", previous),
            Column("change", "number", "By how much it differs; missing where these are not all known.", value - base),
            Column("change_share", "number", "That as a share of the days before.", relative(value, base)),
            Column("previous_whole", "boolean", "All days before are known.", whole),
            Column("last_year", "number", "In the same days, 52 weeks ago.", last_year),
            Column("last_year_change", "number", "By how much it differs from last year.", value - base_year),
            Column("last_year_change_share", "number", "That as a share of last year.", relative(value, base_year)),
            Column("last_year_whole", "boolean", "All days of last year are known.", whole_year),
        ),
    )


def relative(value: Floats, base: Floats) -> Floats:
    """Change as a share of what it was; NaN where that was nothing."""
    share = np.full(len(value), NAN)
    np.divide(value - base, np.abs(base), out=share, where=base != 0)
    return share
