"""How the sources stand, as it is told."""

from __future__ import annotations

from pydantic import Field

from tillhand_analytics.domain.gates import GateState
from tillhand_analytics.domain.provenance import Mode, Source
from tillhand_analytics.models.base import Moment, Out
from tillhand_analytics.models.provenance import SourceOut


class MissingOut(Out):
    """A setting that is not there, and how to get its value."""

    setting: str
    how: str


class GateOut(Out):
    """How one source stands."""

    source: Source
    state: GateState
    mode: Mode | None = Field(description="Of what it gives now; null where it gives nothing.")
    reason: str = Field(description="Why it gives nothing new; empty where it does.")
    missing: list[MissingOut]
    checked_at: Moment | None


class StatusOut(Out):
    """Whether figures are real, and how fresh; what is missing, and how to get it."""

    mode: Mode | None = Field(description="Of the least real source; null where nothing has been read yet.")
    banner: str = Field(description="What a person has to know before reading any figure; empty where all is live.")
    has_analytics_token: bool = Field(description="Whether a bearer token for live data is at hand.")
    forced_mocks: bool
    gates: list[GateOut]
    sources: list[SourceOut]
    failure: str = Field(description="Why the last reading failed; empty where it did not.")
