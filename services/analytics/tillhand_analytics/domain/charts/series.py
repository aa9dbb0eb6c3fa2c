"""Figures over days: series beside one another, what they are compared with, and what they should lie within."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.charts import svg
from tillhand_analytics.domain.charts.axes import Scale, day_axis, numbers, upright
from tillhand_analytics.domain.charts.frame import Canvas, Chart, Key, Look
from tillhand_analytics.domain.charts.lines import Line, draw, keys_of, range_of, span
from tillhand_analytics.domain.charts.measures import FEW, Measure, day
from tillhand_analytics.domain.charts.style import fill, line
from tillhand_analytics.domain.records import Bools, Days, Floats

_FAINT = 0.18
_NAMED = 3
"""Days outside that the words name."""


@dataclass(frozen=True, slots=True)
class Within:
    """The interval that the first line should lie in; NaN or endless where there is none.

    `outside` are the days on which it does not.
    """

    name: str
    low: Floats
    high: Floats
    outside: Bools


def series_chart(
    title: str,
    days: Days,
    lines: Sequence[Line],
    measure: Measure,
    look: Look = Look(),  # noqa: B008  # frozen
    *,
    within: Within | None = None,
) -> Chart:
    """One or several series over the same days, in the unit of `measure`.

    A comparison period is a line of the same days whose values are those of the days that it is compared with.
    """
    keys = keys_of(lines)
    canvas = Canvas(title, look, [*keys, *_within_keys(within)] if len(keys) > 1 or within is not None else ())
    drawn = [measure.drawn(line.values) for line in lines]
    ends = [] if within is None else [measure.drawn(within.low), measure.drawn(within.high)]
    low, high = range_of([*drawn, *ends])
    if not np.isfinite(low):
        canvas.nothing("No data in this window.")
        return canvas.finish(f"{title}: no data in this window.")
    whole = measure.kind == "count" and high < FEW
    axis = upright(measure, min(0.0, low), max(0.0, high), whole=whole, height=look.height_px - 100)
    box = canvas.box(left=axis.room, caption=True)
    y = axis.draw(canvas, box)
    x = day_axis(canvas, box, days.min(), days.max()).at(numbers(days))
    if ends:
        canvas.add(f'<path d="{svg.area(x, y.at(ends[0]), y.at(ends[1]))}" {fill("s1")} fill-opacity="{_FAINT}"/>')
    for key, values in zip(keys, drawn, strict=True):
        draw(canvas, key, x, y, values)
    if within is not None and drawn:
        _mark(canvas, x, y, drawn[0], within.outside)
    return canvas.finish(_said(title, days, lines, measure, within))


def _within_keys(within: Within | None) -> list[Key]:
    if within is None:
        return []
    marked = [Key("Outside", "s2", shape="dot")] if within.outside.any() else []
    return [Key(within.name, "s1", shape="box", opacity=_FAINT), *marked]


def _mark(canvas: Canvas, x: Floats, y: Scale, values: Floats, outside: Bools) -> None:
    down = y.at(values)
    for at in np.flatnonzero(outside & np.isfinite(down)):
        where = f'cx="{svg.number(x[at])}" cy="{svg.number(down[at])}" r="5"'
        canvas.add(f'<circle {where} {line("s2")} stroke-width="2.5"/>')


def _said(title: str, days: Days, lines: Sequence[Line], measure: Measure, within: Within | None) -> str:
    name = measure.name.lower()
    what = "by day" if name in title.lower() else f"{name} by day"
    said = [f"{title}, {what} {span(days)}.", *(_line_said(each, days, measure) for each in lines)]
    if within is not None:
        said.append(_outside_said(days, within))
    return " ".join(said)


def _line_said(line: Line, days: Days, measure: Measure) -> str:
    values = np.asarray(line.values, np.float64)
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return f"{line.name}: unknown."
    top = known[np.argmax(values[known])]
    at = "" if line.compared else f" on {day(days[top])}"
    mean, most, last = (measure.said(float(each)) for each in (values[known].mean(), values[top], values[known[-1]]))
    return f"{line.name}: {mean} on average, at most {most}{at}, {last} at last."


def _outside_said(days: Days, within: Within) -> str:
    outside = days[within.outside]
    said = f"Outside of the {within.name.lower()}: {len(outside)} of {len(days)} days"
    named = ", ".join(day(each) for each in outside[-_NAMED:])
    on = "on" if len(outside) <= _NAMED else "the latest on"
    return f"{said}, {on} {named}." if named else f"{said}."
