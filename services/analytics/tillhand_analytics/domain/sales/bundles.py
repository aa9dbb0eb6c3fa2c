"""Pairs as a table, with what they suggest: goods to offer together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Bools, Ints, Shop
from tillhand_analytics.domain.sales.baskets import Level, Pairs, filled, paired, significant
from tillhand_analytics.domain.sales.book import Book
from tillhand_analytics.domain.sales.breakdown import Groups, grouped
from tillhand_analytics.domain.sales.windows import Window
from tillhand_analytics.domain.tables import Column, Table

LEAST_LIFT: Final = 1.2
"""A pair that is a finding for its number alone, and hardly more common than chance, is nothing to offer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which pairs are wanted: of which level, in how many baskets at least, at which false discovery rate."""

    level: Level = "product"
    least: int = 5
    rate: float = 0.05
    only_findings: bool = False


def bundles(shop: Shop, book: Book, window: Window, asked: Asked) -> Table:
    """Pairs bought together, those with the most baskets beyond chance first, findings before all others."""
    groups = grouped(shop, asked.level)
    items = len(groups.keys) - 1
    pairs = paired(filled(shop, book, window, groups.of_line, items), asked.least)
    found = significant(pairs, asked.rate)
    chosen = np.flatnonzero(found) if asked.only_findings else np.arange(len(found))
    excess = pairs.both - pairs.expected
    order = chosen[np.lexsort((-excess[chosen], ~found[chosen]))]
    return _table(groups, pairs, order, found, _offered(shop, groups, items, asked.level))


def _offered(shop: Shop, groups: Groups, items: int, level: Level) -> Bools:
    """Items of which at least one SKU is for sale; categories are nothing that can be offered."""
    offered = np.zeros(items, dtype=np.bool_)
    if level != "category":
        offered[groups.of_variant[shop.variants.for_sale]] = True
    return offered


def _table(groups: Groups, pairs: Pairs, order: Ints, found: Bools, offered: Bools) -> Table:
    first, second, both = pairs.first[order], pairs.second[order], pairs.both[order]
    of_first, of_second = pairs.of_item[first], pairs.of_item[second]
    lift = both * float(pairs.baskets) / np.maximum(of_first * of_second, 1)
    expected = pairs.expected[order]
    suggested = found[order] & offered[first] & offered[second] & (both >= LEAST_LIFT * expected)
    return Table(
        "sales-baskets",
        (
            Column("first_key", "text", "The one of the pair.", [groups.keys[at] for at in first]),
            Column("first_title", "text", "Its name.", [groups.titles[at] for at in first]),
            Column("second_key", "text", "The other.", [groups.keys[at] for at in second]),
            Column("second_title", "text", "Its name.", [groups.titles[at] for at in second]),
            Column("orders", "integer", "Orders with both.", both),
            Column("orders_first", "integer", "Orders with the one.", of_first),
            Column("orders_second", "integer", "Orders with the other.", of_second),
            Column("support", "number", "Share of all orders that hold both.", both / max(pairs.baskets, 1)),
            Column("confidence_first", "number", "Share of orders with the one that hold the other.", both / of_first),
            Column(
                "confidence_second", "number", "Share of orders with the other that hold the one.", both / of_second
            ),
            Column("lift", "number", "Orders with both against what shares of all orders would make.", lift),
            Column("expected_orders", "number", "Orders that chance would make, week by week and by size.", expected),
            Column("excess_orders", "number", "Orders beyond chance.", both - expected),
            Column("p_value", "number", "That chance makes as many or more.", pairs.p_value[order]),
            Column("false_discovery_rate", "number", "The rate at which the pair is a finding.", pairs.rate[order]),
            Column("finding", "boolean", "It is one at the rate asked for.", found[order]),
            Column("suggested", "boolean", "A finding, clearly above chance, and both are for sale.", suggested),
        ),
    )
