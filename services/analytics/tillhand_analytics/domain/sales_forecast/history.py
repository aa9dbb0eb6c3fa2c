"""What was bought day by day: the whole shop, each category, each SKU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.records import Bools, Floats, Ints, Shop, Texts

Measure = Literal["sales", "units"]
Level = Literal["total", "category", "sku"]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
DECIMALS: Final = 4
"""Of forecast units; forecast money is in whole minor units."""


@dataclass(frozen=True, slots=True)
class History:
    """Series by day, the last of them the shop's last whole day: the total (row 0), `g` categories, then `n` SKUs.

    `values` ((1 + g + n) x t) count what was ordered and not cancelled since: units, or what they cost after discounts,
    in minor units; what was returned later was wanted all the same. A SKU is NaN on days when it could not be bought.
    `piece` (n) is what one unit counts: 1, or what is usually paid for it. `group` (n) is the category of each SKU,
    `for_sale` (n) whether it is on sale today. `out` (n x t) marks days when a
    SKU was on sale and could not be bought. Goods that are in the catalogue no more are one SKU and one category
    without a name.
    """

    measure: Measure
    last_day: np.datetime64
    group: Ints
    categories: Texts
    skus: Texts
    titles: Texts
    values: Floats
    out: Bools
    for_sale: Bools
    piece: Floats

    @property
    def sums(self) -> Floats:
        """The total and the categories."""
        return self.values[: self.heads]

    @property
    def members(self) -> Floats:
        """The SKUs."""
        return self.values[self.heads :]

    @property
    def heads(self) -> int:
        """The row of the first SKU."""
        return 1 + len(self.categories)

    @property
    def days(self) -> int:
        """How many days there are."""
        return int(self.values.shape[1])

    def rounded(self, values: Floats) -> Floats:
        """Forecasts of SKUs in what they are told in."""
        return np.round(values, DECIMALS if self.measure == "units" else 0)


def history_of(shop: Shop, panel: Panel, measure: Measure) -> History:
    """The history of a shop, whose SKUs the panel has in the same order."""
    number = {name: place for place, name in enumerate(dict.fromkeys(shop.variants.categories))}
    sold = _sold(shop, panel, measure)
    gone = bool(sold[-1].any())
    count = len(panel.skus) + gone
    group = np.array([*(number[name] for name in shop.variants.categories), *([len(number)] if gone else [])], np.int64)
    sold = sold[:count]
    groups = np.zeros((len(number) + gone, panel.days))
    np.add.at(groups, group, sold)
    buyable = np.ones(sold.shape, np.bool_)
    buyable[: len(panel.skus)] = panel.available
    out = np.zeros(sold.shape, np.bool_)
    out[: len(panel.skus)] = panel.on_sale & ~panel.available
    members = np.where(buyable, sold, np.nan)
    nameless = ("",) if gone else ()
    return History(
        measure=measure,
        last_day=panel.last_day.astype("datetime64[D]"),
        group=group,
        categories=(*number, *nameless),
        skus=(*panel.skus, *nameless),
        titles=(*shop.variants.titles, *nameless),
        values=np.concatenate([groups.sum(axis=0, keepdims=True), groups, members]),
        out=out,
        for_sale=np.concatenate([panel.for_sale, np.zeros(int(gone), np.bool_)]),
        piece=_piece(shop, panel, measure, sold),
    )


def _piece(shop: Shop, panel: Panel, measure: Measure, sold: Floats) -> Floats:
    """What a unit has brought on average, or its price where none was sold."""
    if measure == "units":
        return np.ones(len(sold))
    units = _sold(shop, panel, "units")[: len(sold)].sum(axis=1)
    price = np.ones(len(sold))
    price[: len(panel.skus)] = np.maximum(panel.price_minor, 1)
    return np.where(units > 0, np.maximum(sold.sum(axis=1) / np.maximum(units, 1), 1.0), price)


def _sold(shop: Shop, panel: Panel, measure: Measure) -> Floats:
    """By SKU and day ((n + 1) x t); the last row is of goods that are gone."""
    lines, orders = shop.lines, shop.orders
    day = (orders.day.astype("datetime64[D]") - shop.first_day.astype("datetime64[D]")).astype(np.int64)[lines.order]
    chosen = np.isnat(orders.cancelled_at)[lines.order] & (day >= 0) & (day < panel.days)
    amount = lines.quantity if measure == "units" else lines.amount_minor
    row = np.where(lines.variant < 0, len(panel.skus), lines.variant)
    size = (len(panel.skus) + 1) * panel.days
    flat = np.bincount((row * panel.days + day)[chosen], amount[chosen].astype(np.float64), size)
    return flat.astype(np.float64, copy=False).reshape(-1, panel.days)
