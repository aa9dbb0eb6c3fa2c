"""`tillhand connect`: from nothing to a live connector, step by step."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from dotenv import set_key
from rich.console import Console

from tillhand_cli.context import JsonOption
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import MCP
from tillhand_cli.output import Output, output

NAMES: Final = ("shopify", "ga4", "gsc", "bing")


def connect(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(NAMES)}.")],
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask for what is missing, and write it into the file of --env-file.")
    ] = False,
    env_file: Annotated[Path, typer.Option(help="Where settings are written, with mode 0600.")] = Path(".env"),
    as_json: JsonOption = False,
) -> None:
    """Say how to get credentials, which of them are there, and whether the vendor takes them.

    Nothing is changed at the vendor's. The exit code is 0 where the connector is live.
    """
    if name not in NAMES:
        raise CommandError(f"NAME: {name!r} is none of {', '.join(NAMES)}.", code=ExitCode.USAGE)
    if not MCP.installed:
        raise CommandError("The connectors are not installed here.", hint="Install tillhand-mcp.", code=ExitCode.USAGE)
    from tillhand_mcp import commands  # noqa: PLC0415  # loads much that other commands do without

    out, guide = output(as_json=as_json), commands.GUIDES[name]
    lacking = list(commands.missing(name))
    if lacking and not as_json:
        _tell(out, guide)
    if lacking and ask:
        answers = _ask([each for each in guide.settings if each.setting in lacking])
        lacking = list(commands.missing(name))  # which finds what cannot be a setting, before it is written
        _write(answers, env_file)
    state = asyncio.run(commands.checked(name))
    document = {"connector": guide.connector, "state": state.state, "reason": state.reason, "missing": lacking}
    out.result(document, lambda console: _show(console, guide, document))
    if state.state != "live":
        raise typer.Exit(ExitCode.USAGE if lacking else ExitCode.UNREACHABLE)


def _tell(out: Output, guide: Any) -> None:  # noqa: ANN401  # a service's own type, which is known only where it is installed
    out.note(f"{guide.title}\n")
    for number, step in enumerate(guide.steps, 1):
        out.note(f"{number}. {step}")
    names = ", ".join(each.setting for each in guide.settings)
    out.note(f"\nThen set {names} in .env or the environment (or let --ask do it), and run this again.\n")


def _ask(wanted: list[Any]) -> dict[str, str]:
    """What is typed in, secrets unseen; it is used at once."""
    given = {each.setting: typer.prompt(each.prompt, hide_input=each.secret).strip() for each in wanted}
    os.environ.update(given)
    return given


def _write(answers: Mapping[str, str], env_file: Path) -> None:
    """Keep them where only their owner reads them."""
    if not env_file.exists():
        env_file.touch(mode=0o600)
    env_file.chmod(0o600)
    for setting, given in answers.items():
        set_key(env_file, setting, given, quote_mode="auto")


def _show(console: Console, guide: Any, document: dict[str, Any]) -> None:  # noqa: ANN401  # as above
    lacking = ", ".join(document["missing"])
    told = {
        "live": f"{guide.title} is live: the credentials are taken.",
        "blocked": f"{guide.title} is not connected: {lacking} missing.",
        "degraded": f"{guide.title} does not take them: {document['reason']}",
    }
    console.print(told.get(document["state"], document["state"]), markup=False, highlight=False, soft_wrap=True)
