"""Where a shop's records come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tillhand_analytics.domain.gates import Gate
from tillhand_analytics.domain.provenance import Source, Stamp, digest_of
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.errors import SourceUnavailable


@dataclass(frozen=True, slots=True)
class Loaded:
    """A whole reading: the records, and how each source was read. Sources that gave nothing have no stamp.

    `lacking` says why, of those that should have: they have credentials, and cannot be read.
    """

    shop: Shop
    stamps: tuple[Stamp, ...]
    lacking: Mapping[Source, SourceUnavailable] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The digest of all that came in, and of the days that are looked at."""
        days = f"{self.shop.first_day}:{self.shop.last_day}"
        return digest_of((days, *(f"{stamp.source}:{stamp.digest}" for stamp in self.stamps)))


class Sources(Protocol):
    """All sources of one shop."""

    async def load(self) -> Loaded:
        """Read everything. Raises `SourceUnavailable` naming the source that could not be read."""
        ...

    async def gates(self) -> tuple[Gate, ...]:
        """How each source stands, from what is known already."""
        ...

    @property
    def has_token(self) -> bool:
        """Whether a bearer token for live data is at hand."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
