"""What stock is worth, what it earns, what of it is dead or more than is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.inventory.windows import recent
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats, Ints

DEAD_AFTER_DAYS: Final = 90
OVERSTOCK_DAYS: Final = 180
SELL_THROUGH_DAYS: Final = 90
DAYS_OF_A_YEAR: Final = 365


@dataclass(frozen=True, slots=True)
class Worth:
    """Money in the stock of each SKU. Values are at cost, NaN where cost or stock is not known.

    `sell_through` is units sold in 90 days by those and what is left. `gmroi` is the gross margin of a year by the
    stock at cost: revenue after discounts and refunds, less the cost of what was not returned, scaled from the days
    of the panel to 365. The stock of the last day stands for that of the year, for no source tells the mean.
    """

    stock_value_minor: Floats
    retail_value_minor: Floats
    gross_margin_minor: Floats
    sell_through: Floats
    gmroi: Floats


@dataclass(frozen=True, slots=True)
class Idle:
    """Stock that does not move. `last_sale` is a day index, -1 for never; `idle_days` counts since then.

    `dead` marks SKUs with stock of which nothing was sold in the last `after_days`, all of which they were on sale.
    `excess_units` are those beyond `overstock_days` of current velocity, of SKUs that do move.
    """

    last_sale: Ints
    idle_days: Ints
    dead: Bools
    excess_units: Floats


def worth_of(panel: Panel) -> Worth:
    """What the stock of every SKU is worth, and what it earns."""
    stock = np.maximum(panel.on_hand, 0.0)
    price = np.where(panel.price_minor < 0, np.nan, panel.price_minor.astype(np.float64))
    value = stock * panel.cost_minor
    units = np.einsum("ij->i", panel.units, dtype=np.float64)
    margin = panel.revenue_minor - (units - panel.returned_units) * panel.cost_minor
    sold = recent(panel.units, (SELL_THROUGH_DAYS,))[:, 0]
    yearly = margin * DAYS_OF_A_YEAR / max(panel.days, 1)
    return Worth(value, stock * price, margin, ratio(sold, sold + stock), ratio(yearly, value))


def idle_of(
    panel: Panel, per_day: Floats, *, after_days: int = DEAD_AFTER_DAYS, overstock_days: int = OVERSTOCK_DAYS
) -> Idle:
    """Dead stock and overstock; `per_day` is the velocity that stock is judged by."""
    count = np.arange(1, panel.days + 1, dtype=np.uint16)  # a panel has less than 65,536 days
    last = np.max((panel.units > 0) * count, axis=1, initial=0).astype(np.int64) - 1
    since = panel.days - 1 - np.maximum(last, first_day_on_sale(panel) - 1)
    stock = np.maximum(np.nan_to_num(panel.on_hand), 0.0)
    dead = (stock > 0) & (since >= after_days)
    excess = np.where(per_day > 0, np.floor(np.maximum(stock - per_day * overstock_days, 0.0)), 0.0)
    return Idle(last, since, dead, np.where(dead, 0.0, excess))


def first_day_on_sale(panel: Panel) -> Ints:
    """The first day index on which a SKU was on sale, the number of days where it never was."""
    first = np.argmax(panel.on_sale, axis=1).astype(np.int64) if panel.days else np.zeros(len(panel.skus), np.int64)
    return np.where(panel.on_sale.any(axis=1), first, panel.days)
