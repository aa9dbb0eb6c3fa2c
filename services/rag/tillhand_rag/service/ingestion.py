"""Uploads become stored documents: prepare, embed, put; all of one upload or nothing of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakValueDictionary

from tillhand_rag.domain.documents import IndexedDocument, ParsedDocument, is_derived
from tillhand_rag.errors import DocumentProblem, DuplicateRecord
from tillhand_rag.ports import DocumentRecord, Embedder, KnowledgeStore, Observer
from tillhand_rag.service.preparing import Preparing, Upload

_TOGETHER: Final = 256
"""Documents that are chunked while those before them are being embedded."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What uploads became; `records` are all of their documents, whether written or found unchanged.

    `refused` says by position which uploads could not be read, and why.
    """

    records: Sequence[DocumentRecord]
    created: int
    updated: int
    unchanged: int
    refused: Mapping[int, DocumentProblem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Named:
    """An upload that was read: its documents by id."""

    upload: Upload
    documents: Mapping[str, ParsedDocument]

    @property
    def target(self) -> tuple[str, str]:
        """What it replaces as a whole: in this collection, this id, or all that came from this source."""
        return _target(self.upload)


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
        done = await self.ingest_all([upload])
        if done.refused:
            raise done.refused[0]
        return done

    async def ingest_all(self, uploads: Sequence[Upload]) -> Ingested:
        """Store many uploads, those of one collection together; one that cannot be read does not stop the others.

        Raises `EmbedderUnavailable` or `StoreUnavailable`.
        """
        started = time.perf_counter()
        read = await self._preparing.named(uploads)
        refused = {at: problem for at, problem in enumerate(read) if isinstance(problem, DocumentProblem)}
        refused |= _repeated(uploads, refused)
        for problem in refused.values():
            self._observer.refused(problem.slug)
        named: dict[str, list[_Named]] = {}
        for at, (upload, documents) in enumerate(zip(uploads, read, strict=True)):
            if at not in refused and not isinstance(documents, DocumentProblem):
                named.setdefault(upload.collection, []).append(_Named(upload, documents))
        done = [await self._in_turn(collection, some, started) for collection, some in named.items()]
        return Ingested(
            records=[record for part in done for record in part.records],
            created=sum(part.created for part in done),
            updated=sum(part.updated for part in done),
            unchanged=sum(part.unchanged for part in done),
            refused=dict(sorted(refused.items())),
        )

    async def _in_turn(self, collection: str, uploads: Sequence[_Named], started: float) -> Ingested:
        async with self._turn(uploads):
            done, chunks = await self._replace(collection, uploads)
        self._observer.ingested(
            created=done.created,
            updated=done.updated,
            unchanged=done.unchanged,
            chunks=chunks,
            seconds=time.perf_counter() - started,
        )
        return done

    @asynccontextmanager
    async def _turn(self, uploads: Sequence[_Named]) -> AsyncIterator[None]:
        """Wait for the others that replace any of the same; in one order everywhere, so that none waits for ever."""
        async with AsyncExitStack() as stack:
            for target in sorted(upload.target for upload in uploads):
                await stack.enter_async_context(self._turns.setdefault(target, asyncio.Lock()))
            yield

    async def _replace(self, collection: str, uploads: Sequence[_Named]) -> tuple[Ingested, int]:
        documents = {name: parsed for one in uploads for name, parsed in one.documents.items()}
        sources = {name: one.upload.source for one in uploads for name in one.documents}
        known = await self._store.versions(collection, list(documents))
        changed = {name: parsed for name, parsed in documents.items() if known.get(name) != parsed.version}
        indexed = await self._indexed(changed, sources)
        held = await self._held(collection, [one.upload for one in uploads])
        gone = [name for name in held if name not in documents]
        written = await self._store.put(collection, indexed, remove=gone)
        unchanged = await self._store.records(collection, [name for name in documents if name not in changed])
        records = {record.document_id: record for record in (*written, *unchanged)}
        created = sum(1 for name in changed if name not in known)
        done = Ingested(
            records=[records[name] for name in documents if name in records],
            created=created,
            updated=len(changed) - created,
            unchanged=len(documents) - len(changed),
        )
        return done, sum(len(document.chunks) for document in indexed)

    async def _indexed(
        self, documents: Mapping[str, ParsedDocument], sources: Mapping[str, str]
    ) -> list[IndexedDocument]:
        items = list(documents.items())
        parts = await asyncio.gather(
            *(
                self._embedded(dict(items[start : start + _TOGETHER]), sources)
                for start in range(0, len(items), _TOGETHER)
            )
        )
        return [document for part in parts for document in part]

    async def _embedded(
        self, documents: Mapping[str, ParsedDocument], sources: Mapping[str, str]
    ) -> list[IndexedDocument]:
        chunked = await self._preparing.chunked(documents)
        texts = [text for document in chunked.values() for text in document.texts]
        vectors = await self._embedder.embed(texts) if texts else None
        indexed, offset = [], 0
        for name, parsed in documents.items():
            chunks = chunked[name].chunks
            packed = b"" if vectors is None else vectors[offset : offset + len(chunks)].tobytes()
            indexed.append(IndexedDocument(name, sources[name], parsed, chunks, packed))
            offset += len(chunks)
        return indexed

    async def _held(self, collection: str, uploads: Sequence[Upload]) -> list[str]:
        """The ids that these uploads replace as a whole."""
        sources = [upload.source for upload in uploads if upload.id is None]
        names = [upload.id for upload in uploads if upload.id is not None]
        derived = [name for name in await self._store.of_sources(collection, sources) if is_derived(name)]
        return [*derived, *names, *await self._store.parts(collection, names)]


def _target(upload: Upload) -> tuple[str, str]:
    return upload.collection, upload.id or upload.source


def _repeated(uploads: Sequence[Upload], refused: Mapping[int, DocumentProblem]) -> dict[int, DocumentProblem]:
    """Uploads that would replace what an earlier one of the same call brings."""
    seen: set[tuple[str, str]] = set()
    repeated: dict[int, DocumentProblem] = {}
    for at, upload in enumerate(uploads):
        if at in refused:
            continue
        if _target(upload) in seen:
            field_name = "source" if upload.id is None else "id"
            repeated[at] = DuplicateRecord("An earlier document of this request has the same name.", field=field_name)
        seen.add(_target(upload))
    return repeated
