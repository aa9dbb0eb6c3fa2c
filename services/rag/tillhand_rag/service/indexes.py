"""The indexes that serve: which one a collection lives in, and how one takes another's place while requests run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tillhand_rag.domain.indexes import MAIN, Generation
from tillhand_rag.ports.embedding import WatchedEmbedder
from tillhand_rag.ports.store import KnowledgeStore
from tillhand_rag.service.answering import Answering
from tillhand_rag.service.indexing import Indexing
from tillhand_rag.service.ingestion import Ingestion
from tillhand_rag.service.removal import Removal
from tillhand_rag.service.search import Search


@dataclass(slots=True)
class _Users:
    """How many are at work, and who waits until nobody is."""

    count: int = 0
    none: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.none.set()

    def enter(self) -> None:
        self.count += 1
        self.none.clear()

    def leave(self) -> None:
        self.count -= 1
        if not self.count:
            self.none.set()


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """One generation, open: the store and embedder, and the use cases on them."""

    name: str
    generation: Generation
    store: KnowledgeStore
    embedder: WatchedEmbedder
    indexing: Indexing
    ingestion: Ingestion
    search: Search
    answering: Answering
    removal: Removal
    close: Callable[[], Awaitable[None]]
    users: _Users = field(default_factory=_Users)
    writers: _Users = field(default_factory=_Users)


class Indexes:
    """Every open index by its name. `assigned` names the index of each collection that is not the main one's.

    A collection that another index than its own still holds lives there, whole, until it has been moved: what its own
    index may hold of it meanwhile is an unfinished copy.
    """

    def __init__(self, indexes: Mapping[str, Index], assigned: Mapping[str, str]) -> None:
        self._indexes = dict(indexes)
        self._assigned = dict(assigned)
        self._quiet: dict[str, asyncio.Event] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    def all(self) -> list[Index]:
        """Every index, the main one first."""
        return sorted(self._indexes.values(), key=lambda index: (index.name != MAIN, index.name))

    def named(self, name: str) -> Index:
        """The index of this name. Raises `KeyError`."""
        return self._indexes[name]

    def home(self, collection: str) -> str:
        """The name of the index that a collection is assigned to."""
        return self._assigned.get(collection, MAIN)

    def of(self, collection: str) -> Index:
        """The index that a collection lives in, or will."""
        home = self.home(collection)
        away = [index for index in self.all() if index.name != home and index.store.has(collection)]
        return away[0] if away else self._indexes[home]

    @asynccontextmanager
    async def reading(self, collection: str) -> AsyncIterator[Index]:
        """The index to read a collection in; it stays open until the block ends."""
        index = self.of(collection)
        async with self.kept(index):
            yield index

    @asynccontextmanager
    async def kept(self, index: Index) -> AsyncIterator[None]:
        """This index stays open until the block ends, even if another one takes its place."""
        index.users.enter()
        try:
            yield
        finally:
            index.users.leave()

    @asynccontextmanager
    async def writing(self, collection: str) -> AsyncIterator[Index]:
        """The index to write a collection to; waits while one is about to be replaced."""
        while (gate := self._quiet.get(self.of(collection).name)) is not None:
            await gate.wait()
        async with self.reading(collection) as index:
            index.writers.enter()
            try:
                yield index
            finally:
                index.writers.leave()

    @asynccontextmanager
    async def quiet(self, name: str) -> AsyncIterator[None]:
        """Nobody writes to this index in this block; who wants to waits until it ends."""
        gate = self._quiet[name] = asyncio.Event()
        try:
            await self._indexes[name].writers.none.wait()
            yield
        finally:
            del self._quiet[name]
            gate.set()

    def replace(self, index: Index) -> Index | None:
        """Let this generation serve from now on; returns the one that did."""
        before = self._indexes.get(index.name)
        self._indexes[index.name] = index
        return before

    def retire(self, index: Index) -> None:
        """Close an index that has been replaced, once the last request that reads it has ended."""
        task = asyncio.create_task(self._closed_when_free(index), name="retire-index")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def released(self) -> None:
        """Wait until every index that has been replaced is closed, so that its folder can be opened again."""
        if self._retiring:
            await asyncio.wait(self._retiring)

    async def close(self) -> None:
        """Close all of them, those included that have been replaced."""
        await self.released()
        for index in self._indexes.values():
            await index.close()

    async def _closed_when_free(self, index: Index) -> None:
        await index.users.none.wait()
        await index.close()
