"""The embedder that the service runs: opened at start, cached, closed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import structlog

from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding.cache import EmbeddingCache
from tillhand_rag.adapters.embedding.cached import CachedEmbedder
from tillhand_rag.adapters.embedding.loading import EmbeddingSettings, load_model
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.adapters.embedding.model import ModelEmbedder
from tillhand_rag.errors import EmbedderUnavailable
from tillhand_rag.ports.embedding import EmbeddingSpace, Tokenizer, Vectors, WatchedEmbedder

CACHE_FILE: Final = "embedding-cache.sqlite3"

_PROBE: Final = "Is the model well?"
_UNIT_TOLERANCE: Final = 0.01
_log: Final = structlog.get_logger(__name__)


class ServedEmbedder(WatchedEmbedder, Protocol):
    """An `Embedder` with a life: usable between `start` and `close`."""

    async def start(self) -> None:
        """Load the model. Raises `EmbedderUnavailable`, saying what is missing and how to get it."""
        ...

    async def close(self) -> None:
        """Let what runs end, and release everything."""
        ...


class CachedModel:
    """A `ServedEmbedder`: the model of the settings behind the persisted cache."""

    def __init__(self, settings: EmbeddingSettings, metrics: EmbeddingMetrics, cache_file: str = CACHE_FILE) -> None:
        self._settings = settings
        self._metrics = metrics
        self._cache_file = cache_file
        self._model: ModelEmbedder | None = None
        self._cache: EmbeddingCache | None = None
        self._cached: CachedEmbedder | None = None

    @property
    def space(self) -> EmbeddingSpace:
        """The space of the loaded model."""
        return self._loaded.space

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer of the loaded model."""
        return self._loaded.tokenizer

    async def start(self) -> None:
        """Load the model and open the cache. Raises `EmbedderUnavailable`."""
        self._model = await asyncio.to_thread(load_model, self._settings, self._metrics)
        path = self._settings.data_dir / self._cache_file
        self._cache = EmbeddingCache(path, max_bytes=self._settings.embedding_cache_bytes, metrics=self._metrics)
        await asyncio.gather(self._model.start(), self._cache.start())
        self._cached = CachedEmbedder(self._model, self._cache, self._metrics)
        space = self._model.space
        _log.info(
            "embedder_ready", model=space.model, route=f"{space.backend}-{space.precision}", threads=space.threads
        )

    async def close(self) -> None:
        """Let running batches end, write the cache, release everything. May be called after a failed start."""
        self._cached = None
        if self._model is not None:
            await self._model.close()
        if self._cache is not None:
            await self._cache.close()

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:
        """One unit vector per text, in order. Raises `EmbedderUnavailable`."""
        return await self._loaded.embed(texts, bulk=bulk)

    async def probe(self) -> None:
        """Have the model read a text, past the cache. Raises `EmbedderUnavailable`."""
        vectors = await self._model.embed([_PROBE]) if self._model else None
        if vectors is None or abs(float(np.linalg.norm(vectors)) - 1.0) > _UNIT_TOLERANCE:
            raise EmbedderUnavailable("The embedding model does not answer with a unit vector.")

    async def forget(self, texts: Sequence[str]) -> None:
        """Remove the vectors of these texts from the cache."""
        await self._loaded.forget(texts)

    @property
    def _loaded(self) -> CachedEmbedder:
        if self._cached is None:
            raise EmbedderUnavailable("The embedding model is not loaded.")
        return self._cached


def build_embedder(settings: EmbeddingSettings, metrics: Metrics) -> ServedEmbedder:
    """The embedder that the settings describe; nothing is loaded before `start`."""
    return CachedModel(settings, EmbeddingMetrics(metrics))
