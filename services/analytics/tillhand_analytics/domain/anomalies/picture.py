"""One series as a chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tillhand_analytics.domain.anomalies.facts import ALL, Metric
from tillhand_analytics.domain.anomalies.followed import Followed
from tillhand_analytics.domain.charts import Chart, Line, Look, Measure, Within, series_chart

_NAMES: Final[Mapping[Metric, str]] = {
    "sales_minor": "Sales a day",
    "orders": "Orders a day",
    "units": "Units a day",
    "placed_units": "Units ordered a day",
    "discounts_minor": "Discounts a day",
    "sessions": "Visits a day",
    "conversion": "Purchases for each visit",
    "clicks": "Clicks a day",
    "impressions": "Impressions a day",
}


def days_chart(metric: Metric, element: str, followed: Followed, *, currency: str, look: Look) -> Chart:
    """What there was, what was expected, and the interval, with the days outside of it marked."""
    name = _NAMES[metric]
    title = name if element == ALL else f"{name}: {element}"
    lines = (Line("Actual", followed.actual), Line("Expected", followed.expected, compared=True))
    within = Within("Interval", followed.low, followed.high, followed.outside)
    return series_chart(title, followed.day, lines, _measure(metric, name, currency), look, within=within)


def _measure(metric: Metric, name: str, currency: str) -> Measure:
    if metric.endswith("_minor"):
        return Measure(name, "money", currency)
    return Measure(name, "share") if metric == "conversion" else Measure(name)
