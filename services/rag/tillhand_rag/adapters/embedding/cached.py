"""An embedder that asks the model only for what it has not seen: each text once, however many callers want it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tillhand_rag.adapters.embedding.cache import EmbeddingCache, cache_key
from tillhand_rag.adapters.embedding.cache_file import Key, Row
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.ports.embedding import Embedder, EmbeddingSpace, Tokenizer, Vectors


@dataclass(eq=False)
class _Flight:
    """Texts on their way to the model, and how many callers wait for them."""

    keys: Sequence[Key]
    task: asyncio.Task[dict[Key, Row]] = field(init=False)
    waiters: int = 0


class CachedEmbedder:
    """An `Embedder` in front of another one. Equal texts within a call and between calls are embedded once."""

    def __init__(self, inner: Embedder, cache: EmbeddingCache, metrics: EmbeddingMetrics) -> None:
        self._inner = inner
        self._cache = cache
        self._metrics = metrics
        self._flights: dict[Key, _Flight] = {}

    @property
    def space(self) -> EmbeddingSpace:
        """The inner embedder's."""
        return self._inner.space

    @property
    def tokenizer(self) -> Tokenizer:
        """The inner embedder's."""
        return self._inner.tokenizer

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:
        """One unit vector per text, in order. Raises `EmbedderUnavailable`; nothing is cached then."""
        if not texts:
            return np.empty((0, self.space.dimension), dtype=np.float32)
        keys = [cache_key(self.space, text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        rows = await self._cache.get(list(wanted), remember=not bulk)
        missing = {key: text for key, text in wanted.items() if key not in rows}
        self._metrics.hits.inc(len(wanted) - len(missing))
        self._metrics.misses.inc(len(missing))
        if missing:
            rows |= await self._awaited(self._boarded(missing, bulk=bulk))
        return np.stack([rows[key] for key in keys])

    async def forget(self, texts: Sequence[str]) -> None:
        """Remove the vectors of these texts from the cache; who needs one again has it embedded again."""
        await self._cache.remove([cache_key(self.space, text) for text in texts])
        await self._inner.forget(texts)

    def _boarded(self, missing: Mapping[Key, str], *, bulk: bool) -> list[_Flight]:
        """The flights that carry these texts: those under way, and one for the rest."""
        joined = {flight for key in missing if (flight := self._flights.get(key))}
        rest = {key: text for key, text in missing.items() if key not in self._flights}
        if rest:
            joined.add(self._depart(rest, bulk=bulk))
        for flight in joined:
            flight.waiters += 1
        return list(joined)

    def _depart(self, texts: Mapping[Key, str], *, bulk: bool) -> _Flight:
        flight = _Flight(list(texts))
        flight.task = asyncio.create_task(self._fly(texts, bulk=bulk))
        flight.task.add_done_callback(lambda _: self._landed(flight))
        self._flights.update(dict.fromkeys(texts, flight))
        return flight

    async def _awaited(self, flights: Sequence[_Flight]) -> dict[Key, Row]:
        try:
            await asyncio.wait([flight.task for flight in flights])
        finally:
            for flight in flights:
                self._left(flight)
        return {key: row for flight in flights for key, row in flight.task.result().items()}

    async def _fly(self, texts: Mapping[Key, str], *, bulk: bool) -> dict[Key, Row]:
        vectors = await self._inner.embed(list(texts.values()), bulk=bulk)
        rows = {key: _frozen(row) for key, row in zip(texts, vectors, strict=True)}
        self._cache.put(rows, remember=not bulk)
        return rows

    def _left(self, flight: _Flight) -> None:
        """A waiter has gone; the last one to go before the landing calls the flight off."""
        flight.waiters -= 1
        if flight.waiters == 0 and not flight.task.done():
            flight.task.cancel()
            self._landed(flight)

    def _landed(self, flight: _Flight) -> None:
        for key in flight.keys:
            if self._flights.get(key) is flight:
                del self._flights[key]
        if not flight.task.cancelled() and flight.task.done():
            flight.task.exception()  # every waiter has been told; without waiters there is nobody to tell


def _frozen(row: Row) -> Row:
    """A copy, since a row of a batch would keep the whole batch in memory."""
    copy = np.array(row, dtype=np.float32)
    copy.flags.writeable = False
    return copy
