"""Demand of a SKU by day: what was sold, what is expected with how wide a range, and when there was nothing to sell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tillhand_analytics.domain.charts import svg
from tillhand_analytics.domain.charts.axes import Scale, day_axis, numbers, upright
from tillhand_analytics.domain.charts.frame import Box, Canvas, Chart, Key, Look, stroke, triangle
from tillhand_analytics.domain.charts.measures import FEW, Measure, day
from tillhand_analytics.domain.charts.points import Between, Points, Traced, placed, written
from tillhand_analytics.domain.charts.style import fill, line
from tillhand_analytics.domain.records import Bools, Days, Floats, Ints

_SOLD = Key("Sold", "soft", shape="box")
_EXPECTED = Key("Forecast", "s1")
_EMPTY = Key("No stock", "s2", shape="mark")
_UNITS = Measure("Units a day")


@dataclass(frozen=True, slots=True)
class Band:
    """An interval of the forecast: `level` as a share, and its ends for each day of the forecast."""

    level: float
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Expected:
    """A forecast for the days right after the history, its bands from the widest to the narrowest."""

    mean: Floats
    bands: Sequence[Band] = ()


def demand_chart(
    title: str,
    days: Days,
    sold: Floats | Ints,
    *,
    expected: Expected | None = None,
    stocked_out: Bools | None = None,
    measure: Measure = _UNITS,
    look: Look = Look(),  # noqa: B008  # frozen
) -> Chart:
    """History as bars, forecast as a line in its bands; a triangle below each day that ended without stock.

    `days`, `sold` and `stocked_out` are of one length, NaN where nothing is known. Without a day there is no chart.
    """
    expected = expected if expected is not None and len(expected.mean) else None
    empty = np.zeros(len(days), np.bool_) if stocked_out is None else stocked_out
    canvas = Canvas(title, look, _keys(expected, empty))
    if not len(days):
        canvas.nothing("No days in this window.")
        return canvas.finish(f"{title}: no days in this window.")
    drawn = measure.drawn(sold)
    highest = _highest(drawn, expected, measure)
    axis = upright(measure, min(0.0, _lowest(drawn)), highest, whole=highest < FEW, height=look.height_px - 110)
    box = canvas.box(left=axis.room, bottom=38, caption=True)
    y = axis.draw(canvas, box)
    ahead = _ahead(days, expected)
    x = day_axis(canvas, box, days.min(), ahead[-1] if len(ahead) else days.max())
    _draw_sold(canvas, x, y, days, drawn)
    _draw_empty(canvas, x, box, days[empty])
    if expected is not None:
        _draw_expected(canvas, x, y, ahead, expected, measure)
        _draw_today(canvas, x, box, days[-1])
    finished = canvas.finish(_said(title, days, sold, empty, expected, measure))
    return replace(finished, points=_points(title, days, drawn, ahead, expected, measure))


def _points(title: str, days: Days, drawn: Floats, ahead: Days, expected: Expected | None, measure: Measure) -> Points:
    lines = [Traced(_SOLD.name, "bars", placed(drawn, 0, len(ahead)))]
    bands: list[Between] = []
    if expected is not None:
        before = len(days)
        lines.append(Traced(_EXPECTED.name, "line", placed(measure.drawn(expected.mean), before, 0)))
        for band in expected.bands:
            low, high = (placed(measure.drawn(each), before, 0) for each in (band.low, band.high))
            bands.append(Between(f"{band.level * 100:g} % interval", low, high))
    return Points(title, measure.caption, [*written(days), *written(ahead)], lines, bands)


def _keys(expected: Expected | None, empty: Bools) -> list[Key]:
    keys = [_SOLD]
    if expected is not None:
        keys.append(_EXPECTED)
        keys += [
            Key(f"{band.level * 100:g} % interval", "s1", shape="box", opacity=_opacity(at))
            for at, band in enumerate(expected.bands)
        ]
    return [*keys, _EMPTY] if empty.any() else keys


def _opacity(place: int) -> float:
    return 0.18 + 0.16 * min(place, 3)


def _ahead(days: Days, expected: Expected | None) -> Days:
    count = 0 if expected is None else len(expected.mean)
    ahead: Days = days[-1].astype("datetime64[D]") + np.arange(1, count + 1)
    return ahead


def _highest(drawn: Floats, expected: Expected | None, measure: Measure) -> float:
    tops = [drawn] if expected is None else [drawn, *(measure.drawn(each) for each in _lines(expected))]
    known = np.concatenate([_known(each) for each in tops])
    return max(1.0, float(known.max())) if len(known) else 1.0


def _lines(expected: Expected) -> list[Floats]:
    return [expected.mean, *(band.high for band in expected.bands)]


def _lowest(drawn: Floats) -> float:
    known = _known(drawn)
    return float(known.min()) if len(known) else 0.0


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _draw_sold(canvas: Canvas, x: Scale, y: Scale, days: Days, drawn: Floats) -> None:
    step = (x.end_px - x.start_px) / max(1.0, x.high - x.low)
    base = svg.number(y.one(0))
    there = np.isfinite(drawn) & (drawn != 0)
    tops = zip(x.at(numbers(days))[there], y.at(drawn)[there], strict=True)
    bars = "".join(f"M{svg.number(at)} {base}V{svg.number(top)}" for at, top in tops)
    canvas.add(f'<path d="{bars}" {line(_SOLD.colour)} stroke-width="{svg.number(max(1.0, min(8.0, step * 0.7)))}"/>')


def _draw_empty(canvas: Canvas, x: Scale, box: Box, days: Days) -> None:
    marks = "".join(triangle(float(at), box.bottom + 9) for at in x.at(numbers(days)))
    canvas.add(f'<path d="{marks}" {fill(_EMPTY.colour)}/>')


def _draw_expected(canvas: Canvas, x: Scale, y: Scale, ahead: Days, expected: Expected, measure: Measure) -> None:
    across = x.at(numbers(ahead))
    for place, band in enumerate(expected.bands):
        low, high = (y.at(np.maximum(measure.drawn(each), y.low)) for each in (band.low, band.high))
        canvas.add(f'<path d="{svg.area(across, low, high)}" {fill("s1")} fill-opacity="{_opacity(place):g}"/>')
    canvas.add(f'<path d="{svg.path(across, y.at(measure.drawn(expected.mean)))}" {stroke(_EXPECTED, 2.5)}/>')


def _draw_today(canvas: Canvas, x: Scale, box: Box, last: np.datetime64) -> None:
    at = x.one(float(numbers(np.array([last]))[0]) + 0.5)
    canvas.add(
        f'<path d="M{svg.number(at)} {svg.number(box.top)}V{svg.number(box.bottom)}" {line("soft")} '
        'stroke-dasharray="2 3"/>'
    )


def _said(
    title: str, days: Days, sold: Floats | Ints, empty: Bools, expected: Expected | None, measure: Measure
) -> str:
    values = np.asarray(sold, np.float64)
    known = np.isfinite(values)
    said = [f"{title}, {measure.name.lower()} from {day(days.min())} to {day(days.max())}."]
    if known.any():
        top = int(np.argmax(np.where(known, values, -np.inf)))
        mean, most = measure.said(float(values[known].mean())), measure.said(float(values[top]))
        said.append(f"{mean} a day on average, at most {most} on {day(days[top])}.")
    said.append(f"No stock was left on {int(empty.sum())} of {len(days)} days." if empty.any() else "")
    if expected is not None:
        said.append(_expected_said(expected, measure))
    return " ".join(part for part in said if part)


def _expected_said(expected: Expected, measure: Measure) -> str:
    mean = _known(expected.mean)
    if not len(mean):
        return "The forecast is unknown."
    said = f"Forecast for the next {len(expected.mean)} days: {measure.said(float(mean.mean()))} a day on average"
    for band in expected.bands:
        low, high = _known(band.low), _known(band.high)
        if len(low) and len(high):
            ends = f"between {measure.said(float(low.min()))} and {measure.said(float(high.max()))}"
            said += f"; a day lies {ends} with {band.level * 100:g} %"
    return f"{said}."
