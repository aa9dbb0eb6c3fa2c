"""Charts as SVG, readable on light and on dark ground, by eye and by ear."""

from tillhand_analytics.domain.charts.bars import funnel_chart, pareto_chart, waterfall_chart
from tillhand_analytics.domain.charts.cohorts import cohort_heat_map
from tillhand_analytics.domain.charts.cover import cover_chart
from tillhand_analytics.domain.charts.demand import Band, Expected, demand_chart
from tillhand_analytics.domain.charts.frame import Chart, Look
from tillhand_analytics.domain.charts.lines import Line
from tillhand_analytics.domain.charts.measures import Measure
from tillhand_analytics.domain.charts.positions import position_chart
from tillhand_analytics.domain.charts.series import Within, series_chart

__all__ = [
    "Band",
    "Chart",
    "Expected",
    "Line",
    "Look",
    "Measure",
    "Within",
    "cohort_heat_map",
    "cover_chart",
    "demand_chart",
    "funnel_chart",
    "pareto_chart",
    "position_chart",
    "series_chart",
    "waterfall_chart",
]
