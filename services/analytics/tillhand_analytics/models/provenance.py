"""Where a figure comes from, as it is told."""

from __future__ import annotations

from datetime import date
from typing import Generic, TypeVar

from pydantic import Field

from tillhand_analytics.domain.provenance import Mode, Parameter, Provenance, Source
from tillhand_analytics.models.base import Moment, Out

T = TypeVar("T")


class SourceOut(Out):
    """How one source was read."""

    source: Source
    mode: Mode
    fetched_at: Moment
    complete_through: date | None = Field(description="Its last whole day.")
    rows: int
    digest: str = Field(description="SHA-256 of what came in, in hex.")
    truncated: bool = Field(description="The source held more than was read.")
    stale: bool = Field(description="A later reading has failed since.")


class WindowOut(Out):
    """The days that a figure rests on, both in it, in the shop's time zone."""

    first_day: date
    last_day: date
    time_zone: str


class MethodOut(Out):
    """How a figure was calculated; the version changes when the same input would give another figure."""

    name: str
    version: str


class ProvenanceOut(Out):
    """Where a figure comes from. `mode` is that of the least real source."""

    mode: Mode
    sources: list[SourceOut]
    window: WindowOut
    currency: str = Field(description="ISO 4217; of every amount, in minor units.")
    digest: str = Field(description="SHA-256 over the digests of the sources, in hex.")
    method: MethodOut
    parameters: dict[str, Parameter]
    computed_at: Moment

    @classmethod
    def of(cls, provenance: Provenance) -> ProvenanceOut:
        """As it is told."""
        return cls(
            mode=provenance.mode,
            sources=[SourceOut.model_validate(stamp) for stamp in provenance.sources],
            window=WindowOut.model_validate(provenance),
            currency=provenance.currency,
            digest=provenance.digest,
            method=MethodOut.model_validate(provenance.method),
            parameters=dict(provenance.parameters),
            computed_at=provenance.computed_at,
        )


class Answer(Out, Generic[T]):
    """One value, and where it comes from."""

    provenance: ProvenanceOut
    value: T


class Listing(Out, Generic[T]):
    """Rows of a table, a page at a time. `total` counts all that match."""

    provenance: ProvenanceOut
    total: int
    items: list[T]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last one.")
