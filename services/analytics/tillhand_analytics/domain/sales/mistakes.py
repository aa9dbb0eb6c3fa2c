"""Orders that look like a slip of the hand: far more of something than anybody ever orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats, Ints, Shop
from tillhand_analytics.domain.sales.book import Book
from tillhand_analytics.domain.sales.windows import Window
from tillhand_analytics.domain.tables import Column, Table

Standing = Literal["open", "cancelled_at_once", "cancelled"]
STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
AT_ONCE_S: Final = 3_600
"""Whoever cancels within the hour had not meant it."""
FACTOR: Final = 5.0
_BITS: Final = 32
_MOST: Final = (1 << _BITS) - 1
_USUAL: Final = 0.99
_ENOUGH_LINES: Final = 400
"""Lines of which one in a hundred says what is rare, even where a few are slips themselves; of fewer, the larger group
decides, and of fewer in the whole shop nobody knows what is usual."""


@dataclass(frozen=True, slots=True)
class Suspects:
    """Lines that are far too large, one row for each order (its worst line), the worst first.

    `usual_units` is the quantity that 99 of 100 lines of the same SKU, category and shop do not exceed, the largest of
    these that rest on enough lines; `times` is the line's quantity against it.
    """

    order: Ints
    line: Ints
    usual_units: Ints
    times: Floats


def suspects(shop: Shop, factor: float = FACTOR) -> Suspects:
    """Orders of which a line holds `factor` times the usual quantity or more, cancelled ones too.

    Lines of cancelled orders are no measure of what is usual.
    """
    lines = shop.lines
    usual = _usual(shop)
    times = np.divide(lines.quantity, usual, out=np.zeros(len(usual)), where=usual > 0)
    chosen = np.flatnonzero(times >= factor)
    worst = chosen[np.lexsort((-times[chosen], lines.order[chosen]))]
    first = np.unique(lines.order[worst], return_index=True)[1]
    line = worst[first]
    line = line[np.argsort(-times[line], kind="stable")]
    return Suspects(lines.order[line], line, usual[line], times[line])


def _usual(shop: Shop) -> Ints:
    """The usual quantity of each line, 0 where nobody knows."""
    lines = shop.lines
    measured = np.isnat(shop.orders.cancelled_at)[lines.order] & (lines.quantity > 0)
    numbers = {name: at for at, name in enumerate(dict.fromkeys(shop.variants.categories))}
    category = np.array([numbers[name] for name in shop.variants.categories] + [len(numbers)], dtype=np.int64)
    whole_shop = np.zeros(len(lines.ids), dtype=np.int64)
    by_sku, by_category, by_shop = (
        _quantile(group, lines.quantity, measured) for group in (lines.variant + 1, category[lines.variant], whole_shop)
    )
    of_goods = np.maximum(by_sku, by_category)
    return np.where(of_goods > 0, of_goods, by_shop)


def _quantile(group: Ints, quantity: Ints, measured: Bools) -> Ints:
    """The quantile of each line's group, 0 where the group has too few lines that can be measured."""
    groups = int(group.max(initial=0)) + 1
    counts = np.bincount(group[measured], minlength=groups)
    # Both in one number, for which sorting is far faster; no quantity comes near the bound.
    sizes = np.sort((group[measured] << _BITS) + np.minimum(quantity[measured], _MOST)) & _MOST
    ends = np.cumsum(counts)
    place = ends - counts + np.ceil(_USUAL * counts).astype(np.int64) - 1
    found = np.zeros(groups, dtype=np.int64)
    enough = counts >= _ENOUGH_LINES
    found[enough] = sizes[place[enough]]
    return found[group]


def standing(shop: Shop, order: Ints) -> tuple[Ints, Ints, Bools]:
    """How each order stands, as a place in STANDINGS; after how many minutes it was cancelled, and whether it was."""
    cancelled = ~np.isnat(shop.orders.cancelled_at[order])
    waited = (shop.orders.cancelled_at[order] - shop.orders.created_at[order]).astype(np.int64)
    seconds = np.where(cancelled, waited, 0)
    stands = np.where(cancelled, np.where(seconds <= AT_ONCE_S, 1, 2), 0)
    return stands.astype(np.int64), seconds // 60, cancelled


def orders_to_check(shop: Shop, book: Book, window: Window, factor: float = FACTOR) -> Table:
    """Orders of a window that look mistaken: those that still stand first, then the largest."""
    found = suspects(shop, factor)
    day = book.ordered[found.order]
    chosen = np.flatnonzero((day >= 0) & (day >= window.first) & (day <= window.last))
    stands = standing(shop, found.order[chosen])[0]
    chosen = chosen[np.lexsort((-found.times[chosen], stands != 0))]
    order, line = found.order[chosen], found.line[chosen]
    stands, minutes, cancelled = standing(shop, order)
    orders, variant = shop.orders, shop.lines.variant[line]
    skus, titles = (*shop.variants.skus, ""), (*shop.variants.titles, "")
    return Table(
        "orders-to-check",
        (
            Column("order_id", "text", "The order's id.", [orders.ids[at] for at in order]),
            Column("order_name", "text", "The order's name, as customers see it.", [orders.names[at] for at in order]),
            Column("day", "day", "The day on which it was placed.", orders.day[order]),
            Column("channel", "text", "Where it was placed.", [orders.channels[at] for at in orders.channel[order]]),
            Column(
                "sku", "text", "What there is too much of; empty for goods that are gone.", [skus[at] for at in variant]
            ),
            Column("title", "text", "Its name.", [titles[at] for at in variant]),
            Column("units", "integer", "Units of it in the order.", shop.lines.quantity[line]),
            Column("usual_units", "integer", "What 99 of 100 orders of it do not exceed.", found.usual_units[chosen]),
            Column("times", "number", "Units against that.", found.times[chosen]),
            Column("total_minor", "integer", "What was asked for the order.", orders.total_minor[order]),
            Column(
                "standing",
                "text",
                "open, cancelled_at_once (within an hour) or cancelled.",
                [STANDINGS[at] for at in stands],
            ),
            Column(
                "minutes_to_cancellation", "integer", "How long it stood; missing while it does.", minutes, cancelled
            ),
        ),
    )
