"""Metrics of the embedder and its cache."""

from __future__ import annotations

from typing import Final

from tillhand_common.metrics import Metrics

LANES: Final = ("interactive", "bulk")


class EmbeddingMetrics:
    """The counters, made once per registry."""

    def __init__(self, metrics: Metrics) -> None:
        self.texts = metrics.counter(
            "rag_embedded_texts_total", "Texts that the embedding model read; cache hits are not among them."
        ).labels()
        self.tokens = metrics.counter(
            "rag_embedded_tokens_total", "Tokens that the embedding model read, special tokens included."
        ).labels()
        self.truncated = metrics.counter(
            "rag_truncated_tokens_total", "Tokens beyond the embedding model's limit, which it did not read."
        ).labels()
        seconds = metrics.histogram(
            "rag_embedding_seconds", "Seconds from texts to vectors, waiting included.", {"lane": LANES}
        )
        self.seconds = {lane: seconds.labels(lane) for lane in LANES}
        self.hits = metrics.counter("rag_embedding_cache_hits_total", "Texts whose vector was known already.").labels()
        self.misses = metrics.counter("rag_embedding_cache_misses_total", "Texts whose vector was not known.").labels()
        self.entries = metrics.gauge("rag_embedding_cache_entries", "Vectors in the embedding cache.").labels()
        self.bytes = metrics.gauge(
            "rag_embedding_cache_bytes", "Bytes that the embedding cache takes on disk."
        ).labels()
        self.evictions = metrics.counter(
            "rag_embedding_cache_evictions_total", "Vectors removed because the embedding cache was full."
        ).labels()
