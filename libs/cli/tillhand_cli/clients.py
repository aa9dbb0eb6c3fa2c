"""What the common clients of the Model Context Protocol want to be told, each in its own form.

Those that can send a header get the address; those that start programs get `tillhand mcp stdio`, which reads the key
from its file, so that no key stands in a client's settings.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Configuration:
    """Where it goes, in a sentence, and what."""

    where: str
    text: str


def configuration(client: str, url: str, key_file: Path) -> Configuration:
    """What to tell one of `CLIENTS`."""
    where, make = CLIENTS[client]
    return Configuration(where, make(url, key_file))


def _program(url: str, key_file: Path) -> dict[str, Any]:
    command = str(Path(sys.executable).with_name("tillhand"))
    return {"command": command, "args": ["mcp", "stdio", "--url", url, "--key-file", str(key_file)]}


def _servers(member: str, **more: str) -> Callable[[str, Path], str]:
    def make(url: str, key_file: Path) -> str:
        return _json({member: {"tillhand": {**more, **_program(url, key_file)}}})

    return make


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2)


def _toml(url: str, key_file: Path) -> str:
    program = _program(url, key_file)
    return f"[mcp_servers.tillhand]\ncommand = {json.dumps(program['command'])}\nargs = {json.dumps(program['args'])}"


def _shell(url: str, key_file: Path) -> str:
    program = _program(url, key_file)
    return shlex.join(["claude", "mcp", "add", "tillhand", "--", program["command"], *program["args"]])


def _http(url: str, key_file: Path) -> str:
    header = f"Bearer <the content of {key_file}>"
    server = {"type": "http", "url": f"{url}/mcp", "headers": {"Authorization": header}}
    return _json({"mcpServers": {"tillhand": server}})


CLIENTS: Final[Mapping[str, tuple[str, Callable[[str, Path], str]]]] = {
    "claude-desktop": ("claude_desktop_config.json, by Settings, Developer, Edit Config:", _servers("mcpServers")),
    "claude-code": ("Run in the project's folder:", _shell),
    "cursor": (".cursor/mcp.json in the project, or ~/.cursor/mcp.json:", _servers("mcpServers")),
    "vscode": (".vscode/mcp.json in the project:", _servers("servers", type="stdio")),
    "codex": ("~/.codex/config.toml:", _toml),
    "windsurf": ("~/.codeium/windsurf/mcp_config.json:", _servers("mcpServers")),
    "zed": ("settings.json:", _servers("context_servers")),
    "gemini": ("~/.gemini/settings.json:", _servers("mcpServers")),
    "http": ("Any client that sends headers:", _http),
}
