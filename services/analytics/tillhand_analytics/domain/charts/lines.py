"""Figures over days as lines: series beside one another, and positions, where the first is the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.charts import svg
from tillhand_analytics.domain.charts.axes import Scale, day_axis, numbers, upright
from tillhand_analytics.domain.charts.frame import Canvas, Chart, Key, Look, series_key, stroke
from tillhand_analytics.domain.charts.measures import FEW, Measure, day
from tillhand_analytics.domain.charts.style import fill
from tillhand_analytics.domain.records import Bools, Days, Floats, Ints

_COMPARED = "5 4"
"""Dashes of what a series is compared with."""


@dataclass(frozen=True, slots=True)
class Line:
    """A named series, NaN where it is unknown; `compared` is what another is held against, drawn in dashes."""

    name: str
    values: Floats | Ints
    compared: bool = False


def series_chart(title: str, days: Days, lines: Sequence[Line], measure: Measure, look: Look = Look()) -> Chart:  # noqa: B008  # frozen
    """One or several series over the same days, in the unit of `measure`.

    A comparison period is a line of the same days whose values are those of the days that it is compared with.
    """
    keys = _keys(lines)
    canvas = Canvas(title, look, keys if len(keys) > 1 else ())
    drawn = [measure.drawn(line.values) for line in lines]
    low, high = _range(drawn)
    if not np.isfinite(low):
        canvas.nothing("No data in this window.")
        return canvas.finish(f"{title}: no data in this window.")
    axis = upright(measure, min(0.0, low), max(0.0, high), whole=_whole(measure, high), height=look.height_px - 100)
    box = canvas.box(left=axis.room, caption=True)
    y = axis.draw(canvas, box)
    x = day_axis(canvas, box, days.min(), days.max()).at(numbers(days))
    for key, values in zip(keys, drawn, strict=True):
        _draw(canvas, key, x, y, values)
    return canvas.finish(_series_said(title, days, lines, measure))


def position_chart(title: str, days: Days, lines: Sequence[Line], look: Look = Look()) -> Chart:  # noqa: B008  # frozen
    """Mean positions in search results by query or engine, from 1, the best, on top."""
    keys = _keys(lines)
    canvas = Canvas(title, look, keys if len(keys) > 1 else ())
    drawn = [np.asarray(line.values, np.float64) for line in lines]
    low, high = _range(drawn)
    if not np.isfinite(low):
        canvas.nothing("No positions in this window.")
        return canvas.finish(f"{title}: no positions in this window.")
    axis = upright(Measure("Mean position", "decimal"), 1.0, max(high, 2.0), whole=True, height=look.height_px - 100)
    axis = axis.beginning_at(1.0)
    box = canvas.box(left=axis.room, caption=True)
    y = axis.draw(canvas, box, down=True)
    x = day_axis(canvas, box, days.min(), days.max()).at(numbers(days))
    for key, values in zip(keys, drawn, strict=True):
        _draw(canvas, key, x, y, values)
    return canvas.finish(_positions_said(title, days, lines))


def _keys(lines: Sequence[Line]) -> list[Key]:
    """A comparison has the colour of the line before it."""
    keys: list[Key] = []
    place = -1
    for line in lines:
        place += not line.compared or place < 0
        keys.append(series_key(line.name, place, dash=_COMPARED if line.compared else None))
    return keys


def _draw(canvas: Canvas, key: Key, x: Floats, y: Scale, values: Floats) -> None:
    down = y.at(values)
    canvas.add(f'<path d="{svg.path(x, down)}" {stroke(key)}/>')
    for at in np.flatnonzero(svg.lone(x, down)):
        canvas.add(f'<circle cx="{svg.number(x[at])}" cy="{svg.number(down[at])}" r="2.5" {fill(key.colour)}/>')


def _range(drawn: Sequence[Floats]) -> tuple[float, float]:
    known = np.concatenate([each[np.isfinite(each)] for each in drawn] or [np.empty(0)])
    return (float(known.min()), float(known.max())) if len(known) else (np.nan, np.nan)


def _whole(measure: Measure, high: float) -> bool:
    return measure.kind == "count" and high < FEW


def _span(days: Days) -> str:
    return f"from {day(days.min())} to {day(days.max())}"


def _series_said(title: str, days: Days, lines: Sequence[Line], measure: Measure) -> str:
    said = [f"{title}, {measure.name.lower()} by day {_span(days)}."]
    for line in lines:
        values = np.asarray(line.values, np.float64)
        known: Bools = np.isfinite(values)
        if not known.any():
            said.append(f"{line.name}: unknown.")
            continue
        top = int(np.nanargmax(np.where(known, values, np.nan)))
        mean, most = measure.said(float(values[known].mean())), measure.said(float(values[top]))
        at = "" if line.compared else f" on {day(days[top])}"
        said.append(f"{line.name}: {mean} a day on average, at most {most}{at}.")
    return " ".join(said)


def _positions_said(title: str, days: Days, lines: Sequence[Line]) -> str:
    said = [f"{title}, mean position by day {_span(days)}; 1 is the best."]
    for line in lines:
        values = np.asarray(line.values, np.float64)
        known = values[np.isfinite(values)]
        if len(known):
            said.append(f"{line.name}: {known[0]:.1f} at first, {known[-1]:.1f} at last, {known.min():.1f} at best.")
        else:
            said.append(f"{line.name}: unknown.")
    return " ".join(said)
