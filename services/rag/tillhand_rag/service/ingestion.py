"""Bytes in, documents stored: parse, chunk, embed, put; all of one upload or nothing of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from tillhand_rag.domain.documents import (
    RECORD,
    AttributeValue,
    Chunk,
    IndexedDocument,
    ParsedDocument,
    document_id,
    is_derived,
)
from tillhand_rag.errors import DocumentProblem, DuplicateRecord
from tillhand_rag.ports import DocumentRecord, Embedder, KnowledgeStore, Observer, Parser


class Chunker(Protocol):
    """Cuts a document into passages that the embedder reads whole."""

    def split(self, parsed: ParsedDocument) -> list[Chunk]: ...

    def embedded_text(self, parsed: ParsedDocument, chunk: Chunk) -> str: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came. `id`, `title` and `attributes` given by the client win over what the file says."""

    collection: str
    source: str
    data: bytes
    filename: str
    media_type: str | None = None
    id: str | None = None
    title: str | None = None
    attributes: Mapping[str, AttributeValue] | None = None


@dataclass(frozen=True, slots=True)
class Ingested:
    """What an upload became; `records` are all of its documents, whether written or found unchanged."""

    records: Sequence[DocumentRecord]
    created: int
    updated: int
    unchanged: int


class Ingestion:
    """Puts documents into the store, embedding only what has changed."""

    def __init__(
        self, *, store: KnowledgeStore, embedder: Embedder, parser: Parser, chunker: Chunker, observer: Observer
    ) -> None:
        self._observer = observer
        self._store = store
        self._embedder = embedder
        self._parser = parser
        self._chunker = chunker

    async def ingest(self, upload: Upload) -> Ingested:
        """Store every document of an upload together.

        Records that an earlier upload of the same source held and this one does not are removed. Raises a
        `DocumentProblem` when the file cannot be read, and then nothing has changed.
        """
        started = time.perf_counter()
        try:
            named = _named(upload, await asyncio.to_thread(self._parse, upload))
        except DocumentProblem as problem:
            self._observer.refused(problem.slug)
            raise
        known = await self._store.versions(upload.collection, list(named))
        changed = {name: document for name, document in named.items() if known.get(name) != document.version}
        indexed = await self._index(upload.source, changed)
        gone = await self._vanished(upload, named)
        await self._store.put(upload.collection, indexed, remove=gone)
        records = [await self._store.get(upload.collection, name) for name in named]
        created = sum(1 for name in changed if name not in known)
        done = Ingested(
            records=[record for record in records if record is not None],
            created=created,
            updated=len(changed) - created,
            unchanged=len(named) - len(changed),
        )
        self._observe(done, sum(len(document.chunks) for document in indexed), time.perf_counter() - started)
        return done

    def _observe(self, done: Ingested, chunks: int, seconds: float) -> None:
        self._observer.ingested(
            created=done.created, updated=done.updated, unchanged=done.unchanged, chunks=chunks, seconds=seconds
        )

    def _parse(self, upload: Upload) -> list[ParsedDocument]:
        parsed = self._parser.parse(upload.data, filename=upload.filename, media_type=upload.media_type)
        return [_overridden(document, upload) for document in parsed]

    async def _index(self, source: str, documents: Mapping[str, ParsedDocument]) -> list[IndexedDocument]:
        chunked = await asyncio.to_thread(self._chunk, documents)
        texts = [text for _, texts in chunked.values() for text in texts]
        vectors = await self._embedder.embed(texts) if texts else None
        indexed, offset = [], 0
        for name, parsed in documents.items():
            chunks, own = chunked[name]
            packed = b"" if vectors is None else vectors[offset : offset + len(own)].tobytes()
            indexed.append(IndexedDocument(name, source, parsed, chunks, packed))
            offset += len(own)
        return indexed

    def _chunk(self, documents: Mapping[str, ParsedDocument]) -> dict[str, tuple[list[Chunk], list[str]]]:
        chunked = {}
        for name, parsed in documents.items():
            chunks = self._chunker.split(parsed)
            chunked[name] = (chunks, [self._chunker.embedded_text(parsed, chunk) for chunk in chunks])
        return chunked

    async def _vanished(self, upload: Upload, named: Mapping[str, ParsedDocument]) -> list[str]:
        if upload.id is not None:
            return []
        stored = await self._store.of_source(upload.collection, upload.source)
        return [name for name in stored if name not in named and is_derived(name)]


def _overridden(parsed: ParsedDocument, upload: Upload) -> ParsedDocument:
    record = {RECORD: parsed.key} if parsed.key else {}
    attributes = {**parsed.attributes, **(upload.attributes or {}), **record}
    title = upload.title if upload.title is not None and not parsed.key else parsed.title
    return replace(parsed, title=title, attributes=attributes)


def _named(upload: Upload, parsed: Sequence[ParsedDocument]) -> dict[str, ParsedDocument]:
    named: dict[str, ParsedDocument] = {}
    for document in parsed:
        own = f"{upload.id}:{document.key}" if upload.id and document.key else upload.id
        name = own or document_id(upload.collection, upload.source, document.key)
        if name in named:
            raise DuplicateRecord(f"Two records of the file carry the id {document.key!r}.", field="id")
        named[name] = document
    return named
