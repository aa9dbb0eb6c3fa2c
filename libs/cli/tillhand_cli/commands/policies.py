"""`tillhand policies`: what agents may do, kept in a file that people write."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.api import open_api
from tillhand_cli.commands.audit import ApprovalsUrlOption
from tillhand_cli.context import JsonOption, KeyFileOption, api_key
from tillhand_cli.members import APPROVALS
from tillhand_cli.output import output

app: Final = typer.Typer(help="Read, check, try and change the policies of the approvals.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="Policies in YAML; docs/policies.md says how they are written.")]


@app.command()
def show(
    url: ApprovalsUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the policies in force as YAML, to be changed and put back."""
    from tillhand_approvals import commands  # noqa: PLC0415  # other commands do without

    found = asyncio.run(_call("GET", "/v1/policies", None, url, key_file, holding="policies"))
    if as_json:
        output(as_json=True).result(found, lambda _: None)
        return
    author = f", by {found['author']}" if found["version"] else ""
    sys.stdout.write(f"# Version {found['version']}{author}\n{commands.policies_text(found['policies'])}")


@app.command()
def check(file: FileArgument, as_json: JsonOption = False) -> None:
    """Say what is wrong with a file, line by line, without asking a service. The exit code is 1 where anything is."""
    document = _document(file)
    rules = len(document.get("rules", ()))
    output(as_json=as_json).result(
        {"ok": True, "rules": rules}, lambda console: console.print(f"{file} can be put in force: {rules} rules.")
    )


@app.command(name="try")
def try_out(
    file: FileArgument,
    url: ApprovalsUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """What these policies would have said of the newest proposals. Nothing changes."""
    document = _document(file)
    found = asyncio.run(_call("POST", "/v1/policies/dry-run", document, url, key_file, holding="differences"))
    output(as_json=as_json).result(found, lambda console: _show_trial(console, found))


@app.command()
def put(
    file: FileArgument,
    replaces: Annotated[
        int | None, typer.Option(min=0, help="Only if this version is in force still; `show` names it.")
    ] = None,
    url: ApprovalsUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a file in force for what is proposed, or edited, from now on."""
    document = _document(file)
    headers = {} if replaces is None else {"if-match": f'"{replaces}"'}
    found = asyncio.run(_call("PUT", "/v1/policies", document, url, key_file, holding="version", headers=headers))
    output(as_json=as_json).result(
        {"version": found["version"]}, lambda console: console.print(f"Version {found['version']} is in force.")
    )


def _document(file: Path) -> Mapping[str, Any]:
    from tillhand_approvals import commands  # noqa: PLC0415  # as above

    return commands.read_policies_file(file)


async def _call(
    method: str,
    path: str,
    body: Mapping[str, Any] | None,
    url: str | None,
    key_file: Path | None,
    *,
    holding: str,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    async with open_api(url or APPROVALS.url, api_key(key_file)) as api:
        if method == "GET":
            return await api.get(path, holding=holding)
        if method == "POST":
            return await api.post(path, body or {}, holding=holding)
        return await api.put(path, body or {}, holding=holding, headers=headers)


def _show_trial(console: Console, found: dict[str, Any]) -> None:
    skipped = f"; {found['skipped']} could not be tried" if found["skipped"] else ""
    console.print(f"Tried on the {found['tried']} newest proposals{skipped}.")
    if not found["differences"]:
        console.print("Nothing would have been different.")
        return
    table = Table("effect", "tool", "risk", "before", "after", "proposal")
    for each in found["differences"]:
        before, after = f"{each['before']} ({each['rule_before']})", f"{each['after']} ({each['rule_after']})"
        table.add_row(each["effect"], each["tool"], each["risk"], before, after, each["proposal"])
    console.print(table)
