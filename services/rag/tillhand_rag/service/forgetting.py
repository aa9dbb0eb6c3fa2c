"""Forgetting the vectors that were made of a text, once the text itself is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tillhand_rag.domain.documents import IndexedDocument
from tillhand_rag.domain.embedded import embedded_texts
from tillhand_rag.ports.embedding import Embedder
from tillhand_rag.ports.store import KnowledgeStore


class Forgetting:
    """Removes from the embedding cache what was embedded for documents that are replaced or deleted."""

    def __init__(self, *, store: KnowledgeStore, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder

    async def texts_of(self, collection: str, document_ids: Iterable[str]) -> list[str]:
        """Everything that may have been embedded for these documents: passages, and their sentences for answers."""
        texts: list[str] = []
        for name in document_ids:
            for chunk in await self._store.document_chunks(collection, name):
                texts += embedded_texts(chunk.context, chunk.text)
        return texts

    async def deleted(self, texts: Sequence[str]) -> None:
        """These texts are gone."""
        await self._embedder.forget(texts)

    async def replaced(self, texts: Sequence[str], by: Sequence[IndexedDocument]) -> None:
        """These texts are gone, except where they stand in what has taken their place."""
        if not texts:
            return
        kept = {
            text
            for document in by
            for chunk in document.chunks
            for text in embedded_texts(chunk.context, document.parsed.text[chunk.start : chunk.end])
        }
        await self._embedder.forget([text for text in dict.fromkeys(texts) if text not in kept])
