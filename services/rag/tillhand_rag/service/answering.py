"""A question in, quotes from the sources out, each checked against the stored text before it leaves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tillhand_rag.domain.answers import (
    MAX_PASSAGES,
    THRESHOLD,
    Passage,
    Quote,
    Selection,
    answer,
    select_sentences,
)
from tillhand_rag.domain.query import Query
from tillhand_rag.ports.embedding import Embedder
from tillhand_rag.ports.observer import Observer
from tillhand_rag.ports.store import ChunkRecord, KnowledgeStore
from tillhand_rag.service.search import Found, Search


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote and where it stands: `stored_text[start:end] == quote` in that version of the chunk's document."""

    chunk: ChunkRecord
    start: int
    end: int
    quote: str
    score: float


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer made of quotes, or none: then `text` is None and there are no citations."""

    text: str | None
    confidence: float
    threshold: float
    citations: Sequence[Cited]
    embed_ms: float
    retrieve_ms: float

    @property
    def answered(self) -> bool:
        """Whether the sources held an answer."""
        return self.text is not None


class Answering:
    """Answers questions with sentences of the sources."""

    def __init__(self, *, search: Search, store: KnowledgeStore, embedder: Embedder, observer: Observer) -> None:
        self._search = search
        self._store = store
        self._embedder = embedder
        self._observer = observer

    async def answer(self, query: Query, *, max_citations: int) -> Answered:
        """Quotes that answer, at most `max_citations`. Raises `EmbedderUnavailable` or `StoreUnavailable`."""
        started = time.perf_counter()
        found = await self._search.search(replace(query, top_k=MAX_PASSAGES))
        embedding = time.perf_counter()
        selection = await self._select(query.text, found)
        embed_ms = found.embed_ms + (time.perf_counter() - embedding) * 1e3
        citations = await self._cite(query.collection, found, selection.quotes[:max_citations])
        sure = bool(citations) and selection.answered
        self._observer.answered(answered=sure, seconds=time.perf_counter() - started)
        return Answered(
            text=" ".join(cited.quote for cited in citations[:1]) if sure else None,
            confidence=round(selection.confidence, 4),
            threshold=THRESHOLD,
            citations=citations if sure else (),
            embed_ms=embed_ms,
            retrieve_ms=found.retrieve_ms,
        )

    async def _select(self, question: str, found: Found) -> Selection:
        passages = [_passage(passage.chunk) for passage in found.passages]
        candidates = select_sentences(question, passages)
        if not candidates:
            return Selection(0.0, ())
        vectors = await self._embedder.embed([question, *(candidate.embedded_text for candidate in candidates)])
        return answer(vectors[0], candidates, vectors[1:])

    async def _cite(self, collection: str, found: Found, quotes: Sequence[Quote]) -> list[Cited]:
        """The quotes that stand in the stored text right now; one whose document has just changed is left out."""
        chunks = {passage.chunk.chunk_id: passage.chunk for passage in found.passages}
        cited = []
        for quote in quotes:
            chunk = chunks[quote.chunk_id]
            words = chunk.text[quote.start - chunk.start : quote.end - chunk.start]
            stored = await self._store.text(collection, chunk.document_id)
            unchanged = stored is not None and stored.version == chunk.version
            if stored is not None and unchanged and stored.text[quote.start : quote.end] == words:
                cited.append(Cited(chunk, quote.start, quote.end, words, round(quote.score, 4)))
        return cited


def _passage(chunk: ChunkRecord) -> Passage:
    return Passage(chunk.chunk_id, chunk.document_id, chunk.start, chunk.text, chunk.context)
