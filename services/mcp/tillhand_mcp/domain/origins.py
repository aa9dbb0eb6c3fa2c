"""Where an answer comes from, which every answer says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

ORIGIN: Final = "origin"
"""The member of every answer that says where it comes from."""
Mode = Literal["live", "mock"]
State = Literal["live", "mock", "blocked", "degraded"]


@dataclass(frozen=True, slots=True)
class Quota:
    """What an upstream still allows: in its own unit, such as points or tokens an hour."""

    unit: str
    left: float
    limit: float
    restores_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """`stale`: from the cache, beyond its freshness, because the upstream failed. `truncated`: there is more."""

    source: str
    mode: Mode
    fetched_at: datetime
    stale: bool = False
    truncated: bool = False
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A credential that is not there: the setting that names it, and how to get it."""

    setting: str
    how: str


@dataclass(frozen=True, slots=True)
class ConnectorState:
    """How a connector stands. Credentials that are there and an upstream that fails are `degraded`, never mock."""

    state: State
    reason: str = ""
    missing: Sequence[Missing] = ()
    breaker: Literal["closed", "open", "half-open"] = "closed"
    quota: Quota | None = None
    last_success_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What the settings allow: the vendor, the mock, or nothing. `missing` is what it would take to be live."""

    mode: Literal["live", "mock", "blocked"]
    missing: Sequence[Missing] = ()
