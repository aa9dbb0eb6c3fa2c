"""`tillhand sales`: explains a ledger of sales to the last unit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption
from tillhand_cli.output import output

app: Final = typer.Typer(help="Explain a ledger of sales.", no_args_is_help=True)
_MICROS: Final = 1_000_000


@app.callback()
def sales() -> None:
    """Explain a ledger of sales."""


@app.command()
def evaluate(
    data: Annotated[
        Path,
        typer.Option(help="Invoice lines in the columns of UCI's Online Retail: a Parquet or CSV file, or its folder."),
    ],
    as_json: JsonOption = False,
) -> None:
    """Gross and net sales of a ledger with its cancellations matched, and a class for every row of it."""
    from tillhand_analytics import commands  # noqa: PLC0415  # loads the arithmetic, which other commands do without

    report = commands.evaluate_sales(data)
    output(as_json=as_json).result(report, lambda console: _show(console, report))


def _show(console: Console, report: dict[str, Any]) -> None:
    console.print(f"{report['data']}: {report['rows']:,} rows.", highlight=False, soft_wrap=True)
    table = Table("class", "rows", "units", "amount")
    for row in report["classes"]:
        table.add_row(row["name"], f"{row['rows']:,}", f"{row['units']:,}", _money(row["amount_micros"]))
    console.print(table)
    console.print(
        f"Gross sales {_money(report['gross_micros'])}, net of matched cancellations {_money(report['net_micros'])}, "
        f"of those in part too {_money(report['net_of_parts_micros'])}; "
        f"sum of the file {_money(report['total_micros'])}, unexplained {_money(report['unexplained_micros'])}.",
        highlight=False,
        soft_wrap=True,
    )


def _money(micros: int) -> str:
    """Exact, with the two digits of most currencies, and more where there are more."""
    whole, rest = divmod(abs(micros), _MICROS)
    digits = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}{whole:,}.{digits}"
