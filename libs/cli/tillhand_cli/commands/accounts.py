"""`tillhand accounts`: who may sign in to the console."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import DASHBOARD
from tillhand_cli.output import output

app: Final = typer.Typer(
    help="Who may sign in to the console, in which role. Changes take effect at once, while it runs.",
    no_args_is_help=True,
)
NameArgument = Annotated[str, typer.Argument(help="The name of the account.", metavar="NAME")]


@app.command()
def add(
    name: NameArgument,
    role: Annotated[str, typer.Option(help="viewer sees, operator decides, admin manages, too.")] = "operator",
    as_json: JsonOption = False,
) -> None:
    """Make an account, and print the link by which its owner signs in and sets a password."""
    link = asyncio.run(_commands().add_account(name, role))
    _link({"name": name, "role": role, "link": link}, as_json=as_json)


@app.command("list")
def list_accounts(as_json: JsonOption = False) -> None:
    """List all accounts."""
    found = asyncio.run(_commands().list_accounts())
    output(as_json=as_json).result({"accounts": found}, lambda console: _table(console, found))


@app.command()
def disable(
    name: NameArgument,
    undo: Annotated[bool, typer.Option("--undo", help="Let it sign in again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bar an account: its sessions end at once, and its links are good no more."""
    asyncio.run(_commands().enable_account(name, enabled=undo))
    output(as_json=as_json).result(
        {"name": name, "disabled": not undo},
        lambda console: console.print(f"{name} may {'' if undo else 'no longer '}sign in.", highlight=False),
    )


@app.command("reset-link")
def reset_link(name: NameArgument, as_json: JsonOption = False) -> None:
    """Print a link that signs in once, within a day, and sets a new password."""
    link = asyncio.run(_commands().link_account(name))
    _link({"name": name, "link": link}, as_json=as_json)


def _commands() -> Any:  # noqa: ANN401  # a module, loaded when it is needed
    if not DASHBOARD.installed:
        raise CommandError("dashboard is not installed here.", code=ExitCode.USAGE, hint="Run: make up")
    return importlib.import_module(f"{DASHBOARD.package}.commands")


def _link(document: dict[str, Any], *, as_json: bool) -> None:
    def show(console: Console) -> None:
        console.print(document["link"], highlight=False, markup=False, soft_wrap=True)
        console.print("It is good once, for a day; this is the only time that it is shown.", style="dim")

    output(as_json=as_json).result(document, show)


def _table(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False)
    columns = ("name", "role", "state", "signs in by", "since")
    for column in columns:
        table.add_column(column, overflow="fold")
    for account in found:
        table.add_row(*(str(account[column.replace(" ", "_")]) for column in columns))
    console.print(table if found else "There are no accounts yet; the first start of the console makes one.")
