"""What is known to have happened, read from the records themselves: mistaken orders, and the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Shop

_MISTAKEN_WITHIN: Final = np.timedelta64(60, "m")
_MISTAKEN_TIMES: Final = 4.0
"""Times the largest of a hundred orders: what nobody means to buy."""
_THURSDAY: Final = 3


@dataclass(frozen=True, slots=True)
class Mistake:
    """An order that was far too large and cancelled within the hour; `day` is a place, `units` what it asked for."""

    order: int
    name: str
    day: int
    units: float
    category: str


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


def _category(shop: Shop, order: int) -> str:
    lines = np.flatnonzero(shop.lines.order == order)
    if not lines.size:
        return ""
    largest = lines[np.argmax(shop.lines.quantity[lines])]
    variant = int(shop.lines.variant[largest])
    return shop.variants.categories[variant] if variant >= 0 else ""
