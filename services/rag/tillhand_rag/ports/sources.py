"""Sources that are read again and again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from tillhand_rag.domain.ingestions import IngestionRequest


@dataclass(frozen=True, slots=True)
class Source:
    """What is read into a collection every `refresh_every_s` seconds. Times are in UTC.

    `lane` names what is read, whoever asks for it; `created_by` wanted it so: a person, or a key.
    """

    collection: str
    id: str
    lane: str
    request: IngestionRequest
    refresh_every_s: int
    tenant: str
    created_by: str
    created_at: str
    updated_at: str
    next_at: datetime


class SourcePlace(NamedTuple):
    """Where a list of sources goes on: after this one."""

    collection: str
    id: str


class Sources(Protocol):
    """Keeps sources, durably. Each method raises `StoreUnavailable`."""

    async def put(self, source: Source, *, most: int) -> bool | None:
        """Add or replace a source; whether it is new, or None when the collection has as many already."""
        ...

    async def get(self, collection: str, source_id: str) -> Source | None: ...

    async def page(
        self, *, collections: Collection[str] | None, after: SourcePlace | None, limit: int
    ) -> Sequence[Source]:
        """Sources by collection and id; `collections` None means all."""
        ...

    async def delete(self, collection: str, source_id: str) -> bool:
        """Forget a source; False when there was none."""
        ...

    async def forget_collection(self, collection: str) -> None:
        """Forget every source of a collection."""
        ...

    async def due(self, now: datetime) -> Sequence[Source]:
        """Those whose time has come, the longest overdue first."""
        ...

    async def next_at(self) -> datetime | None:
        """When the next one is due; None while there is none."""
        ...

    async def put_off(self, source: Source, next_at: datetime) -> None:
        """Let a source be due at this time, unless it has been replaced meanwhile."""
        ...
