"""`tillhand demo`: the one story, played here and now, and what it proves."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tillhand_cli.context import JsonOption
from tillhand_cli.demo.stage import opened
from tillhand_cli.demo.story import Proof, play
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import APPROVALS, MCP, RAG
from tillhand_cli.output import output


def demo(
    folder: Annotated[
        Path | None,
        typer.Option(help="Where the platform of the demonstration keeps its data; else it is thrown away."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Play what Tillhand is for: an agent reads and proposes, a person decides, and the record is verified.

    The platform is started for it on ports of its own, with mocks only. The exit code is 1 where a claim did not hold.
    """
    for member in (RAG, APPROVALS, MCP):
        if not member.installed:
            raise CommandError(f"{member.name} is not installed here.", code=ExitCode.USAGE, hint="Run: make up")
    proof = Proof(output(as_json=as_json))
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tillhand-demo-")))
        asyncio.run(_play(place, proof))
    document = {"proved": proof.whole, "claims": [{"claim": claim, "held": held} for claim, held in proof.claims]}
    proof.out.result(document, lambda console: _show(console, proof))
    if not proof.whole:
        raise typer.Exit(ExitCode.PARTLY)


async def _play(folder: Path, proof: Proof) -> None:
    async with opened(folder, proof.out) as stage:
        await play(stage, proof)


def _show(console: Console, proof: Proof) -> None:
    console.print("\nWhat this has proved:" if proof.whole else "\nNot everything held:", highlight=False)
    for claim, held in proof.claims:
        mark = "[green]✓[/]" if held else "[red]✗[/]"
        console.print(f"  {mark} {claim}", highlight=False)
