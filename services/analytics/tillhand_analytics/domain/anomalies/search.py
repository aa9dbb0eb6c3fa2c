"""The series of one metric and dimension, with what was expected of their days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.anomalies.baseline import Baseline, baseline
from tillhand_analytics.domain.anomalies.facts import ALL, Facts, Metric
from tillhand_analytics.domain.anomalies.happenings import Mistake, mistakes
from tillhand_analytics.domain.records import Bools, Floats, Shop
from tillhand_analytics.domain.sales.book import booked
from tillhand_analytics.domain.sales.promotions import Promotion, promotions_in, sold

LEAST_PER_DAY: Final = 2.0
"""Events a day below which a series is not watched: its days hold nothing to compare."""
_RECENT: Final = 56
_SOLD: Final[frozenset[Metric]] = frozenset({"sales_minor", "orders", "units", "discounts_minor", "placed_units"})


@dataclass(frozen=True, slots=True)
class Happened:
    """What is known of a shop, all days."""

    promotions: tuple[Promotion, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Watched:
    """Series with their baselines. `values`, `ordinary`, and of a rate `bases`, have shape (series, days).

    `ordinary` are days without a known happening, which alone say what an ordinary day is; `silent` series had too
    little to be watched.
    """

    facts: Facts
    dimension: str
    elements: tuple[str, ...]
    values: Floats
    bases: Floats | None
    judged: Baseline
    ordinary: Bools
    silent: int

    def expected(self, row: int) -> Floats:
        """What was expected of each day of a series: a sum, or a rate."""
        return self.judged.mean(row)

    def sums(self, row: int, first: int, last: int) -> tuple[float, float]:
        """What there was over some days, and what was expected; of a rate, both are rates over all of them."""
        days = slice(first, last + 1)
        value, expected = self.values[row, days], self.expected(row)[days]
        if self.bases is None:
            return float(value.sum()), float(expected.sum())
        base = self.bases[row, days]
        whole = float(base.sum())
        return (float(value.sum()) / whole, float((expected * base).sum()) / whole) if whole else (0.0, 0.0)

    def value(self, row: int, day: int) -> float:
        """What there was on a day: a sum, or a rate."""
        value = float(self.values[row, day])
        return value if self.bases is None else value / max(float(self.bases[row, day]), 1.0)


def happened(shop: Shop) -> Happened:
    """Promotions and mistaken orders, as the records tell."""
    return Happened(tuple(promotions_in(sold(shop, booked(shop)))), tuple(mistakes(shop)))


def watch(facts: Facts, dimension: str, known: Happened) -> Watched:
    """The series of a dimension that have something on most days."""
    known_days = facts.known()
    values = np.where(known_days, facts.by_day(dimension), np.nan)
    bases = None if facts.base is None else facts.by_day(dimension, base=True)
    names = (ALL,) if dimension == ALL else facts.splits[dimension].names
    lively = _lively(values if bases is None else bases, facts)
    values, bases = values[lively], None if bases is None else bases[lively]
    elements = tuple(name for name, kept in zip(names, lively.tolist(), strict=True) if kept)
    ordinary = _ordinary(facts, dimension, elements, known)
    return Watched(facts, dimension, elements, values, bases, baseline(values, bases), ordinary, int((~lively).sum()))


def _lively(values: Floats, facts: Facts) -> Bools:
    """Which series have something on most days; money is compared with the median amount of a row."""
    unit = 1.0
    if facts.metric.endswith("_minor"):
        paid = facts.value[facts.value > 0]
        unit = float(np.median(paid)) if paid.size else 1.0
    recent = values[:, facts.known()][:, -_RECENT:]
    if not recent.shape[1]:
        return np.zeros(len(values), dtype=np.bool_)
    lively: Bools = recent.mean(axis=1) >= LEAST_PER_DAY * unit
    return lively


def _ordinary(facts: Facts, dimension: str, elements: Sequence[str], known: Happened) -> Bools:
    ordinary = np.ones((len(elements), facts.days), dtype=np.bool_)
    if facts.metric in _SOLD:
        for promotion in known.promotions:
            concerned = np.array(
                [_concerns(promotion.categories, dimension, name) for name in elements], dtype=np.bool_
            )
            ordinary[concerned, promotion.first : promotion.last + 1] = False
    if facts.metric == "placed_units":
        for mistake in known.mistakes:
            concerned = np.array([_concerns((mistake.category,), dimension, name) for name in elements], dtype=np.bool_)
            ordinary[concerned, mistake.day] = False
    return ordinary


def _concerns(categories: Sequence[str], dimension: str, element: str) -> bool:
    return dimension != "category" or element in categories
