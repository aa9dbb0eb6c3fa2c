"""Who keeps count of calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from tillhand_mcp.domain.origins import Quota

Outcome = Literal["answered", "cached", "stale", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of one connector since `since`. Durations in seconds, of the last calls that asked the upstream."""

    since: datetime
    calls: Mapping[str, int]
    durations: int
    p50_s: float | None
    p95_s: float | None
    attempts: Mapping[str, int]
    retries: int
    breaker_transitions: Mapping[str, int]
    pool_wait_s: float


class Watcher(Protocol):
    """Counts calls of tools by connector."""

    def called(self, connector: str, outcome: Outcome, seconds: float, quota: Quota | None = None) -> None:
        """A call has ended: given an answer, kept or new, refused for what it asked, or failed upstream."""
        ...

    def figures(self, connector: str) -> Figures:
        """What is known of one connector."""
        ...
