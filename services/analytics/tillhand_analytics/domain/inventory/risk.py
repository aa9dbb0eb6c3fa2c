"""How likely goods run out before new ones can come, and what that would cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.inventory.reorder import Basis, Points
from tillhand_analytics.domain.records import Deliveries, Floats, Texts

AT_RISK: Final = 0.3
Standing = Literal["out", "at_risk", "reorder", "enough", "not_for_sale", "stock_unknown"]
_STANDINGS: Final = np.array(["out", "at_risk", "reorder", "enough", "not_for_sale", "stock_unknown"])


@dataclass(frozen=True, slots=True)
class Risk:
    """Stock-out risk of each SKU over its lead time.

    `position` is what can be sold and what is on its way: whatever was ordered by today comes within one more lead
    time. `overdue` is the part of it that should have come already.
    `chance` is the probability that demand over the lead time exceeds the position, from the same past as the
    conformal reorder point; NaN where that is too short. `expected_short` are the units that would be missing in the
    mean, `lost_margin_minor` what they would have earned. `standing` says how things are: `out` (nothing is left),
    `at_risk` (more likely than `at_risk` to run out), `reorder` (the position is at or below the reorder point).
    """

    position: Floats
    overdue: Floats
    chance: Floats
    expected_short: Floats
    lost_margin_minor: Floats
    standing: Texts


def risk_of(panel: Panel, basis: Basis, points: Points, deliveries: Deliveries, at_risk: float = AT_RISK) -> Risk:
    """The risk of every SKU."""
    position = panel.sellable + panel.incoming
    centre, scale = basis.forecasts.centre[:, -1], basis.forecasts.scale[:, -1]
    with np.errstate(invalid="ignore"):
        limit = (position - centre) / scale
    chance, excess = basis.now.exceeded(np.where(np.isnan(limit), np.inf, limit))
    unknown = np.isnan(panel.sellable)
    # Nothing that a class has seen helps against demand that there never was.
    idle = basis.past.rate[:, -1] <= 0
    chance = np.where(unknown, np.nan, np.where(idle & (position > 0), 0.0, chance))
    short = np.where(unknown, np.nan, np.where(idle, 0.0, excess * scale))
    return Risk(
        position=position,
        overdue=overdue_of(panel, deliveries),
        chance=chance,
        expected_short=short,
        lost_margin_minor=short * np.maximum(panel.margin_minor, 0.0),
        standing=_standing(panel, points, chance, at_risk),
    )


def overdue_of(panel: Panel, deliveries: Deliveries) -> Floats:
    """Units on their way that were promised for a day that has passed."""
    late = np.isnat(deliveries.received_on) & (deliveries.promised_on < panel.last_day) & (deliveries.variant >= 0)
    units: Floats = np.bincount(
        deliveries.variant[late], weights=deliveries.ordered[late], minlength=len(panel.skus)
    ).astype(np.float64)
    return units


def _standing(panel: Panel, points: Points, chance: Floats, at_risk: float) -> Texts:
    with np.errstate(invalid="ignore"):
        low = (panel.sellable + panel.incoming <= points.units) & (points.expected > 0)
        place = np.select(
            [~panel.for_sale, np.isnan(panel.sellable), panel.sellable <= 0, np.nan_to_num(chance) > at_risk, low],
            [4, 5, 0, 1, 2],
            3,
        )
    return tuple(_STANDINGS[place].tolist())
