"""The services that this installation can start."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Member:
    """A service: its name, its package, its port unless told otherwise, and what it does in a few words."""

    name: str
    package: str
    default_port: int
    purpose: str

    @property
    def port(self) -> int:
        """The port that `tillhand up` gives it: `TILLHAND_RAG_PORT` for rag, and so on."""
        return int(os.environ.get(f"TILLHAND_{self.name.upper()}_PORT") or self.default_port)

    @property
    def url(self) -> str:
        """Where it answers on this machine."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def installed(self) -> bool:
        """Whether the package can be imported here."""
        return importlib.util.find_spec(self.package) is not None


RAG: Final = Member("rag", "tillhand_rag", 8001, "knowledge base")
MEMBERS: Final = (RAG,)
"""In the order in which they start."""
