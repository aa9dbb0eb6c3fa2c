"""What of a ledger outlives the process that keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Point = tuple[float, float, float, float]
"""A moment of the epoch; and all events, all bad ones, and all seconds that were seen, up to it."""


@dataclass(frozen=True, slots=True)
class KeptProcess:
    """What a process showed when it was looked at last; `started_s` is None where it does not tell."""

    started_s: float | None
    shown: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class KeptLedger:
    """When a service was looked at last, what its processes showed then, and the points of each objective."""

    looked_at_s: float
    processes: tuple[KeptProcess, ...]
    histories: Mapping[str, tuple[Point, ...]]
