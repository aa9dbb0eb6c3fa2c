"""Deleting for good: text, chunks, vectors and index entries, and the cached vectors that were made from them."""

from __future__ import annotations

from collections.abc import Sequence

from tillhand_rag.domain.embedded import sentence_texts
from tillhand_rag.ports import ChunkRecord, Embedder, KnowledgeStore

PAGE = 200


class Removal:
    """Removes documents and collections, leaving nothing of them in a cache."""

    def __init__(self, *, store: KnowledgeStore, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder

    async def document(self, collection: str, document_id: str) -> bool:
        """Remove a document; False when there was none."""
        chunks = await self._store.document_chunks(collection, document_id)
        removed = await self._store.delete(collection, document_id)
        await self._embedder.forget(_embedded(chunks))
        return removed

    async def collection(self, collection: str) -> bool:
        """Remove a collection with all that is in it; False when there was none."""
        after: str | None = None
        while page := await self._store.list(collection, after=after, limit=PAGE):
            for record in page:
                await self._embedder.forget(
                    _embedded(await self._store.document_chunks(collection, record.document_id))
                )
            after = page[-1].document_id
        return await self._store.delete_collection(collection)


def _embedded(chunks: Sequence[ChunkRecord]) -> list[str]:
    """Everything that may have been embedded for these chunks: themselves, and their sentences for answers."""
    passages = [f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text for chunk in chunks]
    sentences = [text for chunk in chunks for text in sentence_texts(chunk.context, chunk.text)]
    return passages + sentences
