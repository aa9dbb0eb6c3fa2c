"""Stock as pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from tillhand_analytics.domain.charts import Chart, Expected, cover_chart, demand_chart
from tillhand_analytics.domain.inventory.goods import Goods
from tillhand_analytics.domain.inventory.overview import Overview
from tillhand_analytics.domain.inventory.tables import Which

LONGEST_NAME: Final = 60
Drawing = Callable[..., Chart]


def cover_drawing(all_of: Overview, which: Which) -> Drawing:
    """How long the stock of what is for sale lasts, and which of it has to be ordered now."""
    rows = np.flatnonzero(which.rows(all_of) & all_of.panel.for_sale & ~np.isnan(all_of.panel.sellable))
    return partial(cover_chart, "Days of cover", all_of.cover.days[rows], to_reorder=all_of.orders.due[rows])


def demand_drawing(goods: Goods, row: int, days: int, expected: Expected | None = None) -> Drawing:
    """What was sold of a SKU on each of the last so many days, when there was nothing to sell, and what is expected."""
    panel, window = goods.panel, slice(max(goods.panel.days - days, 0), None)
    last = panel.last_day.astype("datetime64[D]")
    sold = panel.units[row, window].astype(np.float64)
    dates = last - np.arange(len(sold) - 1, -1, -1)
    out = panel.on_sale[row, window] & ~panel.available[row, window]
    title = f"Demand for {panel.skus[row]}"
    return partial(demand_chart, title[:LONGEST_NAME], dates, sold, expected=expected, stocked_out=out)
