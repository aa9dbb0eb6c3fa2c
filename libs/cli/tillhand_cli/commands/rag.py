"""`tillhand rag`: the knowledge base's own work, done in this process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.output import output

app: Final = typer.Typer(help="Measure the knowledge base, and prepare its model.", no_args_is_help=True)


@app.command()
def evaluate(
    data: Annotated[
        Path, typer.Option(help="Folder in BEIR layout (corpus.jsonl, queries.jsonl, qrels/), or a goldens .yaml file.")
    ],
    mode: Annotated[str, typer.Option(help="hybrid, dense, keyword, or all: each of them.")] = "hybrid",
    split: Annotated[str, typer.Option(help="Which qrels of the folder: test, train or dev.")] = "test",
    part: Annotated[
        str, typer.Option(help="all, or only the questions whose id hashes to an odd or even number.")
    ] = "all",
    limit: Annotated[int | None, typer.Option(min=1, help="Ask only this many questions.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure search and answers on questions whose right answers are known.

    Runs in this process on a collection of its own, which is removed afterwards; no service needs to run.
    """
    from tillhand_rag import commands  # noqa: PLC0415  # loads the model's libraries, which other commands do without

    out = output(as_json=as_json)
    try:
        report = asyncio.run(commands.evaluate(data, mode=mode, split=split, part=part, limit=limit, say=out.note))
    except commands.InvalidData as error:
        raise CommandError(str(error), code=ExitCode.USAGE) from error
    out.result(report, lambda console: _show(console, report))


@app.command()
def prepare(as_json: JsonOption = False) -> None:
    """Export the default embedding model, check it against the reference and choose the fastest route here."""
    from tillhand_rag import commands  # noqa: PLC0415  # as above

    if commands.prepare(as_json=as_json) != 0:
        raise typer.Exit(ExitCode.UNREACHABLE)


def _show(console: Console, report: dict[str, Any]) -> None:
    _table(console, {name: [value] for name, value in report.items()})
    if modes := report.get("modes"):
        console.print()
        names = next(iter(modes.values()))
        _table(console, {"": list(modes)} | {name: [figures[name] for figures in modes.values()] for name in names})


def _table(console: Console, rows: dict[str, list[object]]) -> None:
    """A line for each name with plain values; lists and the like are for `--json`."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, values in rows.items():
        if not isinstance(values[0], list | dict):
            table.add_row(name, *map(_shown, values))
    console.print(table)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if value <= 1 else f"{value:.1f}"
    return str(value)
