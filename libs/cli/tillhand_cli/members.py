"""The services that this installation can start."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from typing import Final

from tillhand_cli.errors import CommandError, ExitCode

HIGHEST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class Member:
    """A service: its name, its package, its port unless told otherwise, and what it does in a few words."""

    name: str
    package: str
    default_port: int
    purpose: str

    @property
    def port(self) -> int:
        """The port that `tillhand up` gives it: `TILLHAND_RAG_PORT` for rag, and so on. Raises CommandError."""
        variable = f"TILLHAND_{self.name.upper()}_PORT"
        given = os.environ.get(variable) or str(self.default_port)
        if not (given.isascii() and given.isdigit() and 0 < int(given[:6]) <= HIGHEST_PORT):
            raise CommandError(f"{variable}: {given!r} is no port (1 to {HIGHEST_PORT}).", code=ExitCode.USAGE)
        return int(given)

    @property
    def url(self) -> str:
        """Where it answers on this machine. Raises CommandError."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def installed(self) -> bool:
        """Whether the package can be imported here."""
        return importlib.util.find_spec(self.package) is not None


RAG: Final = Member("rag", "tillhand_rag", 8001, "knowledge base")
APPROVALS: Final = Member("approvals", "tillhand_approvals", 8003, "proposals, decided by people")
MCP: Final = Member("mcp", "tillhand_mcp", 8002, "tools for agents, whose writes wait for a person")
ANALYTICS: Final = Member("analytics", "tillhand_analytics", 8004, "inventory, search and sales in figures")
DASHBOARD: Final = Member("dashboard", "tillhand_dashboard", 3000, "the console, where people see and decide")
MEMBERS: Final = (RAG, APPROVALS, MCP, ANALYTICS, DASHBOARD)
"""In the order in which they start."""
