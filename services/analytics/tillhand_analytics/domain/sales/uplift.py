"""What discounts sold beyond the usual, with what the rest of the shop did meanwhile taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.chance import Z_95
from tillhand_analytics.domain.records import Bools, Floats, Ints, Shop
from tillhand_analytics.domain.sales.book import Book
from tillhand_analytics.domain.sales.promotions import Promotion, Sold, promotions_in, runs, sold
from tillhand_analytics.domain.sales.windows import Window
from tillhand_analytics.domain.tables import Column, Table

AROUND_DAYS: Final = 28
"""What is usual is measured on so many days before and after."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a promotion sold.

    `uplift` is how many times the usual units were sold, `low` and `high` the ends of its 95 % interval; NaN where
    nothing is usual. `extra_margin_minor` is the margin beyond that of the usual units at full price, None where a cost
    is not known.
    """

    promotion: Promotion
    units: int
    uplift: float
    low: float
    high: float
    extra_margin_minor: int | None


def campaigns(of: Sold) -> tuple[Campaign, ...]:
    """All campaigns, in the order of their days."""
    promoted = np.zeros(of.units.shape, dtype=np.bool_)
    for run in runs(of):
        promoted[run.category, run.first : run.last + 1] = True
    return tuple(_measured(of, promoted, promotion) for promotion in promotions_in(of))


def _measured(of: Sold, promoted: Bools, promotion: Promotion) -> Campaign:
    first, last = promotion.first, promotion.last
    categories = np.flatnonzero(np.isin(of.categories, promotion.categories))
    during = np.arange(first, last + 1)
    around = np.arange(max(first - AROUND_DAYS, 0), min(last + AROUND_DAYS + 1, of.units.shape[1]))
    usual = around[~promoted[np.ix_(categories, around)].any(axis=0) & ((around < first) | (around > last))]
    others = np.flatnonzero(~promoted[:, around].any(axis=1))
    uplift, low, high = _uplift(of.units[categories].sum(axis=0), of.units[others].sum(axis=0), during, usual)
    return Campaign(
        promotion,
        int(of.units[np.ix_(categories, during)].sum()),
        uplift,
        low,
        high,
        _extra_margin(of, categories, during, uplift),
    )


def _uplift(own: Ints, others: Ints, during: Ints, usual: Ints) -> tuple[float, float, float]:
    """How many times the usual units, with what the rest of the shop did meanwhile taken out, and its interval."""
    counts = [int(units[days].sum()) for units in (own, others) for days in (during, usual)]
    if min(counts[0], counts[1]) == 0:
        return float("nan"), float("nan"), float("nan")
    scale = len(usual) / len(during)
    log = np.log(counts[0] * scale / counts[1])
    variance = _spread(own[usual]) * (1 / counts[0] + 1 / counts[1])
    if min(counts[2], counts[3]) > 0:
        log -= np.log(counts[2] * scale / counts[3])
        variance += _spread(others[usual]) * (1 / counts[2] + 1 / counts[3])
    half = Z_95 * np.sqrt(variance)
    return float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half))


def _spread(daily: Ints | Floats) -> float:
    """Variance over mean of usual days; 1 is that of a Poisson process, and the least."""
    mean = float(np.mean(daily))
    return max(float(np.var(daily, ddof=1)) / mean, 1.0) if mean > 0 and len(daily) > 1 else 1.0


def _extra_margin(of: Sold, categories: Ints, during: Ints, uplift: float) -> int | None:
    cells = np.ix_(categories, during)
    if np.isnan(uplift) or not of.cost_known[categories].all():
        return None
    gross, net, cost = (int(each[cells].sum()) for each in (of.gross_minor, of.net_minor, of.cost_minor))
    return round(net - cost - (gross - cost) / uplift)


def promotions(shop: Shop, book: Book, asked: Window) -> Table:
    """The campaigns that a window touches, in the order of their days."""
    found = [
        each
        for each in campaigns(sold(shop, book))
        if each.promotion.first <= asked.last and each.promotion.last >= asked.first
    ]
    begin, all_of = shop.first_day.astype("datetime64[D]"), [each.promotion for each in found]
    margins = [each.extra_margin_minor for each in found]
    return Table(
        "sales-promotions",
        (
            Column("categories", "text", "What was discounted.", [", ".join(each.categories) for each in all_of]),
            Column("first_day", "day", "Its first day.", begin + _ints([each.first for each in all_of])),
            Column("last_day", "day", "Its last day.", begin + _ints([each.last for each in all_of])),
            Column("percent", "number", "What was taken off, in percent.", _floats([each.percent for each in all_of])),
            Column("units", "integer", "Units sold meanwhile.", _ints([each.units for each in found])),
            Column(
                "uplift",
                "number",
                "Units against usual ones, the rest of the shop taken out; 1 is no effect.",
                _floats([each.uplift for each in found]),
            ),
            Column("uplift_low", "number", "Lower end of its 95 % interval.", _floats([each.low for each in found])),
            Column("uplift_high", "number", "Upper end of it.", _floats([each.high for each in found])),
            Column(
                "extra_margin_minor",
                "integer",
                "Margin beyond that of the usual units at full price; missing where a cost is not known.",
                _ints([margin or 0 for margin in margins]),
                np.array([margin is not None for margin in margins], dtype=np.bool_),
            ),
        ),
    )


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _floats(values: list[float]) -> Floats:
    return np.array(values, dtype=np.float64)
