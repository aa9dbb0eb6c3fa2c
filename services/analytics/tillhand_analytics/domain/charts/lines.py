"""Named series over days, and how a line of them is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.charts import svg
from tillhand_analytics.domain.charts.axes import Scale
from tillhand_analytics.domain.charts.frame import Canvas, Key, series_key, stroke
from tillhand_analytics.domain.charts.measures import day
from tillhand_analytics.domain.charts.style import fill
from tillhand_analytics.domain.records import Days, Floats, Ints

_COMPARED = "5 4"
"""Dashes of what a series is compared with."""


@dataclass(frozen=True, slots=True)
class Line:
    """A named series, NaN where it is unknown; `compared` is what another is held against, drawn in dashes."""

    name: str
    values: Floats | Ints
    compared: bool = False


def keys_of(lines: Sequence[Line]) -> list[Key]:
    """The legend. A comparison has the colour of the line before it."""
    keys: list[Key] = []
    place = -1
    for line in lines:
        place += not line.compared or place < 0
        keys.append(series_key(line.name, place, dash=_COMPARED if line.compared else None))
    return keys


def draw(canvas: Canvas, key: Key, x: Floats, y: Scale, values: Floats) -> None:
    """A line, broken where it is unknown, with a point where only one day is known."""
    down = y.at(values)
    canvas.add(f'<path d="{svg.path(x, down)}" {stroke(key)}/>')
    for at in np.flatnonzero(svg.lone(x, down)):
        canvas.add(f'<circle cx="{svg.number(x[at])}" cy="{svg.number(down[at])}" r="2.5" {fill(key.colour)}/>')


def range_of(drawn: Sequence[Floats]) -> tuple[float, float]:
    """The least and the most of what is known; NaN where nothing is."""
    known = np.concatenate([each[np.isfinite(each)] for each in drawn] or [np.empty(0)])
    return (float(known.min()), float(known.max())) if len(known) else (np.nan, np.nan)


def span(days: Days) -> str:
    """The days in words."""
    return f"from {day(days.min())} to {day(days.max())}"
