"""The services that this installation can start."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Member:
    """A service: its name, its package, its port unless told otherwise, and what it does in a few words."""

    name: str
    package: str
    port: int
    purpose: str

    @property
    def installed(self) -> bool:
        """Whether the package can be imported here."""
        return importlib.util.find_spec(self.package) is not None


MEMBERS: Final = (Member("rag", "tillhand_rag", 8001, "knowledge base"),)
"""In the order in which they start."""
