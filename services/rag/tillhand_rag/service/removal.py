"""Deleting for good: text, chunks, vectors and index entries, and the cached vectors that were made from them."""

from __future__ import annotations

from tillhand_rag.ports.store import KnowledgeStore
from tillhand_rag.service.forgetting import Forgetting

PAGE = 200


class Removal:
    """Removes documents and collections, leaving nothing of them in a cache."""

    def __init__(self, *, store: KnowledgeStore, forgetting: Forgetting) -> None:
        self._store = store
        self._forgetting = forgetting

    async def document(self, collection: str, document_id: str) -> bool:
        """Remove a document; False when there was none."""
        texts = await self._forgetting.texts_of(collection, [document_id])
        removed = await self._store.delete(collection, document_id)
        await self._forgetting.deleted(texts)
        return removed

    async def collection(self, collection: str) -> bool:
        """Remove a collection with all that is in it; False when there was none."""
        after: str | None = None
        while page := await self._store.list(collection, after=after, limit=PAGE):
            names = [record.document_id for record in page]
            await self._forgetting.deleted(await self._forgetting.texts_of(collection, names))
            after = names[-1]
        return await self._store.delete_collection(collection)
