"""How much to order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.inventory.reorder import Points
from tillhand_analytics.domain.inventory.worth import DAYS_OF_A_YEAR
from tillhand_analytics.domain.records import Bools, Floats

LEAST_HOLDING_RATE: Final = 0.001
"""Below it, an economic quantity is that of centuries, and in the end no number that can be written."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an order should do. Raises ValueError naming the field that cannot be.

    Goods ordered should last `cover_days` beyond their arrival. Where `ordering_cost_minor` is set (what one order
    costs, whatever its size), the economic order quantity takes its place, with `holding_rate` the yearly cost of
    keeping stock as a share of its value. Orders are of at least `minimum_units`, and of whole packs.
    """

    cover_days: int = 28
    ordering_cost_minor: int = 0
    holding_rate: float = 0.25
    minimum_units: int = 1
    pack_units: int = 1

    def __post_init__(self) -> None:
        for name in ("cover_days", "minimum_units", "pack_units"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.ordering_cost_minor < 0:
            raise ValueError("ordering_cost_minor must not be negative")
        if not self.holding_rate >= LEAST_HOLDING_RATE:
            raise ValueError(f"holding_rate must be at least {LEAST_HOLDING_RATE}")


@dataclass(frozen=True, slots=True)
class Orders:
    """What to order of each SKU. `due` is whether there is demand for it and its position is at its reorder point.

    `up_to` is the position to be reached, `economic` the economic order quantity (NaN without an ordering cost or a
    unit's cost), `units` what to order, 0 where nothing is due.
    """

    due: Bools
    up_to: Floats
    economic: Floats
    units: Floats
    cost_minor: Floats


def economic_quantity(per_day: Floats, cost_minor: Floats, rules: Rules) -> Floats:
    """The economic order quantity sqrt(2 D K / (h c)) of Harris (1913), of a year's demand D; NaN where unknown."""
    if rules.ordering_cost_minor == 0:
        return np.full(len(per_day), np.nan)
    holding = np.where(cost_minor > 0, cost_minor, np.nan) * rules.holding_rate
    quantity: Floats = np.sqrt(2 * per_day * DAYS_OF_A_YEAR * rules.ordering_cost_minor / holding)
    return quantity


def orders_of(panel: Panel, points: Points, per_day: Floats, rules: Rules, waiting: Floats | float = 0.0) -> Orders:
    """Order up to the reorder point and a cycle's demand, where the position calls for it and there is demand.

    What is `waiting` for a decision counts as ordered: the same need is not told twice.
    """
    position = panel.sellable + panel.incoming + waiting
    economic = economic_quantity(per_day, panel.cost_minor, rules)
    cycle = np.where(np.isnan(economic), per_day * rules.cover_days, economic)
    up_to = np.ceil(points.units + cycle)
    due = panel.for_sale & (per_day > 0) & (np.nan_to_num(position, nan=np.inf) <= points.units)
    missing = np.where(due, np.maximum(up_to - np.nan_to_num(position), 1.0), 0.0)
    least = np.where(missing > 0, np.maximum(missing, rules.minimum_units), 0.0)
    units = np.ceil(least / rules.pack_units) * rules.pack_units
    return Orders(due, up_to, economic, units, units * panel.cost_minor)
