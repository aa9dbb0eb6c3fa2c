"""Axes: from figures to pixels, with marks at round numbers and at beginnings of weeks and months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.charts import svg
from tillhand_analytics.domain.charts.frame import Box, Canvas
from tillhand_analytics.domain.charts.measures import Measure, day_tick
from tillhand_analytics.domain.charts.style import fill, line
from tillhand_analytics.domain.charts.ticks import Ticks, day_ticks, ticks
from tillhand_analytics.domain.records import Days, Floats

LABEL_SIZE = 12


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from figures to pixels."""

    low: float
    high: float
    start_px: float
    end_px: float

    def at(self, values: Floats | float) -> Floats:
        """Pixels of figures."""
        share = (np.asarray(values, np.float64) - self.low) / ((self.high - self.low) or 1.0)
        return self.start_px + share * (self.end_px - self.start_px)

    def one(self, value: float) -> float:
        """The pixel of one figure."""
        return float(self.at(value))


@dataclass(frozen=True, slots=True)
class Upright:
    """The axis at the left: its marks, and how much room their labels take."""

    marks: Ticks
    labels: tuple[str, ...]
    measure: Measure

    @property
    def room(self) -> float:
        """The width of the longest label, with the space beside it."""
        return max(svg.wide(each, LABEL_SIZE) for each in self.labels) + 8

    def beginning_at(self, value: float) -> Upright:
        """The same axis with its first mark, and its end, at `value`."""
        at = np.r_[value, self.marks.at[self.marks.at > value]]
        return Upright(Ticks(at, self.marks.step), self.measure.ticks(at, self.marks.step), self.measure)

    def draw(self, canvas: Canvas, box: Box, *, down: bool = False) -> Scale:
        """Draw grid, labels and caption; `down` has the smallest figure on top."""
        ends = (box.top, box.bottom) if down else (box.bottom, box.top)
        scale = Scale(float(self.marks.at[0]), float(self.marks.at[-1]), *ends)
        for value, name in zip(self.marks.at, self.labels, strict=True):
            y = scale.one(float(value))
            grid = line("soft" if value == 0 else "grid")
            canvas.add(f'<path d="M{svg.number(box.left)} {svg.number(y)}H{svg.number(box.right)}" {grid}/>')
            canvas.add(svg.label(name, box.left - 8, y + 4, fill("soft"), anchor="end", size=LABEL_SIZE))
        caption = svg.shortened(self.measure.caption, box.width, LABEL_SIZE)
        canvas.add(svg.label(caption, 14, box.top - 11, fill("soft"), size=LABEL_SIZE))
        return scale


def upright(measure: Measure, low: float, high: float, *, whole: bool = False, height: float = 260) -> Upright:
    """An axis for figures from `low` to `high`, which are in the unit of the axis; whole ones for counts of few."""
    marks = ticks(low, high, wanted=max(2, int(height / 55)), whole=whole)
    return Upright(marks, measure.ticks(marks.at, marks.step), measure)


def day_axis(canvas: Canvas, box: Box, first: np.datetime64, last: np.datetime64) -> Scale:
    """Days from left to right, in whole days."""
    scale = Scale(_number(first), max(_number(last), _number(first) + 1), box.left, box.right)
    marks, monthly = day_ticks(first, last, most=max(2, int(box.width / 64)))
    for mark in marks:
        x, name = scale.one(_number(mark)), day_tick(mark, monthly=monthly)
        half = svg.wide(name, LABEL_SIZE) / 2
        canvas.add(f'<path d="M{svg.number(x)} {svg.number(box.bottom)}v5" {line("soft")}/>')
        middle = min(max(x, half + 4), canvas.look.width_px - half - 4)
        canvas.add(svg.label(name, middle, box.bottom + 19, fill("soft"), anchor="middle", size=LABEL_SIZE))
    return scale


def numbers(days: Days) -> Floats:
    """Days as an axis counts them."""
    return np.asarray(days, "datetime64[D]").astype(np.int64).astype(np.float64)


def _number(day: np.datetime64) -> float:
    return float(day.astype("datetime64[D]").astype(np.int64))
