"""Opens a generation: its embedder and store, and the use cases joined to them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tillhand_common.lifecycle import StartupError
from tillhand_rag.adapters.chunking import Chunker
from tillhand_rag.adapters.embedding import EmbedderPool, ServedEmbedder
from tillhand_rag.app.answers import FLAG
from tillhand_rag.domain.answers import THRESHOLD
from tillhand_rag.domain.indexes import Generation
from tillhand_rag.errors import EmbedderUnavailable, IndexUnusable
from tillhand_rag.ports.observer import Observer
from tillhand_rag.ports.parsing import Parser
from tillhand_rag.ports.reranking import Reranker
from tillhand_rag.service.answering import Answering
from tillhand_rag.service.correction_book import CorrectionBook
from tillhand_rag.service.corrections import MatchingCorrections
from tillhand_rag.service.forgetting import Forgetting
from tillhand_rag.service.indexes import Index
from tillhand_rag.service.indexing import Indexing
from tillhand_rag.service.ingestion import Ingestion
from tillhand_rag.service.preparing import Preparing
from tillhand_rag.service.removal import Removal
from tillhand_rag.service.search import Search
from tillhand_rag.service.writing import Writing
from tillhand_rag.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Shared:
    """What all indexes of a process share. `folder` says where a generation lies."""

    embedders: EmbedderPool
    folder: Callable[[Generation], Path]
    parser: Parser
    threads: Executor
    observer: Observer
    writing: Writing | None = None
    corrections: CorrectionBook | None = None
    reranker: Reranker | None = None
    threshold: float = THRESHOLD


class IndexOpening:
    """Opens generations, each with its own store and the embedder of its model."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def __call__(self, name: str, generation: Generation) -> Index:
        """The index, ready to serve. Raises `IndexUnusable`: its model is missing, or its folder cannot be opened."""
        return await self.at(self._shared.folder(generation), name, generation)

    async def at(self, folder: Path, name: str, generation: Generation) -> Index:
        """The same in a folder of its own."""
        try:
            return await self._opened(folder, name, generation)
        except (EmbedderUnavailable, StartupError) as error:
            reason = error.detail if isinstance(error, EmbedderUnavailable) else str(error)
            raise IndexUnusable(reason) from error

    async def _opened(self, folder: Path, name: str, generation: Generation) -> Index:
        async with AsyncExitStack() as stack:
            embedder = await self._shared.embedders.open(generation.spec.model)
            stack.push_async_callback(embedder.close)
            store = await open_store(folder, embedder.space)
            stack.push_async_callback(store.close)
            index = _joined(name, generation, store, embedder, self._shared)
            stack.pop_all()
            return index


def _joined(name: str, generation: Generation, store: Store, embedder: ServedEmbedder, shared: Shared) -> Index:
    target = generation.spec.chunk_tokens or None
    chunker = Chunker(embedder.tokenizer, embedder.space.max_tokens, target_tokens=target)
    preparing = Preparing(parser=shared.parser, chunker=chunker, threads=shared.threads)
    indexing = Indexing(preparing=preparing, embedder=embedder)
    forgetting = Forgetting(store=store, embedder=embedder)
    search = Search(store=store, embedder=embedder, observer=shared.observer, reranker=shared.reranker)

    corrections = None
    if shared.corrections is not None:
        corrections = MatchingCorrections(shared.corrections, texts=store, embedder=embedder)

    async def close() -> None:
        await store.close()
        await embedder.close()

    return Index(
        name=name,
        generation=generation,
        store=store,
        embedder=embedder,
        indexing=indexing,
        ingestion=Ingestion(
            store=store, preparing=preparing, indexing=indexing, forgetting=forgetting, observer=shared.observer
        ),
        search=search,
        answering=Answering(
            search=search,
            store=store,
            embedder=embedder,
            observer=shared.observer,
            writing=shared.writing,
            corrections=corrections,
            flag=FLAG,
            threshold=shared.threshold,
        ),
        removal=Removal(store=store, forgetting=forgetting),
        close=close,
    )
