"""Amounts side by side as bars from left to right: rankings with what they add up to, funnels, and steps of a sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tillhand_analytics.domain.charts import svg
from tillhand_analytics.domain.charts.axes import Scale
from tillhand_analytics.domain.charts.frame import Box, Canvas, Chart, Look
from tillhand_analytics.domain.charts.measures import Measure
from tillhand_analytics.domain.charts.style import fill, line
from tillhand_analytics.domain.records import Floats, Ints

MOST = 30
"""Bars on one chart."""
_NARROW_PX = 520
"""Below this width, names stand above their bars."""
_ROW_PX = 28
_TALL_PX = 44
_BAR_PX = 18
_SIZE = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from `start` to `end` in the unit of the axis, with what stands before and behind it."""

    name: str
    start: float
    end: float
    note: str
    colour: str = "s1"


def pareto_chart(
    title: str,
    names: Sequence[str],
    amounts: Floats | Ints,
    measure: Measure,
    look: Look = Look(),  # noqa: B008  # frozen
) -> Chart:
    """The largest amounts first, each with the share that it and all larger ones have of what is above zero.

    Beyond 30, the rest is one bar.
    """
    order = np.argsort(-np.asarray(amounts, np.float64), kind="stable")
    ranked = np.asarray(amounts, np.float64)[order]
    total = float(ranked[ranked > 0].sum())
    kept = len(ranked) if len(ranked) <= MOST else MOST - 1
    labels = [names[at] for at in order[:kept].tolist()]
    if kept < len(ranked):
        labels.append(f"{len(ranked) - kept:,} others")
        ranked = np.r_[ranked[:kept], ranked[kept:].sum()]
    shares = np.cumsum(np.maximum(ranked, 0)) / total if total else np.zeros(len(ranked))
    drawn = measure.drawn(ranked)
    bars = [
        Bar(name, 0.0, value, f"{measure.said(amount)} (\u03a3 {share * 100:.0f} %)")
        for name, value, amount, share in zip(labels, drawn.tolist(), ranked.tolist(), shares.tolist(), strict=True)
    ]
    said = _ranking_said(title, labels, ranked, shares, measure)
    return _bars(title, bars, look, said, caption="\u03a3: share of the total, of this one and all larger ones")


def funnel_chart(title: str, steps: Sequence[str], counts: Ints, look: Look = Look()) -> Chart:  # noqa: B008  # frozen
    """How many are left after each step, as a share of the step before and of the first."""
    measure = Measure("", "count")
    bars, said = [], []
    for at, (step, count) in enumerate(zip(steps, counts.tolist(), strict=True)):
        before, first = (int(counts[at - 1]), int(counts[0])) if at else (0, 0)
        of_before = f"{count / before * 100:.1f} % of the step before" if before else ""
        of_first = f"{count / first * 100:.1f} % of all" if first else ""
        shares = ", ".join(part for part in (of_before, of_first if at > 1 else "") if part)
        note = f"{measure.said(count)} ({shares})" if shares else measure.said(count)
        bars.append(Bar(step, 0.0, float(count), note))
        said.append(f"{step}: {note}.")
    return _bars(title, bars, look, " ".join([f"{title}.", *said]))


def waterfall_chart(
    title: str,
    start: tuple[str, float],
    steps: Sequence[tuple[str, float]],
    end_name: str,
    measure: Measure,
    look: Look = Look(),  # noqa: B008  # frozen
) -> Chart:
    """How an amount becomes another, step by step; the last bar is their sum. Amounts are in the unit of `measure`."""
    factor = float(measure.drawn(np.array([1.0]))[0])
    running = start[1]
    bars = [Bar(start[0], 0.0, running * factor, measure.said(running), "soft")]
    for name, amount in steps:
        colour = "s3" if amount >= 0 else "s2"
        bars.append(Bar(name, running * factor, (running + amount) * factor, measure.said(amount, signed=True), colour))
        running += amount
    bars.append(Bar(end_name, 0.0, running * factor, measure.said(running), "soft"))
    said = " ".join([f"{title}.", *(f"{bar.name}: {bar.note}." for bar in bars)])
    return _bars(title, bars, look, said, joined=True)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where bars go: below their names where the picture is narrow, beside them otherwise."""

    box: Box
    x: Scale
    narrow: bool

    @property
    def height(self) -> int:
        """Of a bar with its name."""
        return _TALL_PX if self.narrow else _ROW_PX

    def top(self, place: int) -> float:
        """The upper edge of a bar."""
        return self.box.top + self.height * place + (self.height - _BAR_PX - 5)


def _bars(title: str, bars: Sequence[Bar], look: Look, said: str, *, caption: str = "", joined: bool = False) -> Chart:
    narrow = look.width_px < _NARROW_PX
    above = 76 if caption else 56
    look = replace(look, height_px=max(120, above + (_TALL_PX if narrow else _ROW_PX) * len(bars)))
    canvas = Canvas(title, look)
    if not bars:
        canvas.nothing("Nothing to show.")
        return canvas.finish(f"{title}: nothing to show.")
    names = 0.0 if narrow else min(look.width_px * 0.34, max(svg.wide(bar.name, _SIZE) for bar in bars) + 10)
    box = canvas.box(left=names, right=14, bottom=10, caption=bool(caption))
    if caption:
        canvas.add(svg.label(svg.shortened(caption, look.width_px - 28, _SIZE), 14, 50, fill("soft"), size=_SIZE))
    rows = _Rows(box, _scale(box, bars), narrow)
    for at, bar in enumerate(bars):
        _draw(canvas, rows, bar, at)
        if joined and at:
            _join(canvas, rows, bars[at - 1].end, at)
    if not narrow or rows.x.low < 0:
        _draw_zero(canvas, rows, len(bars))
    return canvas.finish(said)


def _draw_zero(canvas: Canvas, rows: _Rows, count: int) -> None:
    x, top, end = rows.x.one(0), rows.top(0) - 4, rows.top(count - 1) + _BAR_PX + 4
    canvas.add(f'<path d="M{svg.number(x)} {svg.number(top)}V{svg.number(end)}" {line("soft")}/>')


def _scale(box: Box, bars: Sequence[Bar]) -> Scale:
    """As long bars as leave room for what stands behind each; at least a third of the width."""
    low = min(0.0, *(min(bar.start, bar.end) for bar in bars))
    ends = [max(0.0, bar.start, bar.end) - low for bar in bars]
    rooms = [box.width - svg.wide(bar.note, _SIZE) - 10 for bar in bars]
    longest = max(ends) or 1.0
    px = min([box.width, *(longest * room / end for end, room in zip(ends, rooms, strict=True) if end > 0)])
    return Scale(low, low + longest, box.left, box.left + max(px, box.width / 3))


def _draw(canvas: Canvas, rows: _Rows, bar: Bar, place: int) -> None:
    top, ends = rows.top(place), sorted((rows.x.one(bar.start), rows.x.one(bar.end)))
    room, base = (canvas.look.width_px - 28, top - 5) if rows.narrow else (rows.box.left - 22, top + 13)
    note = svg.shortened(bar.note, canvas.look.width_px - ends[1] - 14, _SIZE)
    canvas.add(
        svg.rectangle(ends[0], top, max(1.0, ends[1] - ends[0]), _BAR_PX, fill(bar.colour), radius=2),
        svg.label(svg.shortened(bar.name, room, _SIZE), 14, base, fill("ink"), size=_SIZE),
        svg.label(note, ends[1] + 6, top + 13, fill("ink"), size=_SIZE),
    )


def _join(canvas: Canvas, rows: _Rows, reached: float, place: int) -> None:
    """A line from where a bar has come to, to where the next one begins."""
    x = svg.number(rows.x.one(reached))
    canvas.add(
        f'<path d="M{x} {svg.number(rows.top(place - 1))}V{svg.number(rows.top(place) + _BAR_PX)}" {line("soft")}/>'
    )


def _ranking_said(title: str, labels: Sequence[str], ranked: Floats, shares: Floats, measure: Measure) -> str:
    if not labels:
        return f"{title}: nothing to show."
    said = [f"{title}, {len(labels)} by {measure.name.lower()}, the largest first."]
    said += [f"{name}: {measure.said(float(amount))}." for name, amount in zip(labels[:3], ranked[:3], strict=True)]
    enough = int(np.searchsorted(shares, 0.8)) + 1
    if shares[-1] > 0 and enough <= len(labels):
        said.append(f"The first {enough} make {shares[enough - 1] * 100:.0f} % of the total.")
    return " ".join(said)
