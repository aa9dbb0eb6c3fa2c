"""The numbers behind a chart, as they are told."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from tillhand_analytics.models.base import Out


class LineOut(Out):
    """A series of the chart."""

    name: str
    kind: Literal["bars", "line"] = Field(description="Bars stand on the axis, a line does not.")
    values: list[float | None] = Field(description="One for each day; null where it is unknown.")


class BandOut(Out):
    """An interval of the chart."""

    name: str
    low: list[float | None]
    high: list[float | None]


class PointsOut(Out):
    """A chart over days in numbers, in the unit of its axis: money is in whole units of the currency."""

    title: str
    unit: str = Field(description="What the axis is called.")
    days: list[date]
    lines: list[LineOut]
    bands: list[BandOut]
