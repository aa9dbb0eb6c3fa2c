"""Cohorts as a heat map: which share of each month's new customers came back, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tillhand_analytics.domain.charts import svg
from tillhand_analytics.domain.charts.colours import HEAT, on_heat
from tillhand_analytics.domain.charts.frame import Box, Canvas, Chart, Look
from tillhand_analytics.domain.charts.style import fill
from tillhand_analytics.domain.records import Floats, Ints

_ROW_PX = 24
_SIZE = 12
_NARROWEST = 30
_TENTH = 0.0995
"""From here on, a percentage has no digit after the point."""


def cohort_heat_map(
    title: str,
    cohorts: Sequence[str],
    sizes: Ints,
    retention: Floats,
    look: Look = Look(),  # noqa: B008  # frozen
) -> Chart:
    """Shares of each cohort (a row) that bought again in each later period (a column), NaN where that is still to come.

    `retention[i, 0]` is period 0, in which all of them bought, and gives no colour. The latest periods that do not
    fit are left out, which the words say. As tall as its rows take.
    """
    look = replace(look, height_px=max(120, 92 + _ROW_PX * len(cohorts)))
    canvas = Canvas(title, look)
    if not len(cohorts) or retention.shape[1] == 0:
        canvas.nothing("No cohorts in this window.")
        return canvas.finish(f"{title}: no cohorts in this window.")
    named = [f"{cohort} ({size:,})" for cohort, size in zip(cohorts, sizes.tolist(), strict=True)]
    left = min(look.width_px * 0.35, max(svg.wide(name, _SIZE) for name in named) + 12)
    box = canvas.box(left=left, bottom=14, caption=True)
    shown = min(retention.shape[1], int(box.width // _NARROWEST))
    _draw_heads(canvas, box, shown)
    _draw_rows(canvas, box, named, retention[:, :shown])
    return canvas.finish(_said(title, cohorts, sizes, retention, shown))


def _draw_heads(canvas: Canvas, box: Box, shown: int) -> None:
    step = box.width / shown
    canvas.add(svg.label("Cohort (customers)", 14, box.top - 6, fill("soft"), size=_SIZE))
    for at in range(shown):
        middle = box.left + step * (at + 0.5)
        canvas.add(svg.label(f"+{at}", middle, box.top - 6, fill("soft"), anchor="middle", size=_SIZE))


def _draw_rows(canvas: Canvas, box: Box, named: Sequence[str], retention: Floats) -> None:
    later = retention[:, 1:]
    known = later[np.isfinite(later)]
    most = float(known.max()) if len(known) and known.max() > 0 else 1.0
    width = box.width / retention.shape[1]
    for row, name in enumerate(named):
        top = box.top + _ROW_PX * row
        canvas.add(svg.label(svg.shortened(name, box.left - 22, _SIZE), 14, top + 16, fill("ink"), size=_SIZE))
        for at, share in enumerate(retention[row].tolist()):
            if at == 0:
                canvas.add(svg.label("100", box.left + width / 2, top + 16, fill("soft"), anchor="middle", size=_SIZE))
            elif np.isfinite(share):
                canvas.add(
                    _cell(Box(box.left + width * at, top, box.left + width * (at + 1), top + _ROW_PX), share, most)
                )


def _cell(box: Box, share: float, most: float) -> str:
    step = max(0, min(len(HEAT) - 1, int(share / most * len(HEAT))))
    number = f"{share * 100:.0f}" if share >= _TENTH or share == 0 else f"{share * 100:.1f}"
    middle = (box.left + box.right) / 2
    written = svg.label(number, middle, box.top + 16, fill(on_heat(step)), anchor="middle", size=_SIZE)
    return svg.rectangle(box.left + 1, box.top + 1, box.width - 2, box.height - 2, fill(HEAT[step]), radius=2) + written


def _said(title: str, cohorts: Sequence[str], sizes: Ints, retention: Floats, shown: int) -> str:
    said = [f"{title}: {len(cohorts)} cohorts from {cohorts[0]} to {cohorts[-1]}, {int(sizes.sum()):,} customers."]
    for period in (1, 3, 6, 12):
        if period < retention.shape[1] and np.isfinite(retention[:, period]).any():
            known = np.isfinite(retention[:, period]) & (sizes > 0)
            weights = sizes[known]
            if weights.sum():
                share = float(np.average(retention[known, period], weights=weights))
                said.append(f"{share * 100:.1f} % bought in period +{period}.")
    if shown < retention.shape[1]:
        said.append(f"Periods after +{shown - 1} are not drawn.")
    said.append("Cells are percent of the cohort.")
    return " ".join(said)
