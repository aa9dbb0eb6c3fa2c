"""The vector index follows the log in the background: neither searches nor writes wait for it.

Searches use it only where it shows every acknowledged write; until then the exact index answers. Where no collection
is so large that searches ask it, it waits until writes have rested, so as not to take the processor from the first
answers or from the embedding of what is being written. When it falls far behind, writes wait a little.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal, TypeVar

import structlog

from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.store.library import Library
from tillhand_rag.store.records import Indexable
from tillhand_rag.store.vector_engine import EngineFailed
from tillhand_rag.store.vector_index import VectorIndex

State = Literal["opening", "filling", "ready", "failed", "closed"]
T = TypeVar("T")

_PATIENT_BEHIND: Final = 2_000
_MOST_BEHIND: Final = 3_000
_PART: Final = 100
_LONGEST_WAIT_S: Final = 5.0
_RETRY_S: Final = 60.0

_log: Final = structlog.get_logger(__name__)


class Follower:
    """Keeps a `VectorIndex` at the state of the truth.

    It learns when nothing has been written for `after_s` seconds, when it is far behind, or when somebody waits for it.
    Collections of `asked_from` chunks and more keep it in memory, and it follows their writes at once.
    """

    def __init__(self, index: VectorIndex, library: Library, *, after_s: float, asked_from: int) -> None:
        self.state: State = "opening"
        self.rebuilt = 0
        self.answered = 0
        self._library = library
        self._index = index
        self._after_s = after_s
        self._asked_from = asked_from
        self._known = {shelf.key for shelf in library.shelves.values()}
        self._marks: dict[int, int] = {}
        self._written = self._done = library.reading.last_sequence()
        self._stopping = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-vectors")
        self._wanted = False
        self._changed = asyncio.Event()
        self._progress = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="store-vectors")

    @property
    def behind(self) -> int:
        """Changes that it has still to learn."""
        return max(0, self._written - self._done)

    def wake(self, sequence: int) -> None:
        """Something was written; `sequence` is the last change."""
        self._written = max(self._written, sequence)
        self._changed.set()

    async def room(self) -> None:
        """Wait, not for long, while writes are far ahead."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT_S):
                while self.state == "ready" and self.behind > _MOST_BEHIND:
                    self._progress.clear()
                    await self._progress.wait()

    async def settled(self) -> None:
        """Wait until it shows everything that was written, or has failed."""
        while self.state in {"opening", "filling"} or (self.state == "ready" and self.behind):
            self._wanted = True
            self._changed.set()
            self._progress.clear()
            await self._progress.wait()

    def nearest(self, collection: int, sequence: int, vector: Vectors, limit: int) -> list[tuple[int, float]] | None:
        """The nearest chunks; None when the index does not show this change and all before it, or cannot say."""
        if self.state != "ready" or self._marks.get(collection, -1) < sequence:
            return None
        try:
            found = self._index.nearest(collection, vector, limit)
        except EngineFailed as error:
            _log.warning("vector_index_query_failed", collection=collection, error=str(error))
            return None
        self.answered += found is not None
        return found

    async def erase(self) -> None:
        """Erase from the files what was removed, and let go of memory; nothing happens while the index is not ready."""
        if self.state == "ready":
            with contextlib.suppress(_Stopped):
                await self._in_thread(self._erase)

    def stop(self) -> None:
        """Interrupt what takes long; it is done at the next start."""
        self._stopping = True
        self._changed.set()

    async def close(self) -> None:
        """Stop; what it has not learnt is learnt at the next start."""
        self.stop()
        await self._task
        self._thread.shutdown()

    async def _run(self) -> None:
        try:
            await self._rested()
            while not self._stopping:
                try:
                    await self._follow()
                except Exception as error:  # noqa: BLE001  # a background task's boundary: searches go on without it
                    self.state = "failed"
                    self._progress.set()
                    _log.error("vector_index_failed", error=str(error))
                    await self._pause()
        finally:
            self.state = "closed"
            self._progress.set()
            await self._in_thread(self._index.rest)

    async def _follow(self) -> None:
        await self._in_thread(self._open)
        with contextlib.suppress(_Stopped):
            while not self._stopping:
                self._changed.clear()
                self._wanted = False
                await self._in_thread(self._catch_up)
                self._progress.set()
                await self._changed.wait()
                await self._rested()

    async def _rested(self) -> None:
        """Wait until writes have rested, or there is a reason not to wait."""
        with contextlib.suppress(TimeoutError):
            while not (self._stopping or self._wanted or self.behind > _PATIENT_BEHIND or self._is_asked()):
                self._changed.clear()
                async with asyncio.timeout(self._after_s):
                    await self._changed.wait()

    async def _pause(self) -> None:
        """Wait before trying again from the beginning, or until the store closes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RETRY_S):
                while not self._stopping:
                    self._changed.clear()
                    await self._changed.wait()
        self.state = "opening"

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> None:
        self._index.rest()
        try:
            self._index.open()
        except EngineFailed as error:
            _log.warning("vector_index_damaged", error=str(error))
            self._index.destroy()
            self._index.open()

    def _catch_up(self) -> None:
        reading, marks = self._library.reading, self._index.marks
        last = reading.last_sequence()
        living = set(reading.collections().values())
        self._known &= living
        pending = {key for key in reading.changed() & living if marks.get(key, -1) < reading.last_change(key)}
        if pending or marks.keys() != living:
            self._index.open()
        for gone in marks.keys() - living:
            self._index.drop(gone)
        for collection in living:
            self._keep(collection, marks.get(collection), last, is_pending=collection in pending)
        self._publish()
        self._done, self.state = last, "ready"

    def _keep(self, collection: int, mark: int | None, last: int, *, is_pending: bool) -> None:
        """Bring one collection to the present, filling it anew if it cannot be taught."""
        if mark is None or not self._library.reading.learnt(collection) <= mark <= last:
            self._rebuild(collection)
            return
        try:
            if is_pending:
                self._learn(collection, mark)
            sound = self.state == "ready" or self._index.works(
                collection, self._library.reading.chunk_count(collection)
            )
        except EngineFailed as error:
            _log.warning("vector_index_damaged", collection=collection, error=str(error))
            sound = False
        if not sound:
            self._rebuild(collection)

    def _learn(self, collection: int, mark: int) -> None:
        """Take over what is missing, a part at a time: a part is all that a stop has to wait for."""
        while changes := self._library.reading.changes(collection, mark, passages=False, limit=_PART):
            if self._stopping:
                raise _Stopped
            self._index.apply(collection, changes)
            mark = changes[-1].sequence

    def _rebuild(self, collection: int) -> None:
        if collection in self._known:
            self.state = "filling"
            self.rebuilt += 1
            _log.warning("vector_index_rebuilding", collection=collection)
        self._known.add(collection)
        self._fill(collection)

    def _fill(self, collection: int) -> None:
        reading = self._library.reading
        last = reading.last_sequence()
        self._index.fill(collection, self._until_stopped(reading.documents(collection, passages=False)), last)

    def _erase(self) -> None:
        self._catch_up()
        if self._index.has_remains:
            self._index.open()
            for collection in self._index.overwritten:
                self._freshen(collection)
            self._index.sweep()
            self._publish()
        if not self._is_asked():
            self._index.rest()

    def _is_asked(self) -> bool:
        """Whether any collection is so large that searches ask this index."""
        return any(len(shelf.catalog) >= self._asked_from for shelf in self._library.shelves.values())

    def _freshen(self, collection: int) -> None:
        reading = self._library.reading
        if self._index.is_worth_flushing(collection, reading.chunk_count(collection)):
            self._index.flush(collection, self._until_stopped(reading.documents(collection, passages=False)))
        else:
            self._marks = {key: mark for key, mark in self._marks.items() if key != collection}
            self._fill(collection)

    def _publish(self) -> None:
        self._marks = self._library.learnt = self._index.marks

    def _until_stopped(self, documents: Iterable[Indexable]) -> Iterator[Indexable]:
        for document in documents:
            if self._stopping:
                raise _Stopped
            yield document


class _Stopped(Exception):
    """The store closes while the index is being filled."""
