"""Clients that others wrote, let loose on the tools: TypeScript's, the inspector, and FastMCP's.

Each lists all tools and calls every one; a call passes when the client takes the result, and it is no error.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from workspace import JUDGES, ROOT

PINNED: Final = ROOT / "tools" / "conformance-suite"
CACHE: Final = ROOT / ".conformance"
INSPECTOR: Final = (
    CACHE / "node_modules" / "@modelcontextprotocol" / "inspector" / "clients" / "cli" / "build" / "index.js"
)
ERAS: Final = ("legacy", "modern")
AT_A_TIME: Final = 4
TIMEOUT_S: Final = 300
CALL_TIMEOUT_S: Final = 60
SAID: Final = 300
"""Characters of an inspector's complaint that are shown."""


class ConformanceError(Exception):
    """A judge could not be run; the message is for the person who wanted it to."""


@dataclass(frozen=True)
class Served:
    """Where the tools are, the key for them (none where none is wanted), and what to call each with."""

    url: str
    arguments: Mapping[str, Any]
    key: str = ""
    key_file: str = ""
    refused: tuple[str, ...] = ()
    """Tools whose result has to be an error."""
    agreed: Mapping[str, Any] = field(default_factory=dict)
    """Calls that a person approves at once."""


@dataclass(frozen=True)
class Verdict:
    """What one client found."""

    name: str
    passed: int
    failed: tuple[str, ...]
    seconds: float


def typescript(node: str, served: Served) -> Iterator[Verdict]:
    """The SDK of the first version, and that of the second in both eras."""
    shutil.copyfile(PINNED / "clients.mjs", CACHE / "clients.mjs")
    given = {"url": served.url, "key": served.key, "arguments": served.arguments, "refused": served.refused}
    yield from _told([node, "clients.mjs"], given, CACHE)


def fastmcp(served: Served) -> Iterator[Verdict]:
    """FastMCP's client over HTTP, and over the bridge for programs that know none."""
    python = JUDGES / "bin" / "python"
    if not python.exists():
        raise ConformanceError(f"{python} is not here; `make conformance` installs it")
    bridge = ["-m", "tillhand_cli", "mcp", "stdio", "--url", served.url.removesuffix("/mcp")]
    given = {
        "url": served.url,
        "key": served.key,
        "arguments": served.arguments,
        "bridge": [sys.executable, *bridge, "--key-file", served.key_file],
    }
    yield from _told([str(python), str(PINNED / "fastmcp_client.py")], given, ROOT)


def inspector(node: str, served: Served) -> Iterator[Verdict]:
    """The public inspector's command line: strict about every schema in both eras, then a process for each call.

    The calls are those of the older era. In the newer one it follows a proposal as a task until a person has decided,
    so what a person approves at once is called there.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        told = _Inspector(node, Path(folder), served)
        checks = [(f"tools/list, {era}", era, ["--strict", "--method", "tools/list"]) for era in ERAS]
        checks += [(name, "legacy", _call(name, taken)) for name, taken in served.arguments.items()]
        checks += [(f"{name}, as a task", "modern", _call(name, taken)) for name, taken in served.agreed.items()]
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            found = list(pool.map(told.complaint, *zip(*checks, strict=True)))
    failed = tuple(each for each in found if each)
    yield Verdict("inspector, strict", len(found) - len(failed), failed, time.monotonic() - started)


def _call(name: str, taken: object) -> list[str]:
    return ["--method", "tools/call", "--tool-name", name, "--tool-args-json", json.dumps(taken)]


class _Inspector:
    """Its command line, which reads the address and the key from a file, and keeps what it keeps in a folder."""

    def __init__(self, node: str, folder: Path, served: Served) -> None:
        self._command = [node, str(INSPECTOR), "--server", "tillhand", "--format", "json"]
        self._environment = {**os.environ, "HOME": str(folder), "MCP_INSPECTOR_SECRET_STORE": "memory"}  # nosec B105 # where it keeps them
        self._folder = folder
        self._wanted = served.arguments.keys()
        server = {"type": "streamable-http", "url": served.url, "headers": {"Authorization": f"Bearer {served.key}"}}
        for era in ERAS:
            content = {"mcpServers": {"tillhand": {**server, "protocolEra": era}}}
            self._config(era).write_text(json.dumps(content), encoding="utf-8")

    def complaint(self, name: str, era: str, arguments: list[str]) -> str:
        """Run it once; what is wrong, or nothing."""
        command = [*self._command, "--config", str(self._config(era)), *arguments]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                env=self._environment,
                timeout=CALL_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            return f"{name}: no answer within {CALL_TIMEOUT_S} s"
        if done.returncode != 0:
            return f"{name}: exit {done.returncode}: {(done.stderr + done.stdout)[-SAID:]}"
        result = json.loads(done.stdout)["result"]
        if era == "modern" and "ask_again" in result.get("structuredContent", {}):
            return f"{name}: it was not followed as a task"
        listed = {each["name"] for each in result["tools"]} if "tools" in result else self._wanted
        return "" if listed == self._wanted else f"{name}: {sorted(listed)} instead of {sorted(self._wanted)}"

    def _config(self, era: str) -> Path:
        return self._folder / f"{era}.json"


def _told(command: list[str], given: Mapping[str, Any], folder: Path) -> Iterator[Verdict]:
    """Run a program that reads what it is given, and writes a line of JSON for each client."""
    done = subprocess.run(
        command,
        cwd=folder,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    if not told or done.returncode != 0:
        raise ConformanceError(f"a client broke off:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    for each in told:
        yield Verdict(each["name"], len(each["passed"]), tuple(each["failed"]), each["seconds"])
