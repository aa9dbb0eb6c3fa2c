"""`tillhand forecast`: measures forecasts where it is known what came."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption
from tillhand_cli.output import output

app: Final = typer.Typer(help="Measure forecasts.", no_args_is_help=True)
_SHOWN: Final = 5


@app.callback()
def forecast() -> None:
    """Measure forecasts."""


@app.command()
def evaluate(
    data: Annotated[
        Path,
        typer.Option(help="Folder with Weekly-train.csv and Weekly-test.csv of the M4 competition, and its scores."),
    ],
    origins: Annotated[
        int, typer.Option(min=2, max=20, help="Points of the past at which the default is chosen and calibrated.")
    ] = 8,
    benchmark_intervals: Annotated[
        bool, typer.Option(help="Also the intervals of the benchmarks, which take longest.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Each model on the weekly series of the M4 competition, and the published scores beside ours."""
    from tillhand_analytics import commands  # noqa: PLC0415  # loads the arithmetic, which other commands do without

    report = commands.evaluate_forecasts(data, origins=origins, benchmark_intervals=benchmark_intervals)
    output(as_json=as_json).result(report, lambda console: _show(console, report))


def _show(console: Console, report: dict[str, Any]) -> None:
    console.print(
        f"{report['data']}: {report['series']} series, {report['horizon']} weeks ahead; {report['seconds']:.0f} s.",
        highlight=False,
        soft_wrap=True,
    )
    table = Table("model", "sMAPE", "MASE", "OWA", "MSIS", "coverage", title="ours / published")
    for name, scores in report["models"].items():
        published = scores["published"] or {}
        cells = [_pair(scores[score], published.get(score)) for score in ("smape", "mase", "owa")]
        coverage = "" if scores["coverage"] is None else f"{scores['coverage']:.3f}"
        table.add_row(name, *cells, _cell(scores["msis"], 2), coverage)
    console.print(table)
    best = ", ".join(f"{name} {scores['msis']:.2f}" for name, scores in _first(report["published_intervals"]))
    console.print(f"Published MSIS: {best}." if best else "No published scores.", highlight=False, soft_wrap=True)
    standings = ", ".join(f"{each['model']} {each['owa']:.3f}" for each in report["choice"]["standings"][:_SHOWN])
    console.print(
        f"The default is {report['default']}: the least OWA at {len(report['choice']['origins_weeks_ago'])} origins "
        f"of {report['choice']['from']} ({standings}, …).",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _first(published: dict[str, dict[str, float]]) -> list[tuple[str, dict[str, float]]]:
    """The benchmarks, and the best."""
    found = [each for each in published.items() if not each[0].isdigit()]
    return [*list(published.items())[:1], *found]


def _pair(ours: float, published: float | None) -> str:
    return _cell(ours) if published is None else f"{_cell(ours)} / {_cell(published)}"


def _cell(value: float | None, digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}"
