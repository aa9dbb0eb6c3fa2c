"""`tillhand audit`: proves that the record of the approvals was neither changed, nor shortened, nor written anew."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from tillhand_cli.api import open_api
from tillhand_cli.context import JsonOption, KeyFileOption, api_key
from tillhand_cli.errors import ExitCode
from tillhand_cli.members import APPROVALS
from tillhand_cli.output import output

app: Final = typer.Typer(help="Verify the audit log of the approvals.", no_args_is_help=True)

ApprovalsUrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="TILLHAND_APPROVALS_URL",
        help=f"The approvals. [default: http://127.0.0.1:{APPROVALS.default_port}]",
    ),
]


@app.command()
def verify(
    export: Annotated[
        Path | None, typer.Argument(help="An export, to be verified offline; without one the running service is asked.")
    ] = None,
    checkpoints: Annotated[
        Path | None,
        typer.Option(help="Signed checkpoints that were kept elsewhere: JSON lines, or the service's answer."),
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option(help="Public keys (PEM) by which the checkpoints are signed.")
    ] = None,
    url: ApprovalsUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every hash, every link and every signed checkpoint, and name each break. The exit code is 1 on any."""
    if export is None:
        report = asyncio.run(_ask(url, key_file))
    else:
        from tillhand_approvals import commands  # noqa: PLC0415  # other commands do without

        report = dict(commands.verify_export(export, checkpoints=checkpoints, public_keys=public_key))
    output(as_json=as_json).result(report, lambda console: _show(console, report))
    if not report["ok"]:
        raise typer.Exit(ExitCode.PARTLY)


async def _ask(url: str | None, key_file: Path | None) -> dict[str, Any]:
    async with open_api(url or APPROVALS.url, api_key(key_file)) as api:
        return await api.post("/v1/audit/verify", {}, holding="breaks")


def _show(console: Console, report: dict[str, Any]) -> None:
    if report["ok"]:
        signed = f"signed up to {report['covered']}" if report["covered"] else "not signed yet"
        last, first = report["last"] or 0, report["first"] or 1
        reach = f"up to {last}" if first == 1 else f"from {first}, behind a signed checkpoint, up to {last}"
        console.print(f"The record of {report['tenant']} holds: {report['records']} records {reach}, {signed}.")
        return
    console.print(f"The record of {report['tenant']} does not hold.")
    for each in report["breaks"]:
        place = "" if each["sequence"] is None else f" at {each['sequence']}"
        console.print(f"  {each['kind']}{place}: {each['message']}")
