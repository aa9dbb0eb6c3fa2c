"""Customers as pictures: cohorts as a heat map, and purchases as they were foretold and came."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from tillhand_analytics.domain.charts import Chart, Line, Measure, cohort_heat_map, series_chart
from tillhand_analytics.domain.customers.cohorts import Cohorts
from tillhand_analytics.domain.customers.outlook import Outlook
from tillhand_analytics.domain.customers.tables import tracking_table

Drawing: TypeAlias = Callable[..., Chart]
"""A chart whose look is still open; it takes `look` by name."""


def cohorts_drawing(found: Cohorts) -> Drawing:
    """Retention by cohort. Periods that are not over are left out: they would look like a loss of customers."""
    unit = "M" if found.period == "month" else "D"
    names = np.datetime_as_string(found.begins.astype(f"datetime64[{unit}]")).tolist()
    over = np.where(found.partial, np.nan, found.retention)
    return partial(
        cohort_heat_map, f"Customers who came back, by {found.period} of the first purchase", names, found.size, over
    )


def tracking_drawing(found: Outlook) -> Drawing:
    """Repeat purchases so far, week by week: as they came, and as the model of the holdout expected them."""
    columns = {column.name: np.asarray(column.values) for column in tracking_table(found).columns}
    lines = (Line("Came", columns["came"]), Line("Expected by the model", columns["expected"], compared=True))
    title = "Repeat purchases so far"
    if found.held is not None:
        title += f", foretold from {found.held.split_day} on"
    return partial(series_chart, title, columns["last_day"], lines, Measure("Repeat purchases"))
