"""Days without stock, and purchases from suppliers: what analytics has noted itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from tillhand_analytics.adapters.column_making import Places, days, ints
from tillhand_analytics.adapters.normalising.files import PURCHASES, STOCK_DAYS, Files, Window, rows
from tillhand_analytics.domain.records import Deliveries, StockOuts


def stock_outs(files: Files, window: Window, place: Mapping[str, int]) -> StockOuts:
    """SKUs of which nothing was left, day by day.

    Between two days that were observed one after the other, a SKU that was out on both was out.
    """
    seen = sorted((date.fromisoformat(each["day"]), frozenset(each["out"])) for each in rows(files[STOCK_DAYS]))
    seen = [each for each in seen if window.first_day <= each[0] <= window.last_day]
    found: set[tuple[int, date]] = set()
    for at, (day, out) in enumerate(seen):
        gap = _between(seen[at - 1][0], day) if at else []
        still = out & seen[at - 1][1] if at else frozenset()
        found.update((place[name], day) for name in out if name in place)
        found.update((place[name], each) for each in gap for name in still if name in place)
    ordered = sorted(found)
    return StockOuts(
        variant=ints(variant for variant, _ in ordered),
        day=days(day for _, day in ordered),
        known_from=np.datetime64(seen[0][0] if seen else "NaT", "D"),
    )


def _between(first: date, last: date) -> list[date]:
    return [date.fromordinal(day) for day in range(first.toordinal() + 1, last.toordinal())]


def deliveries(files: Files, place: Mapping[str, int]) -> Deliveries:
    """Purchases by the day of their order; rows of goods that are no longer sold are left out.

    `place` is of variants by SKU.
    """
    found = [each for each in rows(files[PURCHASES]) if each["sku"] in place]
    found.sort(key=lambda each: (each["ordered_on"], each["id"], each["sku"]))
    purchases, suppliers = Places(), Places()
    return Deliveries(
        purchase=purchases.of(each["id"] for each in found),
        supplier=suppliers.of(each["supplier"] for each in found),
        ids=purchases.texts,
        suppliers=suppliers.texts,
        variant=ints(place[each["sku"]] for each in found),
        ordered_on=days(_dates(found, "ordered_on")),
        promised_on=days(_dates(found, "promised_on")),
        received_on=days(_dates(found, "received_on")),
        ordered=ints(each["ordered"] for each in found),
        received=ints(each["received"] for each in found),
    )


def _dates(found: Sequence[Mapping[str, Any]], name: str) -> list[date | None]:
    return [None if each[name] is None else date.fromisoformat(each[name]) for each in found]
