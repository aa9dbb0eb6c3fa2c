"""A terminal for the tests of the tillhand command."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WITHIN_S = 60
WITHOUT_ENV_FILE = {**os.environ, "PYTHON_DOTENV_DISABLED": "1"}
"""What a command runs in here: the `.env` of whoever runs the tests is not tested."""
WITHOUT_SETTINGS = {name: value for name, value in os.environ.items() if not name.startswith("TILLHAND_")}
"""What a command runs in where `.env` itself is tested."""


@dataclass
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.out)
        return document


@dataclass
class Shell:
    """A terminal in which the knowledge base can be reached."""

    data_dir: Path
    url: str

    async def tillhand(self, *arguments: str, **environment: str) -> Ended:
        environment = {"TILLHAND_DATA_DIR": str(self.data_dir), "TILLHAND_RAG_URL": self.url, **environment}
        return await run(*arguments, env={**WITHOUT_ENV_FILE, **environment})


async def run(*arguments: str, env: dict[str, str], cwd: Path | None = None) -> Ended:
    """Run `tillhand` to its end in this environment and folder."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tillhand_cli", *arguments),
        cwd=cwd,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(WITHIN_S):
        out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
