"""The vector index follows the log in a thread of its own: neither searches nor writes wait for it.

Searches use it only where it shows every acknowledged write; until then the exact index answers. When it falls far
behind, writes wait a little.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal, TypeVar

import structlog

from tillhand_rag.ports import Vectors
from tillhand_rag.store.chroma_index import ChromaIndex
from tillhand_rag.store.foreign import sober
from tillhand_rag.store.library import Library
from tillhand_rag.store.records import Indexable

State = Literal["opening", "filling", "ready", "failed", "closed"]
T = TypeVar("T")

_MOST_BEHIND: Final = 512
_LONGEST_WAIT_S: Final = 5.0
_RETRY_S: Final = 60.0

_log: Final = structlog.get_logger(__name__)


class Follower:
    """Keeps a `ChromaIndex` at the state of the truth."""

    def __init__(self, folder: Path, library: Library, dimension: int, *, asked_from: int) -> None:
        self.state: State = "opening"
        self.rebuilt = 0
        self.answered = 0
        self._library = library
        self._index = ChromaIndex(folder, library.store_id, dimension)
        self._asked_from = asked_from
        self._known = {shelf.key for shelf in library.shelves.values()}
        self._marks: dict[int, int] = {}
        self._written = self._done = 0
        self._stopping = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-vectors")
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
            self._progress.clear()
            await self._progress.wait()

    def nearest(self, collection: int, sequence: int, vector: Vectors, limit: int) -> list[tuple[int, float]] | None:
        """The nearest chunks; None when the index does not show this change and all before it, or cannot say."""
        if self.state != "ready" or self._marks.get(collection, -1) < sequence:
            return None
        try:
            found = sober(lambda: self._index.nearest(collection, vector, limit))
        except Exception as error:  # noqa: BLE001  # foreign code behind an index we can do without
            _log.warning("vector_index_query_failed", collection=collection, error=str(error))
            return None
        self.answered += 1
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

    async def close(self, within_s: float) -> None:
        """Let it catch up for a little, then stop; the rest is learnt at the next start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self.settled()
        self.stop()
        await self._task
        self._thread.shutdown()

    async def _run(self) -> None:
        try:
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
            await self._in_thread(self._index.close)

    async def _follow(self) -> None:
        await self._in_thread(self._open)
        with contextlib.suppress(_Stopped):
            while not self._stopping:
                self._changed.clear()
                await self._in_thread(self._catch_up)
                self._progress.set()
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
        return await asyncio.get_running_loop().run_in_executor(self._thread, sober, work)

    def _open(self) -> None:
        self._index.close()
        try:
            sober(self._index.open)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with a derived folder: make it anew
            _log.warning("vector_index_damaged", error=str(error))
            self._index.destroy()
            self._index.open()

    def _catch_up(self) -> None:
        last = self._library.reading.last_sequence()
        living = set(self._library.reading.collections().values())
        marks = self._index.marks()
        for gone in marks.keys() - living:
            self._index.drop(gone)
        pending = self._library.reading.changed()
        for collection in living:
            if not self._is_usable(collection, marks.get(collection), last):
                self._rebuild(collection)
            elif collection in pending:
                self._learn(collection, marks[collection])
            self._publish()
        self._publish()
        self._done, self.state = last, "ready"

    def _is_usable(self, collection: int, mark: int | None, last: int) -> bool:
        if mark is None or not self._library.reading.learnt(collection) <= mark <= last:
            return False
        if self.state == "ready":
            return True
        try:
            missed = self._library.reading.changes(collection, mark, passages=False)
            if missed:
                sober(lambda: self._index.apply(collection, missed))
            return sober(lambda: self._index.works(collection, self._library.reading.chunk_count(collection)))
        except Exception as error:  # noqa: BLE001  # foreign code: whatever is wrong with the collection, fill it anew
            _log.warning("vector_index_unusable", collection=collection, error=str(error))
            return False

    def _learn(self, collection: int, mark: int) -> None:
        changes = self._library.reading.changes(collection, mark, passages=False)
        if not changes:
            return
        try:
            sober(lambda: self._index.apply(collection, changes))
        except Exception as error:  # noqa: BLE001  # foreign code: whatever is wrong with the collection, fill it anew
            _log.warning("vector_index_write_failed", collection=collection, error=str(error))
            self._rebuild(collection)

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
        if self._index.has_remains():
            for collection in self._index.overwritten():
                self._freshen(collection)
            self._index.sweep()
        if all(len(shelf.catalog) < self._asked_from for shelf in self._library.shelves.values()):
            self._index.rest()
        self._publish()

    def _freshen(self, collection: int) -> None:
        reading = self._library.reading
        if self._index.is_worth_flushing(collection, reading.chunk_count(collection)):
            self._index.flush(collection, self._until_stopped(reading.documents(collection, passages=False)))
        else:
            self._marks = {key: mark for key, mark in self._marks.items() if key != collection}
            self._fill(collection)

    def _publish(self) -> None:
        self._marks = self._library.learnt = self._index.marks()

    def _until_stopped(self, documents: Iterable[Indexable]) -> Iterator[Indexable]:
        for document in documents:
            if self._stopping:
                raise _Stopped
            yield document


class _Stopped(Exception):
    """The store closes while the index is being filled."""
