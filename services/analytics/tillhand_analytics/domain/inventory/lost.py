"""What was not sold because nothing was left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.inventory.windows import recent, recent_days
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Floats

WINDOW_DAYS: Final = 90
RATE_DAYS: Final = 180
"""Velocity is taken over twice as long, for a window that is mostly empty shelves says little of demand."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Lost sales of the last `window_days`, by SKU.

    `out_days` are days on sale on which nothing could be bought; NaN where stock-outs were not observed in the whole
    window. `units` is out days x velocity over available days, `revenue_minor` that at today's price and `margin_minor`
    at today's margin. An estimate: what waits for the goods to return, or takes another SKU, counts as lost.
    """

    window_days: int
    out_days: Floats
    units: Floats
    revenue_minor: Floats
    margin_minor: Floats


def lost_of(panel: Panel, window_days: int = WINDOW_DAYS) -> Lost:
    """The lost sales of every SKU that is for sale today."""
    window = min(window_days, panel.days)
    on_sale, available = (recent_days(each, (window, RATE_DAYS)) for each in (panel.on_sale, panel.available))
    out_days = on_sale[:, 0] - available[:, 0]
    observed = panel.observed_from <= panel.days - window
    out_days = np.where(panel.for_sale, out_days, 0.0) if observed else np.full_like(out_days, np.nan)
    rate = ratio(recent(panel.units, (RATE_DAYS,))[:, 0], available[:, 1])
    units = np.where(out_days > 0, out_days * np.nan_to_num(rate), out_days)
    price = np.where(panel.price_minor < 0, np.nan, panel.price_minor.astype(np.float64))
    return Lost(window, out_days, units, units * price, units * panel.margin_minor)
