"""What is known to have happened, read from the records themselves: promotions, mistaken orders, and the calendar."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats, Ints, Shop

_PROMOTED: Final = 0.6
"""The share of a day's orders of a category from which its goods, and not some customers, have a discount."""
_LEAST_ORDERS: Final = 6
"""Orders with a discount that a promotion has: fewer may have come together by chance."""
_MOST_SILENT_DAYS: Final = 1
_SAME_PERCENT: Final = 2.0
_MISTAKEN_WITHIN: Final = np.timedelta64(60, "m")
_MISTAKEN_TIMES: Final = 4.0
"""Times the largest of a hundred orders: what nobody means to buy."""
_THURSDAY: Final = 3


@dataclass(frozen=True, slots=True)
class Promotion:
    """Goods of some categories were sold at a discount; places of days, both in it. `percent` is the usual discount."""

    categories: tuple[str, ...]
    first: int
    last: int
    percent: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """An order that was far too large and cancelled within the hour; `day` is a place, `units` what it asked for."""

    order: int
    name: str
    day: int
    units: float
    category: str


@dataclass(frozen=True, slots=True)
class _Bought:
    """What each order held of each category: one row each, with the discount in percent. `day` is a place of days."""

    categories: tuple[str, ...]
    category: Ints
    day: Ints
    percent: Floats

    def usual_percent(self, category: int, first: int, last: int) -> float:
        """The median discount of those that had one."""
        there = (self.category == category) & (self.day >= first) & (self.day <= last) & (self.percent > 0)
        return round(float(np.median(self.percent[there])), 1)


@dataclass(frozen=True, slots=True)
class _Run:
    category: str
    first: int
    last: int
    percent: float
    orders: int


def promotions(shop: Shop) -> list[Promotion]:
    """Promotions by their discounts: runs of days on which most orders of a category had one, categories together."""
    bought = _bought(shop)
    if not bought.day.size:
        return []
    days, count = int(bought.day.max()) + 1, len(bought.categories)
    place = bought.category * days + bought.day
    every = np.bincount(place, minlength=count * days).reshape(count, days)
    reduced = np.bincount(place[bought.percent > 0], minlength=count * days).reshape(count, days)
    runs = [
        _Run(
            bought.categories[row],
            first,
            last,
            bought.usual_percent(row, first, last),
            int(reduced[row, first : last + 1].sum()),
        )
        for row in range(count)
        for first, last in _promoted(every[row], reduced[row])
    ]
    return _together(runs)


def mistakes(shop: Shop) -> list[Mistake]:
    """Orders that were cancelled within the hour and held far more than anybody buys."""
    orders, lines = shop.orders, shop.lines
    units = np.bincount(lines.order, weights=lines.quantity, minlength=len(orders.ids))
    kept = np.isnat(orders.cancelled_at)
    if not kept.any():
        return []
    usual = np.quantile(units[kept], 0.99)
    soon = ~kept & (orders.cancelled_at - orders.created_at <= _MISTAKEN_WITHIN)
    found = np.flatnonzero(soon & (units >= _MISTAKEN_TIMES * usual))
    return [
        Mistake(
            order=place,
            name=orders.names[place],
            day=int((orders.day[place] - shop.first_day).astype(np.int64)),
            units=float(units[place]),
            category=_category(shop, place),
        )
        for place in found.tolist()
    ]


def season(first_day: date, last_day: date) -> str | None:
    """The time of the year that the days touch and every shop knows, such as the week of Black Friday."""
    day = first_day
    while day <= last_day:
        if (name := _season(day)) is not None:
            return name
        day += timedelta(days=1)
    return None


def _season(day: date) -> str | None:
    fourth_thursday = _fourth_thursday_of_november(day.year)
    if fourth_thursday - timedelta(days=3) <= day <= fourth_thursday + timedelta(days=4):
        return "the week of Black Friday"
    if (day.month, day.day) >= (12, 1) and (day.month, day.day) <= (12, 23):
        return "the weeks before Christmas"
    if (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2):
        return "Christmas and New Year"
    return None


def _fourth_thursday_of_november(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(_THURSDAY - first.weekday()) % 7 + 21)


def _bought(shop: Shop) -> _Bought:
    orders, lines = shop.orders, shop.lines
    day = (orders.day - shop.first_day).astype(np.int64)
    kept = (lines.variant >= 0) & (np.isnat(orders.cancelled_at) & (day >= 0))[lines.order]
    names, of_variant = np.unique(np.array(shop.variants.categories, dtype=np.str_), return_inverse=True)
    pair, row = np.unique(lines.order[kept] * max(len(names), 1) + of_variant[lines.variant[kept]], return_inverse=True)
    discount = np.bincount(row, weights=lines.discount_minor[kept], minlength=len(pair))
    before = discount + np.bincount(row, weights=lines.amount_minor[kept], minlength=len(pair))
    order, category = np.divmod(pair, max(len(names), 1))
    percent = 100 * discount / np.maximum(before, 1)
    return _Bought(tuple(names.tolist()), category, day[order], percent)


def _promoted(every: Ints, reduced: Ints) -> list[tuple[int, int]]:
    """First and last days of runs of promoted days; a day without any order may lie between."""
    promoted: Bools = (every > 0) & (reduced >= _PROMOTED * every)
    found: list[tuple[int, int]] = []
    for day in np.flatnonzero(promoted).tolist():
        if found and not every[found[-1][1] + 1 : day].any() and day - found[-1][1] - 1 <= _MOST_SILENT_DAYS:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _together(runs: list[_Run]) -> list[Promotion]:
    """Runs that overlap and cut the price alike are one promotion, with the days of most of them."""
    groups: list[list[_Run]] = []
    for run in sorted(runs, key=lambda each: (each.first, each.category)):
        same = (group for group in groups if any(_alike(run, each) for each in group))
        group = next(same, None)
        if group is None:
            groups.append([run])
        else:
            group.append(run)
    return [
        Promotion(
            categories=tuple(sorted({run.category for run in group})),
            first=Counter(run.first for run in group).most_common(1)[0][0],
            last=Counter(run.last for run in group).most_common(1)[0][0],
            percent=float(np.median([run.percent for run in group])),
        )
        for group in groups
        if sum(run.orders for run in group) >= _LEAST_ORDERS
    ]


def _alike(one: _Run, other: _Run) -> bool:
    """Whether both cut the price alike, on days of which half and more are the same."""
    common = min(one.last, other.last) - max(one.first, other.first) + 1
    longer = max(one.last - one.first, other.last - other.first) + 1
    return 2 * common >= longer and abs(one.percent - other.percent) <= _SAME_PERCENT


def _category(shop: Shop, order: int) -> str:
    lines = np.flatnonzero(shop.lines.order == order)
    if not lines.size:
        return ""
    largest = lines[np.argmax(shop.lines.quantity[lines])]
    variant = int(shop.lines.variant[largest])
    return shop.variants.categories[variant] if variant >= 0 else ""
