"""Removing what a source no longer has, and only what is certain to have gone from it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from tillhand_rag.domain.documents import is_derived
from tillhand_rag.ports.manifest import Manifest, Taken
from tillhand_rag.service.ingesting.knowing import Known, Stored

Reason = Literal["incomplete", "empty"]

_TOGETHER: Final = 64
_AT_ONCE: Final = 8


class Removing(Protocol):
    """Removes documents for good; see `Removal`."""

    async def document(self, collection: str, document_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Vanished:
    """What became of names that did not come: documents removed, or names kept, and why."""

    removed: int = 0
    kept: int = 0
    because: Reason | None = None


class Vanishing:
    """Compares what a source gave before with what came this time."""

    def __init__(self, *, manifest: Manifest, store: Stored, removal: Removing) -> None:
        self._manifest = manifest
        self._store = store
        self._removal = removal

    async def remove(
        self,
        known: Known,
        seen: Collection[str],
        *,
        complete: bool,
        allow_empty: bool,
        removed: Callable[[int], Awaitable[None]],
    ) -> Vanished:
        """Remove what did not come, if the whole source was seen.

        A source of which nothing came keeps everything unless `allow_empty`: more often a disk was not mounted, or a
        site answers everything with 404. What somebody else has replaced meanwhile is theirs and stays. `removed`
        hears of every document.
        """
        gone = [name for name in await self._manifest.names(known.lane) if name not in seen]
        if not gone:
            return Vanished()
        if not complete:
            return Vanished(kept=len(gone), because="incomplete")
        if not seen and not allow_empty:
            return Vanished(kept=len(gone), because="empty")
        total = 0
        for start in range(0, len(gone), _TOGETHER):
            names = gone[start : start + _TOGETHER]
            ids = await self._ours(known, list((await self._manifest.taken(known.lane, names)).values()))
            await self._removed(known.collection, ids)
            await self._manifest.settle(known.lane, known.collection, [], forget=names)
            total += len(ids)
            await removed(len(ids))
        return Vanished(removed=total)

    async def _ours(self, known: Known, taken: Sequence[Taken]) -> list[str]:
        """The documents that are stored as the source gave them, or of which nobody knows who stored them."""
        given = {document: version for each in taken if each.digest for document, version in each.documents.items()}
        versions = await self._store.versions(known.collection, list(given))
        ours = [document for document, version in given.items() if versions.get(document) == version]
        unsure = [each.name for each in taken if not each.digest]
        return [*ours, *filter(is_derived, await self._store.of_sources(known.collection, unsure) if unsure else ())]

    async def _removed(self, collection: str, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            await asyncio.gather(*(self._removal.document(collection, name) for name in some))
