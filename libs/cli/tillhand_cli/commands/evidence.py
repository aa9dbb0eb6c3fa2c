"""`tillhand evidence`: the exit criteria of the platform, measured, with everything that shows what was found."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from tillhand_cli.context import JsonOption, data_dir
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import MEMBERS
from tillhand_cli.output import output

DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(s|m)")
LONGEST_MINUTES: Final = 60.0
SHORTEST_MINUTES: Final = 0.1
COLOURS: Final = {"green": "green", "amber": "yellow", "red": "red"}


def evidence(
    out: Annotated[Path, typer.Option(help="Folder of the report and of all that it rests on.")] = Path("artifacts"),
    soak: Annotated[str, typer.Option(help="How long to follow the live feed: 10m, 90s, or none.")] = "10m",
    data: Annotated[
        Path | None,
        typer.Option(help="Data folder of a platform whose console is to show the report. [default: this one's]"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure whether the platform keeps what it promises, on one of its own, and write a report with the evidence.

    Every criterion is green (kept), amber (could not be measured here, and why) or red (missed). It takes about three
    minutes, and ten more for the soak. The exit code is 1 where one is red.
    """
    from tillhand_cli.evidence.run import Wanted, collected  # noqa: PLC0415  # loads much that other commands do without
    from tillhand_cli.evidence.writing import headline, write  # noqa: PLC0415  # as above

    minutes = minutes_of(soak)
    for member in MEMBERS:
        if not member.installed:
            raise CommandError(f"{member.name} is not installed here.", code=ExitCode.USAGE, hint="Run: make up")
    _made(out)
    said, shown_by = output(as_json=as_json), data or data_dir()
    with tempfile.TemporaryDirectory(prefix="tillhand-evidence-") as folder:
        try:
            report = asyncio.run(collected(Wanted(out, _project(), minutes), Path(folder), said.note))
        except asyncio.CancelledError:  # by SIGTERM
            raise KeyboardInterrupt from None
    document = report.as_json()
    files = write(document, out, shown_by)
    said.result(document, lambda console: _show(console, document))
    said.note(f"\n{headline(document)}. Written: {', '.join(map(str, files))}")
    if report.counts()["red"]:
        raise typer.Exit(ExitCode.PARTLY)


def minutes_of(duration: str) -> float | None:
    """The minutes of a duration such as 10m or 90s; None for none. Raises CommandError."""
    if duration == "none":
        return None
    found = DURATION.fullmatch(duration)
    minutes = float(found[1]) / (60 if found[2] == "s" else 1) if found else 0.0
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise CommandError(f"--soak {duration}: name a time of 6s to 60m, or none.", code=ExitCode.USAGE)
    return minutes


def _made(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}.", code=ExitCode.USAGE) from error


def _project() -> Path | None:
    """The source tree, where the command is called in it."""
    here = Path.cwd()
    return here if (here / "tools" / "check.py").is_file() and (here / "slos").is_dir() else None


def _show(console: Console, document: dict[str, Any]) -> None:
    for each in document["criteria"]:
        colour = COLOURS[each["state"]]
        console.print(f"[{colour}]{each['state']:<6}[/] {each['title']}", highlight=False)
        console.print(f"       {each['summary']}", highlight=False, markup=False, soft_wrap=True)
