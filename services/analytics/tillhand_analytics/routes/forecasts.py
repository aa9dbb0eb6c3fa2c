"""Forecasts of sales over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from tillhand_analytics import errors
from tillhand_analytics.domain.sales_forecast.history import Level, Measure
from tillhand_analytics.domain.sales_forecast.pictures import Drawing
from tillhand_analytics.domain.sales_forecast.tables import Which
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.models.forecasts import ForecastDayOut, ForecastOut, TriedOut
from tillhand_analytics.routes.charting import charted
from tillhand_analytics.routes.dependencies import MOST_DAYS, Again, Joined, Parts, Reads
from tillhand_analytics.routes.tabling import tabled
from tillhand_analytics.service.figures import Figure
from tillhand_analytics.service.forecasts import Forecasts, Series, Wish
from tillhand_common.problems import responses

router = APIRouter(prefix="/v1/sales/forecast", tags=["sales"], dependencies=[Reads])

Measured = Annotated[
    Measure,
    Query(description="`sales` are goods ordered, after discounts and without cancelled orders; or `units` of them."),
]
Horizon = Annotated[int, Query(ge=1, le=MOST_DAYS, description="Days ahead.")]
UNKNOWN = responses(errors.UnknownRow)


def _forecasts(parts: Joined, again: bool) -> Forecasts:
    return Forecasts(parts.figures, parts.forecasters, again=again)


async def _wish(
    measure: Measured = "sales",
    horizon_days: Horizon = 28,
    coverage: Annotated[
        float, Query(ge=0.5, le=0.99, description="The share of what comes that intervals are to hold.")
    ] = 0.9,
) -> Wish:
    return Wish(measure, horizon_days, coverage)


async def _series(
    level: Annotated[Level, Query(description="The whole shop, a category or a SKU.")] = "total",
    key: Annotated[str, Query(max_length=200, description="Which category or SKU.")] = "",
) -> Series:
    return Series(level, key)


Wished = Annotated[Wish, Depends(_wish)]
Asked = Annotated[Series, Depends(_series)]


@tabled(router, "", row=ForecastOut)
async def forecast(
    parts: Parts,
    again: Again,
    wish: Wished,
    level: Annotated[Level | None, Query(description="Only the whole shop, categories or SKUs.")] = None,
    category: Annotated[str | None, Query(max_length=200, description="Only this category and its SKUs.")] = None,
) -> Figure[Table]:
    """What is expected in the coming days: of the shop, of each category and of each SKU, in figures that add up.

    Each row has its interval, the model, and how the same procedure did at earlier points beside naive forecasts.
    """
    return await _forecasts(parts, again).table(wish, Which(level, category))


@tabled(router, "/days", row=ForecastDayOut, more=UNKNOWN)
async def forecast_days(parts: Parts, again: Again, wish: Wished, series: Asked) -> Figure[Table]:
    """What is expected of the whole shop, a category or a SKU, day by day with intervals."""
    return await _forecasts(parts, again).days(wish, series)


@tabled(router, "/backtest", row=TriedOut)
async def forecast_backtest(
    parts: Parts, again: Again, measure: Measured = "sales", horizon_days: Horizon = 28
) -> Figure[Table]:
    """How each model did at earlier points, and how the whole procedure did, against naive forecasts."""
    return await _forecasts(parts, again).backtest(measure, horizon_days)


@charted(router, "/chart.svg", more=UNKNOWN, numbers=True)
async def forecast_chart(
    parts: Parts,
    again: Again,
    wish: Wished,
    series: Asked,
    days: Annotated[int, Query(ge=7, le=1_830, description="The last so many days before them.")] = 90,
) -> Figure[Drawing]:
    """The past days and the coming ones, with intervals."""
    return await _forecasts(parts, again).chart(wish, series, days)
