"""`tillhand mcp`: the tools for programs that know no HTTP, and what to tell a client to connect."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from tillhand_cli.clients import CLIENTS, configuration
from tillhand_cli.context import JsonOption, api_key, data_dir
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import MCP
from tillhand_cli.output import output

app: Final = typer.Typer(help="The tools, for clients of the Model Context Protocol.", no_args_is_help=True)

UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="TILLHAND_MCP_URL", help=f"The connectors. [default: http://127.0.0.1:{MCP.default_port}]"
    ),
]
AgentKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--key-file", help="File with the API key; else TILLHAND_API_KEY, else the agent's of the data folder."
    ),
]


@app.command()
def stdio(url: UrlOption = None, key_file: AgentKeyOption = None) -> None:
    """Speak the protocol over standard input and output, for clients that start their servers as programs.

    Nothing but messages goes to standard output. A service that is away is an error of each request, until it is back.
    """
    if not MCP.installed:
        raise CommandError("The connectors are not installed here.", hint="Install tillhand-mcp.", code=ExitCode.USAGE)
    from tillhand_mcp import commands  # noqa: PLC0415  # loads much that other commands do without

    asyncio.run(commands.bridge(f"{(url or MCP.url).rstrip('/')}/mcp", agents_key(key_file)))


@app.command()
def config(
    client: Annotated[str, typer.Argument(help=f"One of: {', '.join(CLIENTS)}.")],
    url: UrlOption = None,
    key_file: AgentKeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print what to put into a client's own settings, and where. The key itself is never printed."""
    if client not in CLIENTS:
        raise CommandError(f"CLIENT: {client!r} is none of {', '.join(CLIENTS)}.", code=ExitCode.USAGE)
    found = configuration(client, (url or MCP.url).rstrip("/"), (key_file or _agents_file()).resolve())

    def show(console: Console) -> None:
        console.print(found.where, markup=False, highlight=False, soft_wrap=True)
        console.print(found.text, markup=False, highlight=False, soft_wrap=True)

    output(as_json=as_json).result({"client": client, "where": found.where, "text": found.text}, show)


def agents_key(key_file: Path | None) -> str | None:
    """The key to speak with: an agent's, where no other is named."""
    return api_key(key_file or (_agents_file() if _agents_file().is_file() else None))


def _agents_file() -> Path:
    return data_dir() / "keys" / "agent.key"
