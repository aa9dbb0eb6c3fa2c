"""How long stock lasts: SKUs by days of cover, and which of them have to be ordered now."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tillhand_analytics.domain.charts import svg
from tillhand_analytics.domain.charts.axes import LABEL_SIZE, Scale, upright
from tillhand_analytics.domain.charts.frame import Box, Canvas, Chart, Key, Look
from tillhand_analytics.domain.charts.measures import Measure
from tillhand_analytics.domain.charts.style import fill
from tillhand_analytics.domain.records import Bools, Floats, Ints

EDGES = (0, 1, 7, 14, 21, 28, 42, 60, 90, 180, 365)
"""Where a group of days of cover begins; the first holds what is out of stock, the last is open."""
_LATER = Key("Enough", "s1", shape="box")
_NOW = Key("At or below its reorder point", "s2", shape="box")
_SOON = 14
_GROUP_SIZE = 11
_SKUS = Measure("SKUs")


def cover_chart(
    title: str,
    days_of_cover: Floats,
    *,
    to_reorder: Bools | None = None,
    look: Look = Look(),  # noqa: B008  # frozen
) -> Chart:
    """SKUs in groups by days of cover; those to reorder at the foot of each bar.

    `days_of_cover` is NaN, or without end, where nothing is sold: such SKUs are a group of their own.
    """
    now = np.zeros(len(days_of_cover), np.bool_) if to_reorder is None else to_reorder
    names, group = _groups(days_of_cover)
    counts = np.bincount(group, minlength=len(names))
    below = np.bincount(group[now], minlength=len(names))
    canvas = Canvas(title, look, (_NOW, _LATER) if to_reorder is not None else ())
    if not len(days_of_cover):
        canvas.nothing("No SKUs.")
        return canvas.finish(f"{title}: no SKUs.")
    axis = upright(_SKUS, 0.0, float(counts.max()), whole=True, height=look.height_px - 120)
    box = canvas.box(left=axis.room, bottom=48, caption=True)
    y = axis.draw(canvas, box)
    _draw(canvas, box, y, counts, below)
    _label(canvas, box, names)
    return canvas.finish(_said(title, days_of_cover, now, to_reorder is not None))


def _groups(days_of_cover: Floats) -> tuple[list[str], Ints]:
    """Names of the groups, and the group of each SKU."""
    names = ["0", *(f"{low}\u2013{high - 1}" for low, high in pairwise(EDGES[1:]))]
    names += [f"{EDGES[-1]}+", "no sales"]
    sells = np.isfinite(days_of_cover)
    group = np.searchsorted(np.array(EDGES), np.where(sells, np.maximum(days_of_cover, 0), 0), side="right") - 1
    return names, np.where(sells, group, len(names) - 1).astype(np.int64)


def _draw(canvas: Canvas, box: Box, y: Scale, counts: Ints, below: Ints) -> None:
    step = box.width / len(counts)
    width = step * 0.72
    zero = y.one(0)
    for at, (count, now) in enumerate(zip(counts.tolist(), below.tolist(), strict=True)):
        left = box.left + step * at + (step - width) / 2
        foot, top = y.one(now), y.one(count)
        canvas.add(svg.rectangle(left, foot, width, zero - foot, fill(_NOW.colour)))
        # A gap of ground between the two keeps them apart without colour.
        gap = 1.5 if now and count > now else 0
        canvas.add(svg.rectangle(left, top, width, foot - top - gap, fill(_LATER.colour)))
        if count:
            middle = left + width / 2
            canvas.add(svg.label(f"{count:,}", middle, top - 5, fill("ink"), anchor="middle", size=LABEL_SIZE))


def _label(canvas: Canvas, box: Box, names: list[str]) -> None:
    step = box.width / len(names)
    fits = max(svg.wide(name, _GROUP_SIZE) for name in names) + 3 <= step
    shown = names if fits else [str(low) for low in EDGES] + ["\u2013"]
    for at, name in enumerate(shown):
        middle = box.left + step * (at + 0.5)
        canvas.add(svg.label(name, middle, box.bottom + 17, fill("soft"), anchor="middle", size=_GROUP_SIZE))
    middle = (box.left + box.right) / 2
    caption = "Days of cover" if fits else "Days of cover, from; \u2013 is without sales"
    canvas.add(svg.label(caption, middle, box.bottom + 37, fill("soft"), anchor="middle", size=LABEL_SIZE))


def _said(title: str, days_of_cover: Floats, now: Bools, knows: bool) -> str:
    sells = days_of_cover[np.isfinite(days_of_cover)]
    said = [f"{title}, {len(days_of_cover):,} SKUs by days of cover."]
    if len(sells):
        said.append(f"Half of those that sell last {float(np.median(sells)):,.0f} days or less.")
        said.append(
            f"{int((sells < 1).sum()):,} last less than a day, {int((sells < _SOON).sum()):,} less than {_SOON}."
        )
    said.append(f"{len(days_of_cover) - len(sells):,} have no sales.")
    if knows:
        said.append(f"{int(now.sum()):,} are at or below their reorder point.")
    return " ".join(said)
