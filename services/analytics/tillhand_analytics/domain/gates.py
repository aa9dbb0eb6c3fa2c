"""Gates: whether a source can be read with what credentials there are, and what to do where it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tillhand_analytics.domain.provenance import Mode, Source

GateState = Literal["absent", "present", "verified", "rejected", "expired"]
"""absent: no credentials, or not all of them. present: they are there, and nothing has been read with them yet.
verified: the source was read with them. rejected: the source refused them. expired: they were good, and are no longer.
"""


@dataclass(frozen=True, slots=True)
class Missing:
    """A setting that is not there, and how to get its value."""

    setting: str
    how: str


@dataclass(frozen=True, slots=True)
class Gate:
    """How one source stands. `reason` says why it gives nothing new, and is empty where it does."""

    source: Source
    state: GateState
    mode: Mode | None
    reason: str = ""
    missing: tuple[Missing, ...] = ()
    checked_at: datetime | None = None


def banner(gates: Sequence[Gate], *, forced: bool = False) -> str:
    """What a person has to know before reading any figure; empty where all is live and fresh."""
    if forced:
        return "Made-up data: mocks are forced (MCP_FORCE_MOCKS), whatever credentials exist."
    failed = [
        gate for gate in gates if gate.state in {"rejected", "expired"} or (gate.state != "absent" and gate.reason)
    ]
    if failed:
        return "Not up to date: " + "; ".join(f"{gate.source}: {gate.reason or gate.state}" for gate in failed) + "."
    mocked = [gate.source for gate in gates if gate.mode == "mock"]
    if mocked and len(mocked) == len(gates):
        return "Made-up data: no credentials are set. GET /v1/status says what is missing and how to get it."
    if mocked:
        return f"Partly made-up data: {', '.join(mocked)} answer from a mock."
    recorded = [gate.source for gate in gates if gate.mode == "recorded"]
    return f"Recorded data, read from a folder: {', '.join(recorded)}." if recorded else ""
