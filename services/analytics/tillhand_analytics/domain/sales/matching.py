"""Cancellations that are rows of their own, matched to the sales that they take back.

Two passes. A cancellation of q units first strikes out the latest earlier sale of exactly q units of the same goods to
the same customer, at whatever price; a sale is struck out once. What is left then takes units off earlier sales of the
same goods to the same customer at the same price, latest first, over as many of them as it needs. What finds no sale
is left over: goods that were sold before the ledger begins, or to somebody who has no number.

The first pass was found by looking for a rule that gives the net figure given for UCI Online Retail to the cent: that
it does so is no check of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Bools, Ints
from tillhand_analytics.domain.sales.counting import sums

NOBODY: Final = -1
"""A customer who has no number, and whose cancellations therefore match nothing."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Which units of which sale were taken back by which cancellation; one row for each pair, by places of rows."""

    sale: Ints
    cancellation: Ints
    units: Ints
    whole: Bools

    def taken(self, rows: int) -> Ints:
        """Units taken back, for each row of the ledger that is a sale."""
        return sums(self.sale, self.units, rows)


@dataclass(frozen=True, slots=True)
class Movements:
    """Sales (positive `quantity`) and cancellations (negative) in their order of time, all of them goods with a price.

    `row` is the place in the ledger.
    """

    row: Ints
    customer: Ints
    goods: Ints
    price: Ints
    quantity: Ints


def matched(moved: Movements) -> Matches:
    """The pairs of both passes. No sale gives more units than it has, no cancellation takes more than it says."""
    known = _touched(moved)
    sale, cancellation = _whole(moved, known)
    units = -moved.quantity[cancellation]
    open_units = moved.quantity.copy()
    open_units[sale] = 0
    open_units[cancellation] = 0
    parts = _parts(moved, known[open_units[known] != 0], open_units)
    return Matches(
        moved.row[np.concatenate([sale, parts[0]])],
        moved.row[np.concatenate([cancellation, parts[1]])],
        np.concatenate([units, parts[2]]),
        np.arange(len(sale) + len(parts[0])) < len(sale),
    )


def _touched(moved: Movements) -> Ints:
    """Rows of goods and customers of which something was cancelled: few, so that the rest need not be put in order."""
    about = moved.customer * (moved.goods.max(initial=0) + 1) + moved.goods
    about[moved.customer == NOBODY] = NOBODY
    kinds, kind = np.unique(about, return_inverse=True)
    some = np.zeros(len(kinds), dtype=np.bool_)
    some[kind[moved.quantity < 0]] = True
    some &= kinds != NOBODY
    return np.flatnonzero(some[kind] & (moved.quantity != 0))


def _whole(moved: Movements, known: Ints) -> tuple[Ints, Ints]:
    """Sales that are struck out as a whole, and by which cancellation: the first of those that mean the same sale."""
    size = np.abs(moved.quantity[known])
    order, group = _grouped(moved.customer[known], moved.goods[known], size)
    at = known[order]
    sells = moved.quantity[at] > 0
    latest = np.maximum.accumulate(np.where(sells, np.arange(len(at)), -1)) if len(at) else order
    means = np.flatnonzero(~sells & (latest >= 0))
    means = means[group[latest[means]] == group[means]]
    struck, first = np.unique(latest[means], return_index=True)
    return at[struck], at[means[first]]


def _parts(moved: Movements, left: Ints, open_units: Ints) -> tuple[Ints, Ints, Ints]:
    """Pairs of the second pass; `open_units` are used up."""
    order, group = _grouped(moved.customer[left], moved.goods[left], moved.price[left])
    at = left[order]
    # Only groups in which something was cancelled are walked through, row by row: they are few.
    cancelled = np.unique(group[moved.quantity[at] < 0])
    rows = np.flatnonzero(np.isin(group, cancelled))
    pairs: list[tuple[int, int, int]] = []
    stack: list[list[int]] = []
    current = -1
    for of_group, row, units in zip(
        group[rows].tolist(), at[rows].tolist(), open_units[at[rows]].tolist(), strict=True
    ):
        if of_group != current:
            stack, current = [], of_group
        if units > 0:
            stack.append([row, units])
        else:
            pairs.extend(_take(stack, row, -units))
    table = np.array(pairs, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _take(stack: list[list[int]], row: int, wanted: int) -> list[tuple[int, int, int]]:
    """Take units off the latest sales."""
    pairs = []
    while wanted and stack:
        sale, units = stack[-1]
        taken = min(units, wanted)
        pairs.append((sale, row, taken))
        wanted -= taken
        stack[-1][1] -= taken
        if taken == units:
            stack.pop()
    return pairs


def _grouped(*keys: Ints) -> tuple[Ints, Ints]:
    """An order that brings rows of the same keys together without changing their order, and each row's group in it."""
    order = np.lexsort(keys[::-1])
    sorted_keys = [key[order] for key in keys]
    changed = np.zeros(len(order), dtype=np.bool_)
    for key in sorted_keys:
        changed[1:] |= key[1:] != key[:-1]
    return order, np.cumsum(changed)
