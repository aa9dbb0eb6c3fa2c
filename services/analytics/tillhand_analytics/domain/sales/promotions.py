"""Which discounts there were on whole categories, as the lines show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.records import UNKNOWN, Bools, Floats, Ints, Shop
from tillhand_analytics.domain.sales.book import Book
from tillhand_analytics.domain.sales.counting import sums

Matrix = NDArray[np.int64]
_DISCOUNTED: Final = 0.03
"""A line with less off than this was rounded, not discounted."""
_MOST_LINES: Final = 0.6
_NEARLY_ALL: Final = 0.8
_LEAST_LINES: Final = 10
"""Of fewer, a few vouchers of single customers may be nearly all."""


@dataclass(frozen=True, slots=True)
class Sold:
    """What stands of a shop's sales, by category and day: lines, discounted lines, units, and amounts.

    `percents` is what was taken off each discounted line, `cells` its place in the other arrays made flat, in order.
    """

    categories: tuple[str, ...]
    lines: Matrix
    discounted: Matrix
    units: Matrix
    gross_minor: Matrix
    net_minor: Matrix
    cost_minor: Matrix
    cost_known: Bools
    cells: Ints
    percents: Floats


def sold(shop: Shop, book: Book) -> Sold:
    """Add up the lines of orders that stand."""
    names = tuple(dict.fromkeys(shop.variants.categories))
    number = {name: at for at, name in enumerate(names)}
    of_variant = np.array([number[name] for name in shop.variants.categories] + [UNKNOWN], dtype=np.int64)
    lines = shop.lines
    day = book.ordered[lines.order]
    chosen = np.flatnonzero(book.kept[lines.order] & (day >= 0) & (lines.variant >= 0))
    cell = of_variant[lines.variant[chosen]] * book.days + day[chosen]
    amount, discount, units = lines.amount_minor[chosen], lines.discount_minor[chosen], lines.quantity[chosen]
    cost = np.append(shop.variants.unit_cost_minor, UNKNOWN)[lines.variant[chosen]]
    known = np.ones(len(names), dtype=np.bool_)
    known[of_variant[:-1][shop.variants.unit_cost_minor == UNKNOWN]] = False

    reduced = (discount > 0) & (discount >= _DISCOUNTED * (amount + discount))
    cells = cell[reduced]
    order = np.argsort(cells, kind="stable")

    def added(values: Ints) -> Matrix:
        return sums(cell, values, len(names) * book.days).reshape(len(names), book.days)

    return Sold(
        names,
        lines=added(np.ones(len(chosen), dtype=np.int64)),
        discounted=added(reduced.astype(np.int64)),
        units=added(units),
        gross_minor=added(amount + discount),
        net_minor=added(amount),
        cost_minor=added(np.maximum(cost, 0) * units),
        cost_known=known,
        cells=cells[order],
        percents=(100 * discount[reduced] / (amount + discount)[reduced])[order],
    )


@dataclass(frozen=True, slots=True)
class Run:
    """Days on which nearly all lines of a category were discounted."""

    category: int
    first: int
    last: int
    percent: float
    lines: int


def runs(of: Sold) -> list[Run]:
    """All runs, category by category; days without any line may lie within one, and neither begin nor end it."""
    found = []
    on = (of.lines > 0) & (of.discounted >= _MOST_LINES * of.lines)
    quiet = of.lines == 0
    for category in np.flatnonzero(on.any(axis=1)).tolist():
        for first, last in _stretches(on[category], quiet[category]):
            days = slice(first, last + 1)
            lines, discounted = int(of.lines[category, days].sum()), int(of.discounted[category, days].sum())
            if lines >= _LEAST_LINES and discounted >= _NEARLY_ALL * lines:
                found.append(Run(category, first, last, _percent(of, category, first, last), lines))
    return found


def _stretches(on: Bools, quiet: Bools) -> list[tuple[int, int]]:
    belongs = np.concatenate([[False], on | quiet, [False]])
    edges = np.flatnonzero(belongs[1:] != belongs[:-1])
    found = []
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        inside = np.flatnonzero(on[begin:end])
        if len(inside):
            found.append((begin + int(inside[0]), begin + int(inside[-1])))
    return found


def _percent(of: Sold, category: int, first: int, last: int) -> float:
    """The median of the discounted lines: single vouchers do not move it."""
    row = category * of.lines.shape[1]
    begin, end = np.searchsorted(of.cells, (row + first, row + last + 1)).tolist()
    return float(np.median(of.percents[begin:end]))


@dataclass(frozen=True, slots=True)
class Promotion:
    """Categories that were discounted by nearly the same share at the same time; days as places, both in it.

    `percent` is the usual discount, to a tenth.
    """

    categories: tuple[str, ...]
    first: int
    last: int
    percent: float


def promotions_in(of: Sold) -> list[Promotion]:
    """All of them, in the order of their days."""
    found = [_promotion(of, group) for group in _together(runs(of))]
    return sorted(found, key=lambda each: (each.first, each.categories))


def _together(of_categories: list[Run]) -> list[list[Run]]:
    """Runs of nearly the same percentage that overlap, put together one by one in the order of their days."""
    groups: list[list[Run]] = []
    for run in sorted(of_categories, key=lambda each: (each.first, each.category)):
        for group in groups:
            near = abs(group[0].percent - run.percent) < 2.5  # noqa: PLR2004  # shops discount in steps of five
            if near and run.first <= max(each.last for each in group):
                group.append(run)
                break
        else:
            groups.append([run])
    return groups


def _promotion(of: Sold, group: list[Run]) -> Promotion:
    first = _commonest([(run.first, run.lines) for run in group])
    return Promotion(
        categories=tuple(of.categories[at] for at in sorted({run.category for run in group})),
        first=first,
        last=max(_commonest([(run.last, run.lines) for run in group]), first),
        percent=round(float(np.median([run.percent for run in group])), 1),
    )


def _commonest(days: list[tuple[int, int]]) -> int:
    """The day with most lines: a voucher the day before makes a single category seem to begin early."""
    weight: dict[int, int] = {}
    for day, lines in days:
        weight[day] = weight.get(day, 0) + lines
    return max(weight, key=lambda day: (weight[day], -day))
