"""What is bought together more often than chance, week and size of basket would have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.sparse import csr_matrix, triu
from scipy.special import gammainc

from tillhand_analytics.domain.chance import q_values
from tillhand_analytics.domain.records import Bools, Floats, Ints, Shop
from tillhand_analytics.domain.sales.book import Book
from tillhand_analytics.domain.sales.counting import distinct
from tillhand_analytics.domain.sales.windows import Window

Level = Literal["category", "product", "sku"]
WEEK_DAYS: Final = 7
_CHUNK: Final = 50_000


@dataclass(frozen=True, slots=True)
class Baskets:
    """Which items lie in which baskets, each pair once; `week` is that of each basket."""

    basket: Ints
    item: Ints
    week: Ints
    items: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """Items bought together, one row for each pair with `first` < `second`.

    `both` counts baskets with both, `expected` how many of them chance would make; `p_value` is that chance makes as
    many or more, `rate` the false discovery rate at which the pair is a finding. `of_item` counts baskets by item,
    `baskets` all of them.
    """

    first: Ints
    second: Ints
    both: Ints
    expected: Floats
    p_value: Floats
    rate: Floats
    of_item: Ints
    baskets: int


def filled(shop: Shop, book: Book, asked: Window, of_line: Ints, items: int) -> Baskets:
    """The baskets of a window: orders that stand, with what is still in the catalogue; items are groups of lines."""
    lines = shop.lines
    day = book.ordered[lines.order]
    chosen = book.kept[lines.order] & (day >= 0) & (day >= asked.first) & (day <= asked.last)
    chosen &= (of_line < items) & (lines.quantity > 0)
    pairs = distinct(lines.order[chosen] * max(items, 1) + of_line[chosen])
    of_pair = pairs // max(items, 1)
    orders = distinct(of_pair)
    return Baskets(np.searchsorted(orders, of_pair), pairs % max(items, 1), book.ordered[orders] // WEEK_DAYS, items)


def paired(baskets: Baskets, least: int) -> Pairs:
    """Pairs that lie in `least` baskets or more.

    What chance would make of a pair is calculated week by week, so that two things of one season or promotion do not
    seem to belong together, and from the sizes of baskets, so that large ones do not either: with a_i baskets that hold
    i, and s items in a basket, a pair is expected in a_i a_j sum s(s-1) / ((sum s)^2 - sum a_i^2) of them. The sum over
    all pairs is the number of pairs there are. Counts are taken to be Poisson, which has a longer tail
    than drawing without replacement. Every pair of two items that each lie in `least` baskets counts as tested.
    """
    count = len(baskets.week)
    ones = np.ones(len(baskets.item), dtype=np.int64)
    holds = csr_matrix((ones, (baskets.basket, baskets.item)), shape=(count, baskets.items))
    together = triu(holds.T @ holds, k=1).tocoo()
    often = together.data >= max(least, 1)
    first, second = together.row[often].astype(np.int64), together.col[often].astype(np.int64)
    both = together.data[often].astype(np.int64)
    of_item = np.bincount(baskets.item, minlength=baskets.items).astype(np.int64)
    expected = _expected(baskets, first, second)
    chance: Floats = gammainc(both, expected)
    tested = int((of_item >= max(least, 1)).sum())
    rate = q_values(chance, tested * (tested - 1) // 2)
    return Pairs(first, second, both, expected, chance, rate, of_item, count)


def _expected(baskets: Baskets, first: Ints, second: Ints) -> Floats:
    weeks, week = np.unique(baskets.week, return_inverse=True)
    cells = np.bincount(week[baskets.basket] * baskets.items + baskets.item, minlength=len(weeks) * baskets.items)
    by_week = cells.reshape(len(weeks), baskets.items).astype(np.float64)
    size = np.bincount(baskets.basket, minlength=len(week))
    pairs = np.bincount(week, weights=size * (size - 1), minlength=len(weeks))
    free = by_week.sum(axis=1) ** 2 - (by_week**2).sum(axis=1)
    scaled = by_week * np.divide(pairs, free, out=np.zeros(len(weeks)), where=free > 0)[:, None]
    expected = np.empty(len(first))
    for start in range(0, len(first), _CHUNK):
        part = slice(start, start + _CHUNK)
        expected[part] = np.einsum("wp,wp->p", scaled[:, first[part]], by_week[:, second[part]])
    return expected


def significant(pairs: Pairs, rate: float) -> Bools:
    """Pairs that are findings at a false discovery rate."""
    found: Bools = pairs.rate <= rate
    return found
