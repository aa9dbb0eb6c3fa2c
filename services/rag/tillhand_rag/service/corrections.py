"""Corrections: written, read and deleted by people, and asked for by answering."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import structlog

from tillhand_common.clock import Clock, rfc3339
from tillhand_rag.domain.patterns import Pattern
from tillhand_rag.errors import CorrectionNotFound, EmbedderUnavailable
from tillhand_rag.ports.corrections import (
    Correction,
    CorrectionContent,
    CorrectionRecords,
    HistoryEntry,
    MeaningMatch,
    PatternMatch,
    Precondition,
    StoredCorrection,
    Writer,
)
from tillhand_rag.ports.embedding import Embedder, Vectors
from tillhand_rag.service.correction_book import CorrectionBook
from tillhand_rag.service.correction_shelf import Match
from tillhand_rag.service.correction_sources import GivenSource, Texts, as_of_now, verified
from tillhand_rag.service.indexes import Indexes

CONSIDERED_MARGIN: Final = 0.1
"""How far below its threshold an example may lie and still be told to whoever tries a question out."""
MAX_CONSIDERED: Final = 20

_log: Final = structlog.get_logger(__name__)


class MatchingCorrections:
    """`Corrections` for answers from one index: its store verifies sources, its embedder made the vectors."""

    def __init__(self, book: CorrectionBook, *, texts: Texts, embedder: Embedder) -> None:
        self._book = book
        self._texts = texts
        self._embedder = embedder

    async def matching(self, collection: str, question: str, vector: Vectors | None) -> Correction | None:
        """The correction that wins for this question, its sources verified now; None where none is meant for it."""
        matches = await self._book.matches(collection, question, vector, self._embedder)
        match = next((match for match in matches if match.refused is None), None)
        if match is None:
            return None
        stored, content = match.stored, match.stored.content
        [sources] = await as_of_now(self._texts, collection, [content.sources])
        return Correction(
            id=stored.id,
            collection=collection,
            version=stored.version,
            answer=content.answer,
            sources=sources,
            author=content.author,
            last_verified=content.last_verified,
            expires_at=content.expires_at,
            matched_by=match.matched_by,
            score=match.score,
        )

    def version(self, collection: str) -> int:
        """Grows whenever another correction may win in this collection."""
        return self._book.version(collection)


@dataclass(frozen=True, slots=True)
class Shown:
    """A correction with its sources as of now, whether it has expired, and whether it was created just now."""

    stored: StoredCorrection
    expired: bool
    created: bool = False


class Correcting:
    """Writes, reads and deletes corrections. One that was acknowledged is in force for every question after it."""

    def __init__(
        self, *, book: CorrectionBook, records: CorrectionRecords, texts: Texts, indexes: Indexes, clock: Clock
    ) -> None:
        self._book = book
        self._records = records
        self._texts = texts
        self._indexes = indexes
        self._clock = clock
        self._writing = asyncio.Lock()  # what is kept and what is in force change in the same order

    async def warm(self) -> None:
        """Have the vectors of all example questions; what cannot be computed now is computed when it is asked for."""
        for collection in self._book.collections():
            try:
                async with self._indexes.reading(collection) as index:
                    await self._book.ready(collection, index.embedder, bulk=True)
            except EmbedderUnavailable:
                _log.warning("corrections_not_embedded", collection=collection)

    async def put(
        self,
        collection: str,
        name: str | None,
        content: CorrectionContent,
        sources: Sequence[GivenSource],
        *,
        by: Writer,
        when: Precondition,
    ) -> Shown:
        """Write a new version, under a new id where none is given.

        Raises `InvalidPattern`, `UnverifiedSource`, `CorrectionChanged`, `TooManyCorrections`, `EmbedderUnavailable`
        or `StoreUnavailable`.
        """
        if isinstance(content.match, PatternMatch):
            Pattern.parse(content.match.pattern)
        content = replace(content, sources=await verified(self._texts, collection, sources))
        name = name or f"cor_{secrets.token_hex(8)}"
        space, vectors = await self._embedded(collection, content)
        async with self._writing:
            stored = await self._records.put(collection, name, content, by, now=rfc3339(self._clock.now()), when=when)
            created = self._book.get(collection, name) is None
            self._book.put(stored, space, vectors)
        if len(vectors):
            await self._records.keep_vectors(collection, space, {(name, stored.version): vectors})
        return replace(self._shown(stored), created=created)

    async def delete(self, collection: str, name: str, *, by: Writer, when: Precondition) -> None:
        """Delete a correction and keep its history. Raises `CorrectionNotFound` or `CorrectionChanged`."""
        before = self._book.get(collection, name)
        async with self._writing:
            now = rfc3339(self._clock.now())
            if before is None or not await self._records.delete(collection, name, by, now=now, when=when):
                raise _missing()
            self._book.drop(collection, name)
        await self._forget([before])

    async def delete_collection(self, collection: str) -> bool:
        """Delete all corrections of a collection that is deleted, with their history; False when there were none."""
        async with self._writing:
            gone = await self._records.delete_collection(collection)
            self._book.drop_collection(collection)
        await self._forget(gone)
        return bool(gone)

    async def get(self, collection: str, name: str) -> Shown:
        """A correction. Raises `CorrectionNotFound`."""
        stored = await self._records.get(collection, name)
        if stored is None:
            raise _missing()
        [shown] = await self._now(collection, [stored])
        return shown

    async def page(self, collection: str, *, after: str | None, limit: int) -> Sequence[Shown]:
        """Corrections by id, those behind `after`."""
        return await self._now(collection, await self._records.page(collection, after=after or "", limit=limit))

    async def history(self, collection: str, name: str, *, after: int, limit: int) -> Sequence[HistoryEntry]:
        """What became of a correction, deleted or not, oldest first. Raises `CorrectionNotFound`."""
        found = await self._records.history(collection, name, after=after, limit=limit)
        if not found and not await self._records.history(collection, name, after=0, limit=1):
            raise _missing()
        return found

    async def considered(self, collection: str, question: str) -> Sequence[Match]:
        """Which corrections a question meets, the one that wins first, and why others are not meant."""
        async with self._indexes.reading(collection) as index:
            vector: Vectors = (await index.embedder.embed([question]))[0]
            found = await self._book.matches(collection, question, vector, index.embedder, margin=CONSIDERED_MARGIN)
        best: dict[str, Match] = {}
        for match in found:
            known = best.get(match.stored.id)
            if known is None or (known.refused is not None and match.refused is None):
                best.pop(match.stored.id, None)  # to the end, where its better example stands
                best[match.stored.id] = match
        return sorted(best.values(), key=lambda match: match.refused is not None)[:MAX_CONSIDERED]

    async def _now(self, collection: str, stored: Sequence[StoredCorrection]) -> list[Shown]:
        sources = await as_of_now(self._texts, collection, [each.content.sources for each in stored])
        return [
            self._shown(replace(each, content=replace(each.content, sources=now)))
            for each, now in zip(stored, sources, strict=True)
        ]

    async def _embedded(self, collection: str, content: CorrectionContent) -> tuple[str, Vectors]:
        """The vectors of its example questions, none for a pattern, and the space that they lie in."""
        async with self._indexes.reading(collection) as index:
            space = index.embedder.space
            if isinstance(content.match, PatternMatch):
                return space.id, np.zeros((0, space.dimension), dtype=np.float32)
            return space.id, await index.embedder.embed(content.match.examples)

    def _shown(self, stored: StoredCorrection) -> Shown:
        until = stored.content.expires_at
        return Shown(stored, expired=until is not None and until <= rfc3339(self._clock.now()))

    async def _forget(self, gone: Sequence[StoredCorrection]) -> None:
        """Remove from the embedding cache what was embedded for corrections that are gone."""
        for each in gone:
            if isinstance(each.content.match, MeaningMatch):
                async with self._indexes.reading(each.collection) as index:
                    await index.embedder.forget(each.content.match.examples)


def _missing() -> CorrectionNotFound:
    return CorrectionNotFound("There is no such correction in this collection.", field="correction_id")
