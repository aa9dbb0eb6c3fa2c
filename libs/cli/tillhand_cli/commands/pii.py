"""`tillhand redact` and `tillhand pii`: takes out what is personal, and measures how well that goes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption
from tillhand_cli.output import output

app: Final = typer.Typer(help="Measure the redactor.", no_args_is_help=True)

ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="A spaCy pipeline that finds more names: a folder or package; none is needed."),
]


@app.callback()
def pii() -> None:
    """Measure the redactor."""


def redact(
    file: Annotated[Path, typer.Argument(help="Text, JSON, or JSON lines (.jsonl, .ndjson).")],
    model: ModelOption = None,
) -> None:
    """Print a file without what is personal in it: JSON by its fields, anything else as text."""
    from tillhand_approvals import commands  # noqa: PLC0415  # loads the detector, which other commands do without

    for part in commands.redact_file(file, ner=model):
        sys.stdout.write(part)


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(help="Labelled texts in the format of presidio-research (JSON).")],
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """How much of what is labelled is found, and how much is taken out that need not be."""
    from tillhand_approvals import commands  # noqa: PLC0415  # as above

    report = commands.evaluate(data, ner=model)
    output(as_json=as_json).result(report, lambda console: _show(console, report))


def _show(console: Console, report: dict[str, Any]) -> None:
    for name, value in report.items():
        if not isinstance(value, dict | list):
            console.print(f"{name:20} {value}")
    types = report.get("types", {})
    rows = [(name, row) for name, row in types.items() if isinstance(row, dict)]
    if rows:
        table = Table("type", *rows[0][1])
        for name, row in rows:
            table.add_row(name, *(str(value) for value in row.values()))
        console.print(table)
