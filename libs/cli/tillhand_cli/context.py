"""What the commands share: their common options, and the connection that they speak through."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from tillhand_cli.api import Api, open_api
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import RAG

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
RagUrlOption = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="TILLHAND_RAG_URL", help=f"The knowledge base. [default: http://127.0.0.1:{RAG.default_port}]"
    ),
]
KeyFileOption = Annotated[
    Path | None,
    typer.Option(
        help="File with the API key; else TILLHAND_API_KEY, else the operator's key that the first start wrote.",
    ),
]
CollectionOption = Annotated[str, typer.Option("--collection", "-c", help="The collection to use.")]


def data_dir() -> Path:
    """The data folder of this installation, as the services understand it."""
    return Path(os.environ.get("TILLHAND_DATA_DIR") or ".tillhand")


def api_key(key_file: Path | None) -> str | None:
    """The key to speak with, if there is one. Raises CommandError for one that cannot be read or sent."""
    if key_file is None and (given := os.environ.get("TILLHAND_API_KEY")):
        return _sendable(given)
    path = key_file or data_dir() / "keys" / "operator.key"
    try:
        return _sendable(path.read_bytes().decode("ascii", "replace").strip()) or None
    except OSError as error:
        if key_file is None:
            return None
        raise CommandError(f"The key file cannot be read: {error.strerror}.", code=ExitCode.USAGE) from error


def _sendable(key: str) -> str:
    if not (key.isascii() and key.isprintable()):
        raise CommandError("The API key holds characters that no key has.", code=ExitCode.USAGE)
    return key


@asynccontextmanager
async def connect(url: str | None, key_file: Path | None) -> AsyncIterator[Api]:
    """A connection to the knowledge base."""
    async with open_api(url or RAG.url, api_key(key_file)) as api:
        yield api


def shipped_slos(project: Path | None) -> Path:
    """The folder of the objectives: that of the source tree, else what the set-up has put beside the programs."""
    return project / "slos" if project is not None else Path(sys.prefix) / "share" / "tillhand" / "slos"
