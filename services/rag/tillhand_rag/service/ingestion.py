"""Uploads become stored documents: prepare, embed, put; all of one upload or nothing of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal
from weakref import WeakValueDictionary

from tillhand_rag.domain.documents import IndexedDocument, ParsedDocument, is_derived
from tillhand_rag.errors import DocumentProblem, DuplicateRecord
from tillhand_rag.ports.observer import Observer
from tillhand_rag.ports.store import DocumentRecord, KnowledgeStore
from tillhand_rag.service.forgetting import Forgetting
from tillhand_rag.service.indexing import Indexing
from tillhand_rag.service.preparing import Preparing, Upload

Target = tuple[str, Literal["id", "source"], str]
"""What an upload replaces as a whole: in a collection, what has this id, or all that came from this source."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What uploads became; `records` are all of their documents, whether written or found unchanged.

    `refused` says by position which uploads could not be taken, and why.
    """

    records: Sequence[DocumentRecord]
    created: int
    updated: int
    unchanged: int
    refused: Mapping[int, DocumentProblem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Read:
    """An upload whose documents are known by id."""

    upload: Upload
    documents: Mapping[str, ParsedDocument]


@dataclass(frozen=True, slots=True)
class _Draft:
    """Everything that a collection is about to be told. `outdated` are the texts that were embedded for what goes."""

    collection: str
    documents: Sequence[str]
    known: frozenset[str]
    indexed: Sequence[IndexedDocument]
    gone: Sequence[str]
    outdated: Sequence[str]


class Ingestion:
    """Puts documents into the store, embedding only what has changed."""

    def __init__(
        self,
        *,
        store: KnowledgeStore,
        preparing: Preparing,
        indexing: Indexing,
        forgetting: Forgetting,
        observer: Observer,
    ) -> None:
        self._store = store
        self._preparing = preparing
        self._indexing = indexing
        self._forgetting = forgetting
        self._observer = observer
        self._turns: WeakValueDictionary[Target, asyncio.Lock] = WeakValueDictionary()

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
        """Store many uploads, those of one collection together; one that cannot be taken does not stop the others.

        Raises `EmbedderUnavailable`, and then nothing has changed, or `StoreUnavailable`.
        """
        started = time.perf_counter()
        read, refused = _sorted_out(uploads, await self._preparing.named(uploads))
        for problem in refused.values():
            self._observer.refused(problem.slug)
        if not read:
            return Ingested((), 0, 0, 0, refused)
        async with self._turn([target_of(one.upload) for one in read]):
            collections = dict.fromkeys(one.upload.collection for one in read)
            drafts = [
                await self._drafted(name, [o for o in read if o.upload.collection == name]) for name in collections
            ]
            done = [await self._put(draft) for draft in drafts]
        total = Ingested(
            records=[record for part in done for record in part.records],
            created=sum(part.created for part in done),
            updated=sum(part.updated for part in done),
            unchanged=sum(part.unchanged for part in done),
            refused=refused,
        )
        self._observer.ingested(
            created=total.created,
            updated=total.updated,
            unchanged=total.unchanged,
            chunks=sum(len(document.chunks) for draft in drafts for document in draft.indexed),
            seconds=time.perf_counter() - started,
        )
        return total

    @asynccontextmanager
    async def _turn(self, targets: Sequence[Target]) -> AsyncIterator[None]:
        """Wait for others that replace any of the same; in one order everywhere, so that none waits for ever."""
        async with AsyncExitStack() as stack:
            for target in sorted(targets):
                await stack.enter_async_context(self._turns.setdefault(target, asyncio.Lock()))
            yield

    async def _drafted(self, collection: str, read: Sequence[_Read]) -> _Draft:
        documents = {name: parsed for one in read for name, parsed in one.documents.items()}
        sources = {name: one.upload.source for one in read for name in one.documents}
        known = await self._store.versions(collection, list(documents))
        changed = {name: parsed for name, parsed in documents.items() if known.get(name) != parsed.version}
        gone = [name for name in await self._held(collection, read) if name not in documents]
        return _Draft(
            collection=collection,
            documents=list(documents),
            known=frozenset(known),
            indexed=await self._indexing.indexed(changed, sources),
            gone=gone,
            outdated=await self._forgetting.texts_of(collection, [*gone, *(name for name in changed if name in known)]),
        )

    async def _put(self, draft: _Draft) -> Ingested:
        written = await self._store.put(draft.collection, draft.indexed, remove=draft.gone)
        changed = {record.document_id: record for record in written}
        rest = await self._store.records(draft.collection, [name for name in draft.documents if name not in changed])
        await self._forgetting.replaced(draft.outdated, draft.indexed)
        found = changed | {record.document_id: record for record in rest}
        created = sum(1 for name in changed if name not in draft.known)
        return Ingested(
            records=[found[name] for name in draft.documents if name in found],
            created=created,
            updated=len(changed) - created,
            unchanged=len(rest),
        )

    async def _held(self, collection: str, read: Sequence[_Read]) -> list[str]:
        """The ids that these uploads replace as a whole."""
        sources = [one.upload.source for one in read if one.upload.id is None]
        names = [one.upload.id for one in read if one.upload.id is not None]
        derived = [name for name in await self._store.of_sources(collection, sources) if is_derived(name)]
        return [*derived, *names, *await self._store.parts(collection, names)]


def target_of(upload: Upload) -> Target:
    """What the upload replaces."""
    if upload.id is None:
        return upload.collection, "source", upload.source
    return upload.collection, "id", upload.id


def _sorted_out(
    uploads: Sequence[Upload], attempts: Sequence[dict[str, ParsedDocument] | DocumentProblem]
) -> tuple[list[_Read], dict[int, DocumentProblem]]:
    """What was read, and by position what was not, or names what an earlier one of the same call has named."""
    read: list[_Read] = []
    refused: dict[int, DocumentProblem] = {}
    taken: set[Target] = set()
    for at, (upload, attempt) in enumerate(zip(uploads, attempts, strict=True)):
        if isinstance(attempt, DocumentProblem):
            refused[at] = attempt
            continue
        wanted = {target_of(upload), *((upload.collection, "id", name) for name in attempt)}
        if taken.isdisjoint(wanted):
            taken |= wanted
            read.append(_Read(upload, attempt))
        else:
            detail = "An earlier document of this request has the same name."
            refused[at] = DuplicateRecord(detail, field="source" if upload.id is None else "id")
    return read, refused
