"""Sales day by day, week by week and month by month."""

from __future__ import annotations

from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Ints, Shop
from tillhand_analytics.domain.sales.book import Basis, Book
from tillhand_analytics.domain.sales.counting import sums
from tillhand_analytics.domain.sales.kpis import of_channel
from tillhand_analytics.domain.sales.measures import derived, stepped
from tillhand_analytics.domain.sales.windows import Periods, Step, Window, periods, place
from tillhand_analytics.domain.tables import Column, Table

_MEASURES: Final[tuple[tuple[str, str], ...]] = (
    ("gross_minor", "Goods before discounts."),
    ("discount_minor", "Discounts on them."),
    ("cancelled_minor", "Goods of cancelled orders."),
    ("returned_minor", "Goods given back."),
    ("allowance_minor", "Money given back without goods."),
)
_COUNTS: Final[tuple[tuple[str, str], ...]] = (
    ("orders_placed", "Orders placed."),
    ("orders", "Those of them that were not cancelled since."),
    ("orders_cancelled", "Orders cancelled."),
    ("units", "Units ordered."),
    ("units_cancelled", "Units of cancelled orders."),
    ("units_returned", "Units given back."),
)


def series(shop: Shop, book: Book, asked: Window, step: Step, basis: Basis, channel: str | None = None) -> Table:
    """One row for every step of a window, zero where nothing was sold; of one `channel` if it is given."""
    cut = periods(shop, asked, step)
    found = stepped(book, asked, basis, cut.of_day, None if channel is None else of_channel(shop, channel))
    every = derived(found)
    columns = (
        Column("period", "text", "The day, ISO week or month.", cut.labels),
        Column("first_day", "day", "Its first day.", cut.first),
        Column("last_day", "day", "Its last day.", cut.last),
        Column("whole", "boolean", "The window holds all of its days.", cut.whole),
        *(_whole(name, about, found[name]) for name, about in _MEASURES),
        _whole("net_sales_minor", "Gross sales less all of these.", every["net_sales_minor"]),
        _whole("shipping_minor", "Shipping, less that of cancelled orders.", every["shipping_minor"]),
        _whole("net_total_minor", "Net sales and shipping.", every["net_total_minor"]),
        _whole("tax_minor", "Tax within the orders that stand.", every["tax_minor"]),
        *(_whole(name, about, found[name]) for name, about in _COUNTS),
        _sessions(shop, asked, cut, known=channel is None),
    )
    return Table("sales-series", columns)


def _whole(name: str, about: str, values: Ints) -> Column:
    return Column(name, "integer", about, values)


def _sessions(shop: Shop, asked: Window, cut: Periods, *, known: bool) -> Column:
    """Visits have channels of their own, so that those of a channel of orders are not known."""
    day = place(shop, shop.visits.day)
    chosen = np.flatnonzero((day >= 0) & (day >= asked.first) & (day <= asked.last))
    values = sums(cut.of_day[day[chosen] - asked.first], shop.visits.sessions[chosen], len(cut.labels))
    about = "Visits; missing for a single channel of orders, for visits have channels of their own."
    return Column("sessions", "integer", about, values, np.full(len(values), known))
