"""`tillhand soak`: whether a service keeps what it promises over time, with everything going on at once."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path
from typing import IO, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.output import output

app: Final = typer.Typer(help="Endurance of a service of its own, on this machine.", no_args_is_help=True)


@app.callback()
def soak() -> None:
    """Endurance of a service of its own, on this machine."""


@app.command()
def approvals(
    minutes: Annotated[float, typer.Option(min=0.1, max=60, help="How long.")] = 10.0,
    clients: Annotated[int, typer.Option(min=1, max=1_000, help="Followers of the live feed.")] = 200,
    writers: Annotated[int, typer.Option(min=1, max=32, help="Who propose, decide and run.")] = 4,
    rate: Annotated[float, typer.Option(min=0.5, max=200, help="Changes a second, all writers together.")] = 20.0,
    log: Annotated[Path | None, typer.Option(help="File for what happened, one JSON object a line.")] = None,
    kill: Annotated[
        bool, typer.Option("--kill", help="Restart the service by SIGKILL, instead of asking it to drain.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Follow the live feed of the approvals for a while, under kills, a restart and one who reads nothing.

    Every follower must be given every record once and in order, and the record must hold all that was acknowledged. The
    exit code is 1 where it is not so, where the feed was silent for more than two heartbeats, or, in a run of five
    minutes and more, where the restarted service grew by more than 5 %: from the second tenth of its time to the last.
    """
    from tillhand_cli.soak.run import Plan, soaked  # noqa: PLC0415  # loads much that other commands do without

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tillhand-soak-")))
        file = None if log is None else stack.enter_context(_opened(log))
        try:
            figures = asyncio.run(soaked(Plan(minutes, clients, writers, rate, kill), folder, file))
        except asyncio.CancelledError:  # by SIGTERM
            raise KeyboardInterrupt from None
    output(as_json=as_json).result(figures, lambda console: _show(console, figures))
    if not figures["passed"]:
        raise typer.Exit(ExitCode.PARTLY)


def _opened(log: Path) -> IO[str]:
    try:
        return log.open("w", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{log} cannot be written: {error.strerror}.", code=ExitCode.USAGE) from error


def _show(console: Console, figures: dict[str, Any]) -> None:
    table = Table("what", "figure", show_header=False, box=None)
    for name, value in figures.items():
        shown = ", ".join(f"{key} {each}" for key, each in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(name.replace("_", " "), shown)
    console.print(table)
