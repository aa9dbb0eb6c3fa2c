"""A forecast as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np

from tillhand_analytics.domain import charts
from tillhand_analytics.domain.sales_forecast.expected import Ends, Expected
from tillhand_analytics.domain.sales_forecast.tables import titles

LONGEST_NAME: Final = 60
NARROW: Final = 0.5
"""The level of the inner band."""
Drawing = Callable[..., charts.Chart]


def expected_of(found: Expected, ends: Sequence[Ends], row: int) -> charts.Expected:
    """What a chart shows of a forecast; `ends` from the widest to the narrowest, unknown ones left out."""
    bands = [
        charts.Band(each.level, each.low[row], each.high[row])
        for each in ends
        if np.isfinite(each.low[row]).all() and np.isfinite(each.high[row]).all()
    ]
    return charts.Expected(found.days[row], bands)


def forecast_drawing(found: Expected, ends: Sequence[Ends], row: int, days: int, currency: str) -> Drawing:
    """The last so many days of a series, and what is expected after them."""
    history = found.history
    sold = history.values[row, -days:]
    dates = history.last_day - np.arange(len(sold) - 1, -1, -1)
    out = history.out[row - history.heads, -days:] if row >= history.heads else np.zeros(len(sold), np.bool_)
    money = history.measure == "sales"
    measure = charts.Measure("Sales a day", "money", currency) if money else charts.Measure("Units a day")
    return partial(
        charts.demand_chart,
        titles(history)[row][:LONGEST_NAME],
        dates,
        np.nan_to_num(sold),
        expected=expected_of(found, ends, row),
        stocked_out=out,
        measure=measure,
    )
