"""Forecasts as they are told. Amounts are in what `unit` says; shares are parts of 1."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from tillhand_analytics.domain.sales_forecast.history import Level
from tillhand_analytics.models.base import Out

Unit = Literal["units", "minor"]


class ForecastOut(Out):
    """What is expected of the shop, a category or a SKU."""

    level: Level = Field(description="Whether the row is about the whole shop, a category or a SKU.")
    key: str = Field(description="Which one: the name of a category or a SKU, nothing for the whole shop.")
    title: str = Field(description="Its name.")
    unit: Unit = Field(description="What is counted: `minor` units of the currency, or `units`.")
    expected: float = Field(description="In all days of the horizon together.")
    low: float | None = Field(description="Lower end of the interval of that.")
    high: float | None = Field(description="Upper end; missing where too few errors are known for it.")
    before: float = Field(description="What came in as many days right before.")
    change_share: float | None = Field(description="What is expected against that, as a share of it.")
    model: str = Field(description="What it was forecast with, before all was made to add up.")
    beats_naive: bool = Field(description="The record is better than that of both naive forecasts.")
    wape: float | None = Field(
        description="What sums over the horizon were off by at earlier points, as a share of what came."
    )
    naive_wape: float | None = Field(description="The same of the better naive forecast.")
    bias: float | None = Field(description="Forecast less what came, as a share of that.")
    coverage: float | None = Field(description="The share of such sums within such intervals, of series alike.")
    origins: int = Field(description="Points of the past at which it was tried.")
    note: str = Field(description="Why this model, and how well it does here.")


class ForecastDayOut(Out):
    """What is expected of a day."""

    level: Level = Field(description="Whether the row is about the whole shop, a category or a SKU.")
    key: str = Field(description="Which one: the name of a category or a SKU, nothing for the whole shop.")
    day: date = Field(description="A day ahead.")
    unit: Unit = Field(description="What is counted: `minor` units of the currency, or `units`.")
    expected: float = Field(description="Expected on that day.")
    low: float | None = Field(description="Lower end of the interval of that.")
    high: float | None = Field(description="Upper end; missing where too few errors are known for it.")


class TriedOut(Out):
    """How a model did on the past."""

    level: Level = Field(description="What was forecast.")
    model: str = Field(
        description="The model; `as_forecast` is the whole procedure, whose models were chosen from what was "
        "known then."
    )
    chosen: bool = Field(description="Forecasts are made with it now.")
    wape: float | None = Field(
        description="What sums over the horizon were off by, as a share of what came, over all series."
    )
    against_naive: float | None = Field(
        description="That error as a multiple of the better naive forecast's; below 1 is better."
    )
    bias: float | None = Field(description="Forecast less what came, as a share of that.")
    mase: float | None = Field(description="Mean absolute scaled error of days, the mean over all series.")
    series: int = Field(description="How many series.")
    origins: int = Field(description="Points of the past at which it was tried.")
