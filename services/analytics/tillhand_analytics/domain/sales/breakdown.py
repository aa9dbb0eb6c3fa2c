"""What was sold of each category, product, SKU and supplier, and through each channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np

from tillhand_analytics.domain.records import UNKNOWN, Bools, Ints, Shop
from tillhand_analytics.domain.sales.book import Basis, Book
from tillhand_analytics.domain.sales.counting import distinct, sums
from tillhand_analytics.domain.sales.kpis import of_channel, relative
from tillhand_analytics.domain.sales.measures import inside
from tillhand_analytics.domain.sales.windows import Window
from tillhand_analytics.domain.tables import Column, Table
from tillhand_analytics.errors import BadFigure

Dimension = Literal["category", "product", "sku", "supplier", "channel"]
DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)
_GOODS: Final[tuple[str, ...]] = (
    "gross_minor",
    "discount_minor",
    "cancelled_minor",
    "returned_minor",
    "units",
    "units_cancelled",
    "units_returned",
)


@dataclass(frozen=True, slots=True)
class Groups:
    """Lines put into groups, -1 for those that are left out.

    By goods, the last group is that of goods that are in the catalogue no more. `of_variant` is the group of each SKU;
    it is empty where groups are not made of goods.
    """

    keys: tuple[str, ...]
    titles: tuple[str, ...]
    of_line: Ints
    of_variant: Ints


def grouped(shop: Shop, dimension: Dimension) -> Groups:
    """The lines of a shop by a dimension. Products bear the title of their first SKU."""
    if dimension == "channel":
        return Groups(
            shop.orders.channels, shop.orders.channels, shop.orders.channel[shop.lines.order], np.zeros(0, np.int64)
        )
    variants = shop.variants
    names: dict[Dimension, Sequence[str]] = {
        "category": variants.categories,
        "product": variants.product_ids,
        "sku": variants.ids,
        "supplier": variants.suppliers,
    }
    keys, first, of_variant = _numbered(names[dimension])
    shown = {"sku": [variants.skus[at] for at in first]}.get(dimension, keys)
    titled = dimension in {"product", "sku"}
    titles = [variants.titles[at] for at in first] if titled else keys
    # Goods that are gone have place -1, which is that of the group appended here.
    of_line = np.append(of_variant, len(keys))[shop.lines.variant]
    return Groups((*shown, ""), (*titles, ""), of_line, of_variant)


def _numbered(names: Sequence[str]) -> tuple[list[str], list[int], Ints]:
    """Different names by where they first stand, where that is, and the number of each."""
    number: dict[str, int] = {}
    first: list[int] = []
    of_row = np.empty(len(names), dtype=np.int64)
    for at, name in enumerate(names):
        if name not in number:
            number[name] = len(first)
            first.append(at)
        of_row[at] = number[name]
    return list(number), first, of_row


def restricted(shop: Shop, groups: Groups, category: str | None, channel: str | None) -> Groups:
    """The same groups without lines of other categories and channels. Raises `BadFigure` where there are no such."""
    out = np.zeros(len(shop.lines.ids), dtype=np.bool_)
    if category is not None:
        within = [*(each == category for each in shop.variants.categories), False]
        if not any(within):
            raise BadFigure("There is no such category.", field="query.category")
        out |= ~np.array(within)[shop.lines.variant]
    if channel is not None:
        out |= ~of_channel(shop, channel)[shop.lines.order]
    return replace(groups, of_line=np.where(out, -1, groups.of_line))


def breakdown(shop: Shop, book: Book, asked: Window, basis: Basis, groups: Groups) -> Table:
    """Goods by group, best sellers first; cancelled orders count for nothing, so no mistake is a best seller.

    Allowances and shipping belong to whole orders and are left out, and so are groups without any entry.
    """
    found = _by_group(book, asked, basis, groups)
    net, before = _net(found), np.zeros(len(groups.keys), dtype=np.int64)
    if asked.before().whole(book.days):
        before = _net(_by_group(book, asked.before(), basis, groups))
    chosen = np.flatnonzero(np.any(list(found.values()), axis=0))
    whole = np.full(len(chosen), asked.before().whole(book.days))
    order = chosen[np.argsort(-net[chosen], kind="stable")]
    cost, costed = _cost(shop, book, asked, basis, groups)
    orders = _orders(shop, book, asked, groups)
    sold = np.maximum(net[order], 0)
    share = sold / max(int(sold.sum()), 1)
    change = relative(net[order].astype(np.float64), np.where(whole, before[order], np.nan))
    return Table(
        "sales-breakdown",
        (
            Column("key", "text", "What the row is about; empty for goods that are gone.", _at(groups.keys, order)),
            Column("title", "text", "Its name.", _at(groups.titles, order)),
            Column("net_minor", "integer", "Goods less discounts, cancellations and returns.", net[order]),
            Column("gross_minor", "integer", "Goods before discounts.", found["gross_minor"][order]),
            Column("discount_minor", "integer", "Discounts on them.", found["discount_minor"][order]),
            Column("cancelled_minor", "integer", "Goods of cancelled orders.", found["cancelled_minor"][order]),
            Column("returned_minor", "integer", "Goods given back.", found["returned_minor"][order]),
            Column("units_net", "integer", "Units less cancelled and returned ones.", _units(found)[order]),
            Column("units_cancelled", "integer", "Units of cancelled orders.", found["units_cancelled"][order]),
            Column("units_returned", "integer", "Units given back.", found["units_returned"][order]),
            Column("orders", "integer", "Orders of the window that stand and hold it.", orders[order]),
            Column("share", "number", "Share of the net of all rows above zero.", share),
            Column("cumulative_share", "number", "Share of this row and all better ones.", np.cumsum(share)),
            Column(
                "previous_net_minor",
                "integer",
                "Net of as many days right before, where all are known.",
                before[order],
                whole,
            ),
            Column("change_share", "number", "Change since then, as a share of it.", change),
            Column(
                "margin_minor",
                "integer",
                "Net less today's unit costs; missing where a cost is not known.",
                (net - cost)[order],
                costed[order],
            ),
        ),
    )


def _at(texts: Sequence[str], places: Ints) -> list[str | None]:
    return [texts[place] for place in places]


def _by_group(book: Book, asked: Window, basis: Basis, groups: Groups) -> dict[str, Ints]:
    """Every measure of goods, by group."""
    found: dict[str, Ints] = {}
    for entries in book.sorts:
        names = [name for name in _GOODS if name in entries.amounts]
        chosen = np.flatnonzero(inside(entries, asked, basis) & (entries.line >= 0)) if names else entries.line[:0]
        group = groups.of_line[entries.line[chosen]]
        found.update({name: sums(group, entries.amounts[name][chosen], len(groups.keys)) for name in names})
    return found


def _net(found: dict[str, Ints]) -> Ints:
    return found["gross_minor"] - found["discount_minor"] - found["cancelled_minor"] - found["returned_minor"]


def _units(found: dict[str, Ints]) -> Ints:
    return found["units"] - found["units_cancelled"] - found["units_returned"]


def _orders(shop: Shop, book: Book, asked: Window, groups: Groups) -> Ints:
    order = shop.lines.order
    day = book.ordered[order]
    chosen = book.kept[order] & (day >= 0) & (day >= asked.first) & (day <= asked.last) & (groups.of_line >= 0)
    pairs = distinct(order[chosen] * len(groups.keys) + groups.of_line[chosen])
    return np.bincount(pairs % max(len(groups.keys), 1), minlength=len(groups.keys)).astype(np.int64)


def _cost(shop: Shop, book: Book, asked: Window, basis: Basis, groups: Groups) -> tuple[Ints, Bools]:
    """What the net units of each group cost, and whether the cost of all its goods is known."""
    cost = np.append(shop.variants.unit_cost_minor, UNKNOWN)[shop.lines.variant]
    spent = np.zeros(len(groups.keys), dtype=np.int64)
    unknown = np.zeros(len(groups.keys), dtype=np.int64)
    for measure, sign in (("units", 1), ("units_cancelled", -1), ("units_returned", -1)):
        entries = book.entries(measure)
        chosen = np.flatnonzero(inside(entries, asked, basis) & (entries.line >= 0))
        line = entries.line[chosen]
        worth = np.where(cost[line] == UNKNOWN, 0, cost[line]) * entries.amounts[measure][chosen]
        spent += sign * sums(groups.of_line[line], worth, len(groups.keys))
        unknown += sums(groups.of_line[line], (cost[line] == UNKNOWN).astype(np.int64), len(groups.keys))
    return spent, unknown == 0
