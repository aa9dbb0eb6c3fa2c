"""`tillhand analytics`: keeps what the connectors answer, to be read again without them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption
from tillhand_cli.output import output

app: Final = typer.Typer(help="Look after the data behind figures.", no_args_is_help=True)


@app.callback()
def analytics() -> None:
    """Look after the data behind figures."""


@app.command()
def record(
    out: Annotated[Path, typer.Option(help="Folder for the recording; what lies there is replaced.")],
    as_json: JsonOption = False,
) -> None:
    """Record what the connectors answer, so that TILLHAND_ANALYTICS_RECORDED can replay it. Nobody is named in it."""
    from tillhand_analytics import commands  # noqa: PLC0415  # loads the arithmetic, which other commands do without

    report = commands.record(out)
    output(as_json=as_json).result(report, lambda console: _show(console, report))


@app.command()
def purchases(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV whose first line is id,supplier,sku,ordered_on,promised_on,received_on,ordered,received."
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Take over what was ordered from suppliers and when it came, for lead times and how reliable they are.

    A row with the same id and SKU replaces the one before. What is still to come has no received_on.
    """
    from tillhand_analytics import commands  # noqa: PLC0415  # loads the arithmetic, which other commands do without

    report = commands.note_purchases(file)
    told = f"{report['purchases']} purchases with {report['rows']} rows are noted."
    output(as_json=as_json).result(report, lambda console: console.print(told))


def _show(console: Console, report: dict[str, Any]) -> None:
    console.print(f"{report['folder']}: {report['first_day']} to {report['last_day']}", highlight=False, soft_wrap=True)
    table = Table("file", "bytes")
    for name, size in report["files"].items():
        table.add_row(name, str(size))
    console.print(table)
    for source, problem in report["problems"].items():
        console.print(f"{source}: {problem}", markup=False, soft_wrap=True)
