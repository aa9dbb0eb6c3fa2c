"""Uploads become stored documents: prepare, embed, put; all of one upload or nothing of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

from tillhand_rag.domain.documents import IndexedDocument, ParsedDocument, is_derived, part_prefix
from tillhand_rag.errors import DocumentProblem
from tillhand_rag.ports import DocumentRecord, Embedder, KnowledgeStore, Observer
from tillhand_rag.service.preparing import Preparing, Upload

PAGE = 500


@dataclass(frozen=True, slots=True)
class Ingested:
    """What an upload became; `records` are all of its documents, whether written or found unchanged."""

    records: Sequence[DocumentRecord]
    created: int
    updated: int
    unchanged: int


class Ingestion:
    """Puts documents into the store, embedding only what has changed."""

    def __init__(self, *, store: KnowledgeStore, embedder: Embedder, preparing: Preparing, observer: Observer) -> None:
        self._store = store
        self._embedder = embedder
        self._preparing = preparing
        self._observer = observer
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def ingest(self, upload: Upload) -> Ingested:
        """Store every document of an upload together.

        What an earlier upload of the same source or id held, and this one does not, is removed; two such uploads at
        once take turns. Raises a `DocumentProblem` when the file cannot be read, and then nothing has changed.
        """
        started = time.perf_counter()
        try:
            named = await self._preparing.named(upload)
        except DocumentProblem as problem:
            self._observer.refused(problem.slug)
            raise
        turn = self._turns.setdefault((upload.collection, upload.id or upload.source), asyncio.Lock())
        async with turn:
            done, chunks = await self._replace(upload, named)
        self._observer.ingested(
            created=done.created,
            updated=done.updated,
            unchanged=done.unchanged,
            chunks=chunks,
            seconds=time.perf_counter() - started,
        )
        return done

    async def _replace(self, upload: Upload, named: Mapping[str, ParsedDocument]) -> tuple[Ingested, int]:
        known = await self._store.versions(upload.collection, list(named))
        changed = {name: document for name, document in named.items() if known.get(name) != document.version}
        indexed = await self._index(upload.source, changed)
        gone = [name for name in await self._held(upload) if name not in named]
        written = {r.document_id: r for r in await self._store.put(upload.collection, indexed, remove=gone)}
        records = [written.get(name) or await self._store.get(upload.collection, name) for name in named]
        created = sum(1 for name in changed if name not in known)
        done = Ingested(
            records=[record for record in records if record is not None],
            created=created,
            updated=len(changed) - created,
            unchanged=len(named) - len(changed),
        )
        return done, sum(len(document.chunks) for document in indexed)

    async def _index(self, source: str, documents: Mapping[str, ParsedDocument]) -> list[IndexedDocument]:
        chunked = await self._preparing.chunked(documents)
        texts = [text for document in chunked.values() for text in document.texts]
        vectors = await self._embedder.embed(texts) if texts else None
        indexed, offset = [], 0
        for name, parsed in documents.items():
            chunks = chunked[name].chunks
            packed = b"" if vectors is None else vectors[offset : offset + len(chunks)].tobytes()
            indexed.append(IndexedDocument(name, source, parsed, chunks, packed))
            offset += len(chunks)
        return indexed

    async def _held(self, upload: Upload) -> list[str]:
        """The ids that this upload replaces as a whole."""
        if upload.id is None:
            stored = await self._store.of_source(upload.collection, upload.source)
            return [name for name in stored if is_derived(name)]
        parts = await self._parts(upload.collection, upload.id)
        return [upload.id, *parts]

    async def _parts(self, collection: str, name: str) -> list[str]:
        prefix, parts = part_prefix(name), list[str]()
        after = prefix
        while True:
            page = await self._store.list(collection, after=after, limit=PAGE)
            inside = [record.document_id for record in page if record.document_id.startswith(prefix)]
            parts += inside
            if len(inside) < PAGE:
                return parts
            after = inside[-1]
