"""The knowledge base's store: documents, vectors and words as one thing.

A write is acknowledged after the truth has committed it and both searches show it. Searches answer from memory and
from the keyword index, and what they propose is always looked up in the truth.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import Final, TypeVar

from tillhand_common.clock import Clock, rfc3339
from tillhand_rag.domain.documents import IndexedDocument
from tillhand_rag.domain.filters import Filter
from tillhand_rag.errors import StoreUnavailable
from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.ports.store import (
    Candidate,
    ChunkRecord,
    CollectionStats,
    Dates,
    DocumentRecord,
    HeldDocument,
    StoredText,
)
from tillhand_rag.store import operations
from tillhand_rag.store.caretaker import Caretaker
from tillhand_rag.store.follower import Follower
from tillhand_rag.store.keyword_shelf import Interrupted
from tillhand_rag.store.options import Owned, StoreOptions
from tillhand_rag.store.records import checked
from tillhand_rag.store.shelf import Shelf
from tillhand_rag.store.status import StoreStatus
from tillhand_rag.store.vector_engine import Engine
from tillhand_rag.store.vector_index import VectorIndex
from tillhand_rag.store.writer import GroupCommit, Unit

T = TypeVar("T")

INLINE: Final = 4_096
"""Up to so many chunks the exact search takes less than handing it to another thread."""

_READERS: Final = 4
_SPARE: Final = 8
_CHECKED_INLINE: Final = 32


class Store:
    """A `KnowledgeStore` in one data directory. Made by `open_store`, ended by `close`."""

    def __init__(
        self,
        owned: Owned,
        engine: Engine,
        *,
        clock: Clock,
        options: StoreOptions,
    ) -> None:
        self._library = owned.library
        self._lock = owned.lock
        self._writing = owned.writing
        self._space = owned.space
        self._clock = clock
        self._approximate_from = options.approximate_from
        self._reads = ThreadPoolExecutor(max_workers=_READERS, thread_name_prefix="store-read")
        self._commits = GroupCommit(self._library.commit, owned.writing)
        self._follower = Follower(
            VectorIndex(engine, owned.space.dimension),
            self._library,
            after_s=options.vectors_after_s,
            asked_from=options.approximate_from,
        )
        self._closed = False
        self._erasing = asyncio.Lock()
        self._caretaker = Caretaker(self.erase, after_s=options.erase_after_s)
        self._caretaker.stir()

    async def close(self) -> None:
        """Finish the writes that wait, release the files, and let the next process in."""
        if self._closed:
            return
        self._library.words.stopping = True
        if self._erasing.locked():
            self._follower.stop()
        await self._caretaker.close()
        async with self._erasing:
            await self._commits.close()
        await self._follower.close()
        self._closed = True
        self._reads.shutdown()
        await asyncio.get_running_loop().run_in_executor(self._writing, self._library.close)
        self._writing.shutdown()
        self._lock.release()

    async def put(
        self,
        collection: str,
        documents: Sequence[IndexedDocument],
        *,
        remove: Sequence[str] = (),
        dates: Mapping[str, Dates] | None = None,
    ) -> Sequence[DocumentRecord]:
        """Insert or replace each document as a whole, and remove others; all of one call become visible together.

        `dates` are those of documents that have been stored elsewhere before, by id.
        """
        if not documents and not remove:
            return []
        check = partial(checked, documents, self._space.dimension)
        if len(documents) > _CHECKED_INLINE:
            await self._read(check)
        else:
            check()
        records: list[DocumentRecord] = await self._write(
            operations.put(collection, documents, remove, rfc3339(self._clock.now()), dates or {})
        )
        await self._follower.room()
        return records

    async def delete(self, collection: str, document_id: str) -> bool:
        """Remove text, chunks, vectors and index entries; False when there was none."""
        removed: bool = await self._write(operations.delete(collection, document_id))
        return removed

    async def delete_collection(self, collection: str) -> bool:
        """Remove a collection with all that is in it; False when there was none."""
        removed: bool = await self._write(operations.delete_collection(collection))
        return removed

    async def of_sources(self, collection: str, sources: Sequence[str]) -> Sequence[str]:
        """The ids of the documents that came from any of these sources."""
        return await self._read(partial(self._library.reading.of_sources, collection, sources)) if sources else []

    async def parts(self, collection: str, names: Sequence[str]) -> Sequence[str]:
        """The ids of the records of files that clients gave these ids."""
        return await self._read(partial(self._library.reading.parts, collection, names)) if names else []

    async def versions(self, collection: str, document_ids: Sequence[str]) -> dict[str, str]:
        """The stored version hash of each of these documents that exists."""
        return await self._read(partial(self._library.reading.versions, collection, document_ids))

    async def get(self, collection: str, document_id: str) -> DocumentRecord | None:
        """A document without its text."""
        return next(iter(await self.records(collection, [document_id])), None)

    async def records(self, collection: str, document_ids: Sequence[str]) -> Sequence[DocumentRecord]:
        """Those of these documents that exist, without their texts."""
        if not document_ids:
            return []
        return await self._read(partial(self._library.reading.records, collection, document_ids))

    async def text(self, collection: str, document_id: str) -> StoredText | None:
        """The canonical text and the version that it belongs to."""
        return await self._read(partial(self._library.reading.text, collection, document_id))

    async def list(self, collection: str, *, after: str | None, limit: int) -> Sequence[DocumentRecord]:
        """Documents by id, those after `after`."""
        return await self._read(partial(self._library.reading.page, collection, after, limit))

    def has(self, collection: str) -> bool:
        """Whether there is such a collection; reads memory only."""
        return collection in self._library.shelves

    def version(self, collection: str) -> str:
        """Changes with every write to the collection, once reads show it; empty for none. Reads memory only."""
        shelf = self._library.shelves.get(collection)
        return "" if shelf is None else f"{self._library.store_id}.{shelf.key}.{shelf.shown}"

    async def held(self, collection: str, document_ids: Sequence[str]) -> Sequence[HeldDocument]:
        """Those of these documents that exist, as they can be indexed from anew."""
        return await self._read(partial(self._library.reading.held, collection, document_ids)) if document_ids else []

    async def copy(self, target: Path) -> None:
        """Write the truth to a file that does not exist, as it is at one moment; reads and writes go on."""
        await self._read(partial(self._library.reading.copy, target))

    async def collections(self) -> Sequence[CollectionStats]:
        """Every collection, by name."""
        return await self._read(self._library.reading.stats)

    async def chunks(self, collection: str, chunk_ids: Sequence[int]) -> Sequence[ChunkRecord]:
        """These chunks in this order; one that has gone is left out."""
        return await self._read(partial(self._library.reading.chunks, collection, chunk_ids)) if chunk_ids else []

    async def document_chunks(self, collection: str, document_id: str) -> Sequence[ChunkRecord]:
        """All chunks of a document, in order."""
        return await self._read(partial(self._library.reading.document_chunks, collection, document_id))

    async def dense(self, collection: str, vector: Vectors, *, where: Filter, limit: int) -> Sequence[Candidate]:
        """Nearest chunks by cosine, best first. `vector` has shape (dimension,)."""
        shelf = self._library.shelves.get(collection)
        if shelf is None or limit < 1:
            return []
        if len(shelf.catalog) <= min(INLINE, self._approximate_from - 1) and not shelf.catalog.busy:
            return shelf.catalog.nearest(vector, where, limit)
        return await self._read(partial(self._nearest, shelf, vector, where, limit))

    async def keyword(self, collection: str, query: str, *, where: Filter, limit: int) -> Sequence[Candidate]:
        """Best chunks by BM25, best first. Any text is a valid query: nothing in it is query syntax."""
        shelf = self._library.shelves.get(collection)
        if shelf is None or limit < 1:
            return []
        return await self._read(partial(shelf.keyword, query, where, limit))

    async def known(self, collection: str, words: Sequence[str]) -> frozenset[str]:
        """Those of these words that the collection's documents hold in some form."""
        shelf = self._library.shelves.get(collection)
        return frozenset() if shelf is None or not words else await self._read(partial(shelf.known, words))

    async def similarity(self, collection: str, vector: Vectors, chunk_ids: Sequence[int]) -> dict[int, float]:
        """The cosine of each of these chunks that exists: what `dense` would have said of it."""
        shelf = self._library.shelves.get(collection)
        if shelf is None or not chunk_ids:
            return {}
        return await self._read(partial(shelf.catalog.similarity, vector, chunk_ids))

    def status(self) -> StoreStatus:
        """How the store is, for `/ready`; reads memory only."""
        shelves = self._library.shelves.values()
        return StoreStatus(
            collections=len(shelves),
            documents=sum(shelf.catalog.documents for shelf in shelves),
            chunks=sum(len(shelf.catalog) for shelf in shelves),
            vector_index=self._follower.state,
            vector_index_behind=self._follower.behind,
            vector_index_queries=self._follower.answered,
            rebuilds=self._library.words.rebuilt + self._follower.rebuilt,
            keyword_index_sound=all(shelf.sound for shelf in shelves),
            stale=self._library.stale,
        )

    async def erase(self) -> None:
        """Erase now, from the files of the derived indexes, what was removed before this call.

        The store does so by itself when writes have rested. The truth never holds what was removed.
        """
        async with self._erasing:
            with contextlib.suppress(Interrupted):
                await self._freshen_words()
            await asyncio.get_running_loop().run_in_executor(self._writing, self._library.forget)
            await self._follower.settled()
            await self._follower.erase()

    async def _freshen_words(self) -> None:
        loop = asyncio.get_running_loop()
        for shelf in self._library.worn():
            fresh = await self._read(partial(self._library.freshened, shelf))
            await loop.run_in_executor(self._writing, self._library.adopt, shelf, fresh)

    async def settled(self) -> None:
        """Wait until the vector index shows everything that was acknowledged, or has failed."""
        await self._follower.settled()

    def _nearest(self, shelf: Shelf, vector: Vectors, where: Filter, limit: int) -> builtins.list[Candidate]:
        if not where and len(shelf.catalog) >= self._approximate_from:
            found = self._follower.nearest(shelf.key, shelf.sequence, vector, limit + limit // _SPARE + _SPARE)
            if found is not None:
                return [*starmap(Candidate, shelf.catalog.passing(where, found)[:limit])]
        return shelf.catalog.nearest(vector, where, limit)

    async def _write(self, operation: operations.Operation) -> T:
        unit: Unit = await self._commits.submit(operation)
        self._follower.wake(unit.changes[-1].sequence if unit.changes else 0)
        self._caretaker.stir()
        result: T = unit.result
        return result

    async def _read(self, read: Callable[[], T]) -> T:
        if self._closed:
            raise StoreUnavailable("The store is closed.")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reads, read)
        except sqlite3.Error as error:
            raise StoreUnavailable("The store could not be read.") from error
