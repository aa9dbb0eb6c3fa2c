"""Quotes that answer a question, each checked against the stored text before it leaves."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tillhand_rag.domain.answers import (
    Passage,
    Quote,
    Selection,
    answer,
    as_meant,
    select_sentences,
)
from tillhand_rag.domain.query import Query
from tillhand_rag.ports.embedding import Embedder, Vectors
from tillhand_rag.ports.flagging import Flag
from tillhand_rag.ports.store import ChunkRecord, KnowledgeStore
from tillhand_rag.service.answers import Answered, Cited, Said
from tillhand_rag.service.search import Found


class Quoting:
    """Finds the sentences of the passages that answer, and tells how sure that is."""

    def __init__(self, *, store: KnowledgeStore, embedder: Embedder, flag: Flag, threshold: float) -> None:
        self.threshold = threshold
        self._store = store
        self._embedder = embedder
        self._flag = flag

    async def answer(
        self, query: Query, found: Found, vector: Vectors, *, max_citations: int, embed_ms: float
    ) -> Answered:
        """The answer in quotes, if the passages hold one; `embed_ms` is what the question's vector took.

        Raises `EmbedderUnavailable` or `StoreUnavailable`.
        """
        started = time.perf_counter()
        selection = await self._select(query.text, vector, found)
        selected_ms = (time.perf_counter() - started) * 1e3
        citations = await self._cite(query.collection, found, selection.quotes[:max_citations])
        sure = bool(citations) and selection.confidence >= self.threshold
        first = citations[0].quote if sure else None
        return Answered(
            text=first,
            confidence=round(selection.confidence, 4),
            threshold=self.threshold,
            citations=tuple(citations) if sure else (),
            embed_ms=embed_ms + found.embed_ms + selected_ms,
            retrieve_ms=found.retrieve_ms,
            sentences=() if first is None else (Said(first, first, (1,), cited=tuple(citations[:1])),),
        )

    async def _select(self, question: str, vector: Vectors, found: Found) -> Selection:
        passages = [_passage(passage.chunk) for passage in found.passages]
        asked = as_meant(question, passages, self._embedder.tokenizer.offsets(question))
        candidates = select_sentences(asked, passages)
        if not candidates:
            return Selection(0.0, ())
        vectors = await self._embedder.embed(
            [each.embedded_text for each in candidates] + [asked] * (asked != question)
        )
        meant = vector if asked == question else vectors[-1]
        return answer(meant, candidates, vectors[: len(candidates)])

    async def _cite(self, collection: str, found: Found, quotes: Sequence[Quote]) -> list[Cited]:
        """The quotes that stand in the stored text right now; one whose document has just changed is left out."""
        chunks = {passage.chunk.chunk_id: passage.chunk for passage in found.passages}
        standing = []
        for quote in quotes:
            chunk = chunks[quote.chunk_id]
            made = cited(chunk, quote.start - chunk.start, quote.end - chunk.start, quote.score, self._flag)
            stored = await self._store.text(collection, chunk.document_id)
            unchanged = stored is not None and stored.version == chunk.version
            if stored is not None and unchanged and stored.text[quote.start : quote.end] == made.quote:
                standing.append(made)
        return standing


def cited(chunk: ChunkRecord, start: int, end: int, score: float, flag: Flag) -> Cited:
    """The quote of this span of a passage, and whether it is flagged."""
    flagged = any(span.start < end and start < span.end for span in flag(chunk.text, chunk.context))
    return Cited(chunk, chunk.start + start, chunk.start + end, chunk.text[start:end], round(score, 4), flagged)


def _passage(chunk: ChunkRecord) -> Passage:
    return Passage(chunk.chunk_id, chunk.document_id, chunk.start, chunk.text, chunk.context)
