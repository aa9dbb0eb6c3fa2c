"""A query in, ranked passages out, each with the reason why it was found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tillhand_rag.domain.embedded import passage_text
from tillhand_rag.domain.fusion import Fused, fuse
from tillhand_rag.domain.query import Query
from tillhand_rag.domain.reordering import DEPTH, reordered
from tillhand_rag.ports.embedding import Embedder, Vectors
from tillhand_rag.ports.observer import Observer
from tillhand_rag.ports.reranking import Judged, Reranker, RerankingFailed
from tillhand_rag.ports.store import Candidate, ChunkRecord, KnowledgeStore

LIST_DEPTH = 200
"""How many passages each list offers to the fusion: deep enough that a passage low in one list can still win."""


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage with its score and its place in each list. `judged` is what a re-ranker says: then that orders."""

    chunk: ChunkRecord
    rank: Fused
    judged: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Passages, best first; times in milliseconds. `vector` is the query's, absent for keyword mode."""

    passages: Sequence[RankedPassage]
    vector: Vectors | None
    embed_ms: float
    retrieve_ms: float


class Search:
    """Finds passages by meaning, by words, or by both; what both found is looked at a second time."""

    def __init__(
        self, *, store: KnowledgeStore, embedder: Embedder, observer: Observer, reranker: Reranker | None = None
    ) -> None:
        self._observer = observer
        self._store = store
        self._embedder = embedder
        self._reranker = reranker

    @property
    def second_look(self) -> tuple[str, str] | None:
        """Name and state of the re-ranker, on which the order of passages depends."""
        return (self._reranker.name, self._reranker.state) if self._reranker else None

    async def search(self, query: Query, *, vector: Vectors | None = None) -> Found:
        """Up to `top_k` passages; `vector` is the query's, where the caller has it already.

        Raises `EmbedderUnavailable` or `StoreUnavailable`.
        """
        depth = max(LIST_DEPTH, query.top_k)
        started = time.perf_counter()
        words = asyncio.ensure_future(self._by_words(query, depth))
        try:
            vector = await self._vector(query, vector)
            embedded = time.perf_counter()
            near = await self._by_meaning(query, vector, depth)
            found = fuse(near, await words, self._wanted(query))
        finally:
            words.cancel()
        chunks = {
            chunk.chunk_id: chunk for chunk in await self._store.chunks(query.collection, [f.chunk_id for f in found])
        }
        passages = [RankedPassage(chunks[rank.chunk_id], rank) for rank in found if rank.chunk_id in chunks]
        if query.mode == "hybrid":
            passages = await self._looked_at_again(query.text, passages)
        passages = passages[: query.top_k]
        done = time.perf_counter()
        self._observer.searched(query.mode, done - started)
        return Found(passages, vector, (embedded - started) * 1e3, (done - embedded) * 1e3)

    def _wanted(self, query: Query) -> int:
        """How many passages are looked up: what is asked for, and what may come up into it."""
        if query.mode != "hybrid":
            return query.top_k
        return max(query.top_k, DEPTH if self._reranker is None else self._reranker.depth)

    async def _looked_at_again(self, query: str, passages: Sequence[RankedPassage]) -> list[RankedPassage]:
        """The passages in order, by the re-ranker where there is one that can judge, or else by the query's words."""
        if self._reranker is not None:
            head, rest = passages[: self._reranker.depth], passages[self._reranker.depth :]
            try:
                judged = await _judged(self._reranker, query, head)
            except RerankingFailed:
                self._observer.reranked(judged=False)
            else:
                self._observer.reranked(judged=True)
                return [*judged, *rest]
        head, rest = passages[:DEPTH], passages[DEPTH:]
        chunks = {passage.chunk.chunk_id: passage.chunk for passage in head}
        ordered = reordered(query, [passage.rank for passage in head], [_text(passage.chunk) for passage in head])
        return [*(RankedPassage(chunks[rank.chunk_id], rank) for rank in ordered), *rest]

    async def _vector(self, query: Query, given: Vectors | None) -> Vectors | None:
        if query.mode == "keyword":
            return None
        vector: Vectors = (await self._embedder.embed([query.text]))[0] if given is None else given
        return vector

    async def _by_words(self, query: Query, depth: int) -> Sequence[Candidate]:
        if query.mode == "dense":
            return ()
        return await self._store.keyword(query.collection, query.text, where=query.where, limit=depth)

    async def _by_meaning(self, query: Query, vector: Vectors | None, depth: int) -> Sequence[Candidate]:
        if vector is None:
            return ()
        return await self._store.dense(query.collection, vector, where=query.where, limit=depth)


async def _judged(reranker: Reranker, query: str, passages: Sequence[RankedPassage]) -> list[RankedPassage]:
    """The passages as the re-ranker orders them. Raises `RerankingFailed`."""
    scores = await reranker.rerank(query, [Judged(each.chunk.chunk_id, _text(each.chunk)) for each in passages])
    judged = [replace(each, judged=score) for each, score in zip(passages, scores, strict=True)]
    return [judged[place] for place in sorted(range(len(judged)), key=lambda place: -scores[place])]


def _text(chunk: ChunkRecord) -> str:
    return passage_text(chunk.context, chunk.text)
