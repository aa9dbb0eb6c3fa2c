"""A query in, ranked passages out, each with the reason why it was found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tillhand_rag.domain.fusion import Fused, fuse
from tillhand_rag.domain.query import Query
from tillhand_rag.ports.embedding import Embedder, Vectors
from tillhand_rag.ports.observer import Observer
from tillhand_rag.ports.store import Candidate, ChunkRecord, KnowledgeStore

LIST_DEPTH = 200
"""How many passages each list offers to the fusion: deep enough that a passage low in one list can still win."""


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage with its fused score and its place in each list."""

    chunk: ChunkRecord
    rank: Fused


@dataclass(frozen=True, slots=True)
class Found:
    """Passages, best first; times in milliseconds. `vector` is the query's, absent for keyword mode."""

    passages: Sequence[RankedPassage]
    vector: Vectors | None
    embed_ms: float
    retrieve_ms: float


class Search:
    """Finds passages by meaning, by words, or by both."""

    def __init__(self, *, store: KnowledgeStore, embedder: Embedder, observer: Observer) -> None:
        self._observer = observer
        self._store = store
        self._embedder = embedder

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
            found = fuse(near, await words, query.top_k)
        finally:
            words.cancel()
        chunks = {
            chunk.chunk_id: chunk for chunk in await self._store.chunks(query.collection, [f.chunk_id for f in found])
        }
        passages = [RankedPassage(chunks[rank.chunk_id], rank) for rank in found if rank.chunk_id in chunks]
        done = time.perf_counter()
        self._observer.searched(query.mode, done - started)
        return Found(passages, vector, (embedded - started) * 1e3, (done - embedded) * 1e3)

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
