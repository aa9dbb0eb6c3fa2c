"""Where a figure comes from, as a page tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Read:
    """How one source was read."""

    source: str
    mode: str
    fetched_at: datetime | None
    complete_through: date | None
    rows: int
    stale: bool
    truncated: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Sources, window, method and what came in; `parameters` are names with their values."""

    mode: str
    sources: Sequence[Read]
    window: str
    currency: str
    digest: str
    method: str
    version: str
    parameters: Sequence[tuple[str, str]]
    computed_at: datetime | None


NOWHERE = Origin("", (), "", "", "", "", "", (), None)
"""Of an answer that does not say."""
