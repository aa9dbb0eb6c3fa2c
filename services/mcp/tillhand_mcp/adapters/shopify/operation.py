"""What an operation of the Admin API is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `prepares` marks a mutation that changes nothing in the shop, such as beginning an export."""

    name: str
    kind: Literal["query", "mutation"]
    text: str
    prepares: bool = False


def query(name: str, text: str) -> Operation:
    """One that reads."""
    return Operation(name, "query", text)


def mutation(name: str, text: str, *, prepares: bool = False) -> Operation:
    """One that writes, unless it only prepares."""
    return Operation(name, "mutation", text, prepares)
