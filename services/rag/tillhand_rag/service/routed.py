"""The use cases over all indexes: each call goes to the index that the collection lives in, and keeps it open.

What reads shares an index with everybody; what writes waits for the moment in which one takes another's place.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Protocol

from tillhand_rag.domain.query import Query
from tillhand_rag.errors import DocumentProblem
from tillhand_rag.ports.store import ChunkRecord, CollectionStats, DocumentRecord, StoredText
from tillhand_rag.service.answering import Answered
from tillhand_rag.service.indexes import Index, Indexes
from tillhand_rag.service.ingestion import Ingested
from tillhand_rag.service.preparing import Upload
from tillhand_rag.service.search import Found


class RoutedStore:
    """What is stored, wherever it is."""

    def __init__(self, indexes: Indexes) -> None:
        self._indexes = indexes

    def has(self, collection: str) -> bool:
        """Whether there is such a collection; reads memory only."""
        return self._indexes.of(collection).store.has(collection)

    async def collections(self) -> Sequence[CollectionStats]:
        """Every collection, by name."""
        held: list[CollectionStats] = []
        for index in self._indexes.all():
            stats = await index.store.collections()
            held += [each for each in stats if self._indexes.of(each.name).name == index.name]
        return sorted(held, key=lambda each: each.name)

    async def get(self, collection: str, document_id: str) -> DocumentRecord | None:
        """A document without its text."""
        async with self._indexes.reading(collection) as index:
            return await index.store.get(collection, document_id)

    async def records(self, collection: str, document_ids: Sequence[str]) -> Sequence[DocumentRecord]:
        """Those of these documents that exist, without their texts."""
        async with self._indexes.reading(collection) as index:
            return await index.store.records(collection, document_ids)

    async def versions(self, collection: str, document_ids: Sequence[str]) -> dict[str, str]:
        """The stored version hash of each of these documents that exists."""
        async with self._indexes.reading(collection) as index:
            return await index.store.versions(collection, document_ids)

    async def text(self, collection: str, document_id: str) -> StoredText | None:
        """The canonical text and the version that it belongs to."""
        async with self._indexes.reading(collection) as index:
            return await index.store.text(collection, document_id)

    async def list(self, collection: str, *, after: str | None, limit: int) -> Sequence[DocumentRecord]:
        """Documents by id, those after `after`."""
        async with self._indexes.reading(collection) as index:
            return await index.store.list(collection, after=after, limit=limit)

    async def of_sources(self, collection: str, sources: Sequence[str]) -> Sequence[str]:
        """The ids of the documents that came from any of these sources."""
        async with self._indexes.reading(collection) as index:
            return await index.store.of_sources(collection, sources)

    async def document_chunks(self, collection: str, document_id: str) -> Sequence[ChunkRecord]:
        """All chunks of a document, in order."""
        async with self._indexes.reading(collection) as index:
            return await index.store.document_chunks(collection, document_id)


class RoutedIngestion:
    """Uploads, each to the index of its collection."""

    def __init__(self, indexes: Indexes) -> None:
        self._indexes = indexes

    async def ingest(self, upload: Upload) -> Ingested:
        """Store every document of an upload together. See `Ingestion.ingest`."""
        async with self._indexes.writing(upload.collection) as index:
            return await index.ingestion.ingest(upload)

    async def ingest_all(self, uploads: Sequence[Upload]) -> Ingested:
        """Store many uploads, those of one index together. See `Ingestion.ingest_all`."""
        async with AsyncExitStack() as stack:
            places: dict[Index, list[int]] = {}
            homes = {
                collection: await stack.enter_async_context(self._indexes.writing(collection))
                for collection in sorted({upload.collection for upload in uploads})
            }
            for place, upload in enumerate(uploads):
                places.setdefault(homes[upload.collection], []).append(place)
            return _together([await _of_one(index, uploads, found) for index, found in places.items()])


class KeptBeside(Protocol):
    """What a collection has beside its documents."""

    async def delete_collection(self, collection: str) -> bool:
        """Delete it; False when there was nothing that made the collection exist."""
        ...


class RoutedRemoval:
    """Removes documents and collections from the index that holds them, and what is kept `beside` the documents."""

    def __init__(self, indexes: Indexes, beside: Sequence[KeptBeside] = ()) -> None:
        self._indexes = indexes
        self._beside = beside

    async def document(self, collection: str, document_id: str) -> bool:
        """Remove a document; False when there was none."""
        async with self._indexes.writing(collection) as index:
            return await index.removal.document(collection, document_id)

    async def collection(self, collection: str) -> bool:
        """Remove a collection with all that is in it; False when there was none."""
        async with self._indexes.writing(collection) as index:
            removed = await index.removal.collection(collection)
        others = [await each.delete_collection(collection) for each in self._beside]
        return any([removed, *others])


class RoutedSearch:
    """Searches the index of the query's collection."""

    def __init__(self, indexes: Indexes) -> None:
        self._indexes = indexes

    async def search(self, query: Query) -> Found:
        """Up to `top_k` passages. See `Search.search`."""
        async with self._indexes.reading(query.collection) as index:
            return await index.search.search(query)


async def _of_one(index: Index, uploads: Sequence[Upload], places: Sequence[int]) -> Ingested:
    done = await index.ingestion.ingest_all([uploads[at] for at in places])
    return replace(done, refused={places[at]: problem for at, problem in done.refused.items()})


class RoutedAnswering:
    """Answers from the index of the question's collection."""

    def __init__(self, indexes: Indexes) -> None:
        self._indexes = indexes

    async def answer(self, query: Query, *, max_citations: int) -> Answered:
        """Quotes that answer. See `Answering.answer`."""
        async with self._indexes.reading(query.collection) as index:
            return await index.answering.answer(query, max_citations=max_citations)


def _together(parts: Sequence[Ingested]) -> Ingested:
    refused: dict[int, DocumentProblem] = {at: why for part in parts for at, why in part.refused.items()}
    return Ingested(
        records=[record for part in parts for record in part.records],
        created=sum(part.created for part in parts),
        updated=sum(part.updated for part in parts),
        unchanged=sum(part.unchanged for part in parts),
        refused=refused,
    )
