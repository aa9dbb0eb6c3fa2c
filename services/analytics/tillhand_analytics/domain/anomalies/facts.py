"""What can be added up by day: one row per order line, order, visit row or search row, with what it can be split by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np

from tillhand_analytics.domain.records import ENGINES, Bools, Floats, Ints, Shop, Texts

Metric = Literal[
    "sales_minor",
    "orders",
    "units",
    "placed_units",
    "discounts_minor",
    "sessions",
    "conversion",
    "clicks",
    "impressions",
]
METRICS: Final[tuple[Metric, ...]] = get_args(Metric)
ALL: Final = "all"
"""The dimension of a series that is split by nothing."""


@dataclass(frozen=True, slots=True)
class Split:
    """A dimension: the names of its elements, and the element of each row."""

    names: Texts
    element: Ints


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows of one metric over `days` days. A rate has `base`, of which `value` is a part; anything else has none.

    `day` is a place among the days of the shop, `watched` names the dimensions whose elements are series of their own.
    Days before `known_from` and after `known_to` are unknown and not empty: a source begins late, or lags.
    """

    metric: Metric
    days: int
    day: Ints
    value: Floats
    base: Floats | None
    splits: Mapping[str, Split]
    watched: tuple[str, ...]
    known_from: int = 0
    known_to: int | None = None

    def known(self) -> Bools:
        """Which days are known."""
        place = np.arange(self.days)
        known: Bools = (place >= self.known_from) & (
            place <= (self.days - 1 if self.known_to is None else self.known_to)
        )
        return known

    def by_day(self, dimension: str = ALL, *, base: bool = False) -> Floats:
        """Sums of shape (elements, days); of one element where the dimension is `all`."""
        weights = self.base if base and self.base is not None else self.value
        place, count = self.day, 1
        if dimension != ALL:
            split = self.splits[dimension]
            place, count = split.element * self.days + self.day, len(split.names)
        sums = np.bincount(place, weights=weights, minlength=count * self.days)
        return sums.reshape(count, self.days).astype(np.float64, copy=False)

    def where(self, kept: Bools) -> Facts:
        """The same over some of the rows."""
        return replace(
            self,
            day=self.day[kept],
            value=self.value[kept],
            base=None if self.base is None else self.base[kept],
            splits={name: Split(split.names, split.element[kept]) for name, split in self.splits.items()},
        )

    def of_element(self, dimension: str, name: str) -> Facts:
        """The rows of one element, without its dimension. Raises KeyError where there is none of that name."""
        if dimension == ALL:
            return self
        if name not in self.splits[dimension].names:
            raise KeyError(name)
        kept = self.of_elements(dimension, (name,))
        return replace(kept, splits={each: of for each, of in kept.splits.items() if each != dimension})

    def of_elements(self, dimension: str, names: Collection[str]) -> Facts:
        """The rows of some elements of a dimension."""
        split = self.splits[dimension]
        chosen = np.array([name in names for name in split.names], dtype=np.bool_)
        return self.where(chosen[split.element])


def facts_of(shop: Shop) -> dict[Metric, Facts]:
    """All metrics of a shop. Sales, orders and units leave cancelled orders aside, `placed_units` does not."""
    days = int((shop.last_day - shop.first_day).astype(np.int64)) + 1
    return {each.metric: each for each in (*_ordered(shop, days), *_visited(shop, days), *_searched(shop, days))}


def _ordered(shop: Shop, days: int) -> list[Facts]:
    orders, lines = shop.orders, shop.lines
    order_day = _places(orders.day, shop, days)
    inside = order_day >= 0
    kept = np.isnat(orders.cancelled_at) & inside
    channel = Split(orders.channels, orders.channel)
    counted = Facts("orders", days, order_day, np.ones(len(order_day)), None, {"channel": channel}, ("channel",))

    categories, category = np.unique(np.array((*shop.variants.categories, "")), return_inverse=True)
    gone = len(shop.variants.skus)
    variant = np.where(lines.variant < 0, gone, lines.variant)
    splits = {
        "category": Split(tuple(categories.tolist()), category[variant]),
        "channel": Split(orders.channels, orders.channel[lines.order]),
        "sku": Split((*shop.variants.skus, ""), variant),
    }
    watched = ("category", "channel")

    def of_lines(metric: Metric, value: Ints, rows: Bools) -> Facts:
        day = order_day[lines.order]
        return Facts(metric, days, day, value.astype(np.float64), None, splits, watched).where(rows[lines.order])

    return [
        counted.where(kept),
        of_lines("sales_minor", lines.amount_minor, kept),
        of_lines("units", lines.quantity, kept),
        of_lines("discounts_minor", lines.discount_minor, kept),
        of_lines("placed_units", lines.quantity, inside),
    ]


def _visited(shop: Shop, days: int) -> list[Facts]:
    visits = shop.visits
    day = _places(visits.day, shop, days)
    splits = {
        "channel": Split(visits.channels, visits.channel),
        "device": Split(visits.devices, visits.device),
        "country": Split(visits.countries, visits.country),
        "landing_page": Split(visits.pages, visits.page),
    }
    sessions, purchases = visits.sessions.astype(np.float64), visits.purchases.astype(np.float64)
    return [
        _observed("sessions", days, day, sessions, None, splits, ("channel", "device")),
        _observed("conversion", days, day, purchases, sessions, splits, ("channel", "device")),
    ]


def _searched(shop: Shop, days: int) -> list[Facts]:
    searches = shop.searches
    # A source that tells weeks alone tells no devices either: a week on one of its days would be an outlier.
    daily = np.array([*(device != "" for device in searches.devices), True])[searches.device]
    day = np.where(daily, _places(searches.day, shop, days), -1)
    splits = {
        "engine": Split(tuple(ENGINES), searches.engine),
        "device": Split(searches.devices, searches.device),
        "country": Split(searches.countries, searches.country),
        "page": Split(searches.pages, searches.page),
        "query": Split(searches.queries, searches.query),
    }
    counts: tuple[tuple[Metric, Ints], ...] = (("clicks", searches.clicks), ("impressions", searches.impressions))
    return [
        _observed(metric, days, day, count.astype(np.float64), None, splits, ("engine", "device"))
        for metric, count in counts
    ]


def _observed(
    metric: Metric,
    days: int,
    day: Ints,
    value: Floats,
    base: Floats | None,
    splits: Mapping[str, Split],
    watched: tuple[str, ...],
) -> Facts:
    """Rows that an observer gives, known from its first to its last day."""
    there = day[day >= 0]
    first, last = (int(there.min()), int(there.max())) if there.size else (days, -1)
    return Facts(metric, days, day, value, base, splits, watched, first, last).where(day >= 0)


def _places(day: np.ndarray[tuple[int, ...], np.dtype[np.datetime64]], shop: Shop, days: int) -> Ints:
    """The place of each day among those of the shop, -1 for one outside."""
    place: Ints = (day - shop.first_day).astype("timedelta64[D]").astype(np.int64)
    return np.where((place >= 0) & (place < days), place, -1)
