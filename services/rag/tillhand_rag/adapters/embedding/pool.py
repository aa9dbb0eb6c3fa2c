"""The embedding models that are loaded: each once, however many indexes embed with it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding.loading import EmbeddingSettings
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.adapters.embedding.model_files import DEFAULT_MODEL
from tillhand_rag.adapters.embedding.served import CACHE_FILE, CachedModel, ServedEmbedder
from tillhand_rag.ports.embedding import EmbeddingSpace, Tokenizer, Vectors

Build = Callable[[str], ServedEmbedder]
"""Makes the embedder of a model by its name; nothing is loaded before its `start`."""


@dataclass(slots=True)
class _Loaded:
    embedder: ServedEmbedder
    users: int = 0


class EmbedderPool:
    """Hands out embedders by the model's name. The last user to close one releases the model."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._loaded: dict[str, _Loaded] = {}
        self._turn = asyncio.Lock()

    async def open(self, model: str) -> ServedEmbedder:
        """The embedder of this model, started. Raises `EmbedderUnavailable`, saying what is missing."""
        async with self._turn:
            if model not in self._loaded:
                self._loaded[model] = _Loaded(await self._started(model))
            loaded = self._loaded[model]
            loaded.users += 1
        return _Borrowed(loaded.embedder, lambda: self._returned(model))

    async def _started(self, model: str) -> ServedEmbedder:
        embedder = self._build(model)
        try:
            await embedder.start()
        except BaseException:
            await embedder.close()
            raise
        return embedder

    async def _returned(self, model: str) -> None:
        async with self._turn:
            loaded = self._loaded[model]
            loaded.users -= 1
            if not loaded.users:
                del self._loaded[model]
                await loaded.embedder.close()


class _Borrowed:
    """An embedder of the pool; closing it gives it back."""

    def __init__(self, embedder: ServedEmbedder, give_back: Callable[[], Awaitable[None]]) -> None:
        self._embedder = embedder
        self._give_back: Callable[[], Awaitable[None]] | None = give_back

    @property
    def space(self) -> EmbeddingSpace:
        return self._embedder.space

    @property
    def tokenizer(self) -> Tokenizer:
        return self._embedder.tokenizer

    async def start(self) -> None:
        """It has been started."""

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:
        return await self._embedder.embed(texts, bulk=bulk)

    async def forget(self, texts: Sequence[str]) -> None:
        await self._embedder.forget(texts)

    async def probe(self) -> None:
        await self._embedder.probe()

    async def close(self) -> None:
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            await give_back()


def model_builder(settings: Callable[[str], EmbeddingSettings], metrics: Metrics) -> Build:
    """Builds each model behind a persisted cache of its own; `settings` are those of a model by its name."""
    counters = EmbeddingMetrics(metrics)
    return lambda model: CachedModel(settings(model), counters, _cache_file(model))


def _cache_file(model: str) -> str:
    if model == DEFAULT_MODEL:
        return CACHE_FILE
    return CACHE_FILE.replace(".", f"-{hashlib.sha256(model.encode()).hexdigest()[:8]}.", 1)
