"""`tillhand inventory`: measures how well reorder points keep what they promise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption
from tillhand_cli.output import output

app: Final = typer.Typer(help="Measure reorder points.", no_args_is_help=True)


@app.callback()
def inventory() -> None:
    """Measure reorder points."""


@app.command()
def evaluate(
    data: Annotated[
        Path,
        typer.Option(help="Invoice lines in the columns of UCI's Online Retail: a Parquet or CSV file, or its folder."),
    ],
    level: Annotated[float, typer.Option(help="The service level to keep: the share of lead times covered.")] = 0.95,
    lead_time: Annotated[
        list[int] | None, typer.Option(help="A lead time in days; may be repeated. Without it 7, 14 and 28.")
    ] = None,
    least_sale_days: Annotated[
        int, typer.Option(help="Take SKUs with demand on at least so many days of the first half.")
    ] = 20,
    as_json: JsonOption = False,
) -> None:
    """How often stock would have sufficed over the lead time, and for how much stock, conformal beside textbook."""
    from tillhand_analytics import commands  # noqa: PLC0415  # loads the arithmetic, which other commands do without

    report = commands.evaluate_inventory(
        data, level=level, lead_times=lead_time or [7, 14, 28], least_sale_days=least_sale_days
    )
    output(as_json=as_json).result(report, lambda console: _show(console, report))


def _show(console: Console, report: dict[str, Any]) -> None:
    console.print(
        f"{report['data']}: {report['skus']} of {report['skus_known']} SKUs, with demand on at least "
        f"{report['least_sale_days']} of the first {report['training_days']} days; {report['days']} days in all.",
        highlight=False,
        soft_wrap=True,
    )
    table = Table("lead time", "judged", "target", "textbook", "conformal", "stock ratio")
    for row in report["lead_times"]:
        table.add_row(
            f"{row['lead_time_days']} days",
            str(row["judged"]),
            f"{report['level']:.3f}",
            f"{row['textbook_coverage']:.3f}",
            f"{row['conformal_coverage']:.3f}",
            f"{row['stock_ratio']:.2f}",
        )
    console.print(table)
