"""Positions in search results over days: the first is the best, and on top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tillhand_analytics.domain.charts.axes import day_axis, numbers, upright
from tillhand_analytics.domain.charts.frame import Canvas, Chart, Look
from tillhand_analytics.domain.charts.lines import Line, draw, keys_of, range_of, span
from tillhand_analytics.domain.charts.measures import Measure
from tillhand_analytics.domain.records import Days


def position_chart(title: str, days: Days, lines: Sequence[Line], look: Look = Look()) -> Chart:  # noqa: B008  # frozen
    """Mean positions in search results by query or engine, from 1, the best, on top."""
    keys = keys_of(lines)
    canvas = Canvas(title, look, keys if len(keys) > 1 else ())
    drawn = [np.asarray(line.values, np.float64) for line in lines]
    low, high = range_of(drawn)
    if not np.isfinite(low):
        canvas.nothing("No positions in this window.")
        return canvas.finish(f"{title}: no positions in this window.")
    axis = upright(Measure("Mean position", "decimal"), 1.0, max(high, 2.0), whole=True, height=look.height_px - 100)
    axis = axis.beginning_at(1.0)
    box = canvas.box(left=axis.room, caption=True)
    y = axis.draw(canvas, box, down=True)
    x = day_axis(canvas, box, days.min(), days.max()).at(numbers(days))
    for key, values in zip(keys, drawn, strict=True):
        draw(canvas, key, x, y, values)
    return canvas.finish(_said(title, days, lines))


def _said(title: str, days: Days, lines: Sequence[Line]) -> str:
    said = [f"{title}, mean position by day {span(days)}; 1 is the best."]
    for line in lines:
        values = np.asarray(line.values, np.float64)
        known = values[np.isfinite(values)]
        if len(known):
            said.append(f"{line.name}: {known[0]:.1f} at first, {known[-1]:.1f} at last, {known.min():.1f} at best.")
        else:
            said.append(f"{line.name}: unknown.")
    return " ".join(said)
