"""The latency chart of a load run: an SVG that holds no script and loads nothing from elsewhere."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pygal  # type: ignore[import-untyped]  # the library carries no types
from pygal.style import Style  # type: ignore[import-untyped]  # as above

from tillhand_cli.bench.load import Measured
from tillhand_cli.bench.report import Conditions
from tillhand_cli.bench.statistics import quantile
from tillhand_common.slos import Latency, Objective

# The library adds an import hook that only its maps need, of a kind that Python warns of at later imports.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

FILE: Final = "latency.svg"
WIDTH, FRAME_HEIGHT, ROW_HEIGHT = 1100, 170, 64
DOTS: Final = 100
PERCENTILES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
TARGETS: Final = len(PERCENTILES) + 1
"""The place of the targets among the chart's series, whose style goes by it."""
TICKS_MS: Final = tuple(step * 10.0**power for power in range(-2, 6) for step in (1, 2, 5))
# Okabe and Ito's colours, which people with any colour vision tell apart.
COLOURS: Final = ("#9ECAE9", "#0072B2", "#E69F00", "#CC79A7", "#444444", "#D55E00")
STYLE: Final = {
    "background": "white",
    "plot_background": "white",
    "foreground": "#333333",
    "foreground_strong": "#333333",
    "guide_stroke_color": "#d8d8d8",
    "major_guide_stroke_color": "#d8d8d8",
    "guide_stroke_dasharray": "1,0",
    "major_guide_stroke_dasharray": "1,0",
    "font_family": "sans-serif",
    "label_font_size": 13,
    "major_label_font_size": 13,
    "legend_font_size": 13,
    "value_label_font_size": 12,
    "value_font_size": 4,  # pixels between a point and its label
    "title_font_size": 16,
    "colors": COLOURS,
}
CSS: Final = f"inline:.serie-{TARGETS} .line {{ stroke-width: 4px; stroke-opacity: 1 }}"

MOST_TICKS: Final = 12
NO_DOT: Final = 0.01

Point = dict[str, Any] | tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of request: its times in order, the promise made of it where there is one, and its height."""

    label: str
    ordered: Sequence[float]
    target_ms: float | None
    height: int


def draw(measured: Measured, objectives: Sequence[Objective], conditions: Conditions) -> str:
    """The chart as SVG text: a row for each kind of request that was answered, time on a logarithmic scale."""
    rows = _rows(measured, objectives)
    chart = pygal.XY(
        style=Style(**STYLE),
        css=("file://style.css", "file://graph.css", CSS),
        js=(),
        no_prefix=True,
        title=_title(measured, conditions),
        x_title="time until the answer, logarithmic",
        width=WIDTH,
        height=FRAME_HEIGHT + ROW_HEIGHT * max(1, len(rows)),
        range=(0.4, len(rows) + 0.6),
        xrange=_range(rows),
        show_x_guides=True,
        show_y_guides=False,
        legend_at_bottom=True,
        legend_at_bottom_columns=3,
        print_labels=True,
        truncate_legend=-1,
        truncate_label=-1,
        no_data_text="no request was answered",
    )
    chart.x_labels = [{"value": _x(tick), "label": _ms(tick)} for tick in _ticks(rows)]
    chart.y_labels = [{"value": row.height, "label": row.label} for row in rows]
    _add_series(chart, rows)
    chart.add_xml_filter(_without_scripts)
    text: str = chart.render(is_unicode=True)
    return text


def write_chart(text: str, folder: Path) -> Path:
    """Keep the chart beside the report."""
    path = folder / FILE
    path.write_text(text, encoding="utf-8")
    return path


def _add_series(chart: Any, rows: Sequence[Row]) -> None:  # noqa: ANN401  # the library carries no types
    chart.add(
        f"each dot is 1/{DOTS} of the requests",
        [_at(row, quantile(row.ordered, dot / DOTS)) for row in rows for dot in range(1, DOTS + 1)],
        stroke=False,
        dots_size=3,
    )
    for name, share in PERCENTILES.items():
        points = [_at(row, quantile(row.ordered, share)) for row in rows]
        chart.add(name, points, stroke=False, dots_size=4 if name == "max" else 7)
    targets = [point for row in rows for point in _target(row)]
    chart.add("p95 target", targets, dots_size=NO_DOT, allow_interruptions=True)
    chart.add(None, [_p95_label(row) for row in rows], stroke=False, dots_size=NO_DOT)


def _rows(measured: Measured, objectives: Sequence[Objective]) -> list[Row]:
    """From top to bottom in the order of the kinds."""
    answered = [(kind, tally) for kind, tally in measured.tallies.items() if tally.times_ms]
    return [
        Row(kind.label, sorted(tally.times_ms), _target_ms(kind.route, objectives), len(answered) - at)
        for at, (kind, tally) in enumerate(answered)
    ]


def _target_ms(route: str, objectives: Sequence[Objective]) -> float | None:
    """The route's threshold for the 95th percentile."""
    for objective in objectives:
        if (
            objective.route == route
            and isinstance(objective.indicator, Latency)
            and math.isclose(objective.target, 0.95)
        ):
            return objective.indicator.threshold_ms
    return None


def _at(row: Row, time_ms: float) -> Point:
    return _x(max(time_ms, TICKS_MS[0])), row.height


def _x(time_ms: float) -> float:
    """The place on the scale: the power of ten of the microseconds, as the library draws an axis through zero."""
    return math.log10(time_ms * 1000)


def _p95_label(row: Row) -> Point:
    """The time of the 95th percentile, below its dot."""
    time_ms = quantile(row.ordered, PERCENTILES["p95"])
    x, _ = _at(row, time_ms)
    return {"value": (x, row.height - 0.42), "label": f"p95 {time_ms:.3g} ms"}


def _target(row: Row) -> Iterator[Point]:
    """An upright line through the row, with the time at its top."""
    if row.target_ms is not None:
        x = _x(row.target_ms)
        yield x, row.height - 0.3
        yield {"value": (x, row.height + 0.3), "label": _ms(row.target_ms)}
        yield None, None


def _range(rows: Sequence[Row]) -> tuple[float, float]:
    ticks = _ticks(rows)
    return _x(ticks[0]), _x(ticks[-1])


def _ticks(rows: Sequence[Row]) -> list[float]:
    """The round times from just below everything shown to just above; of many only the powers of ten."""
    shown = [time for row in rows for time in (row.ordered[0], row.ordered[-1], row.target_ms) if time is not None]
    lowest, highest = min(shown, default=1.0), max(shown, default=1000.0)
    for steps in (TICKS_MS, TICKS_MS[::3]):
        below = max((tick for tick in steps if tick <= lowest), default=steps[0])
        above = min((tick for tick in steps if tick >= highest), default=steps[-1])
        ticks = [tick for tick in steps if below <= tick <= above]
        if len(ticks) <= MOST_TICKS:
            break
    return ticks


def _ms(time_ms: float) -> str:
    return f"{time_ms:g} ms" if time_ms < 1000 else f"{time_ms / 1000:g} s"  # noqa: PLR2004  # a second


def _title(measured: Measured, conditions: Conditions) -> str:
    answered = sum(len(tally.times_ms) for tally in measured.tallies.values())
    if conditions.loop == "closed":
        pace = f"closed loop, {conditions.concurrency} clients"
    else:
        pace = f"open loop, {conditions.rate_per_s:g} requests per second"
    return f"Latency of {answered} requests ({pace})"


def _without_scripts(root: Any) -> Any:  # noqa: ANN401  # an element of whichever XML library there is
    for parent in list(root.iter()):
        for child in [child for child in parent if str(child.tag).endswith("script")]:
            parent.remove(child)
    return root
