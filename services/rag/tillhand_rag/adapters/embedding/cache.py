"""The embedding cache as the service uses it: recent vectors in memory, all of them on disk, off the event loop."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tillhand_rag.adapters.embedding.cache_file import CacheFile, Key, Row
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.ports.embedding import EmbeddingSpace

MEMORY_ENTRIES: Final = 2_048
"""Vectors kept in memory, 1.5 kB each at 384 dimensions."""

_COMMIT_DELAY_S: Final = 0.2
_UNWRITTEN: Final = 8_192
_KEY_BYTES: Final = 16


class EmbeddingCache:
    """Vectors by space and text. Losing the last moments in a crash is fine; a wrong vector is not possible.

    One thread reads and writes the file. New vectors are written together after a moment; until then, reads
    find them in memory. When writing falls behind, the oldest unwritten vectors are dropped.
    """

    def __init__(self, path: Path, *, max_bytes: int, metrics: EmbeddingMetrics) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._metrics = metrics
        self._recent: OrderedDict[Key, Row] = OrderedDict()
        self._unwritten: dict[Key, Row] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedding-cache")
        self._file: CacheFile | None = None
        self._writing: asyncio.Task[None] | None = None
        self._evictions = 0

    async def start(self) -> None:
        """Open the file, or make it; a damaged one is set aside. Raises `OSError` or `sqlite3.Error` otherwise."""
        loop = asyncio.get_running_loop()
        self._file = await loop.run_in_executor(self._thread, lambda: CacheFile(self._path, max_bytes=self._max_bytes))
        self._report(self._file)

    async def close(self) -> None:
        """Write what is unwritten and close the file."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        if self._file is not None:
            file, rest = self._file, self._unwritten
            self._file, self._unwritten = None, {}
            await asyncio.get_running_loop().run_in_executor(self._thread, _finish, file, rest)
        await asyncio.to_thread(self._thread.shutdown)

    async def get(self, keys: Sequence[Key], *, remember: bool = True) -> dict[Key, Row]:
        """Those of these vectors that are known; read-only arrays of shape (dimension,).

        `remember` keeps them in memory; ingestion, which does not, would push every question out.
        """
        found = {key: row for key in keys if (row := self._remembered(key)) is not None}
        missing = [key for key in keys if key not in found]
        if missing and self._file is not None:
            read = await asyncio.get_running_loop().run_in_executor(self._thread, self._file.read, missing)
            found.update(read)
            if remember:
                self._remember(read)
        return found

    def put(self, vectors: Mapping[Key, Row], *, remember: bool = True) -> None:
        """Keep these vectors, and in memory too if told to `remember`; returns at once."""
        if remember:
            self._remember(vectors)
        if self._file is None:
            return
        self._unwritten.update(vectors)
        while len(self._unwritten) > _UNWRITTEN:
            del self._unwritten[next(iter(self._unwritten))]
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(self._file))

    async def remove(self, keys: Sequence[Key]) -> None:
        """Forget these vectors, in memory and on disk."""
        for key in keys:
            self._recent.pop(key, None)
            self._unwritten.pop(key, None)
        if keys and self._file is not None:
            file = self._file
            await asyncio.get_running_loop().run_in_executor(self._thread, file.remove, keys)
            self._report(file)

    def _remembered(self, key: Key) -> Row | None:
        if key in self._recent:
            self._recent.move_to_end(key)
            return self._recent[key]
        return self._unwritten.get(key)

    def _remember(self, vectors: Mapping[Key, Row]) -> None:
        self._recent.update(vectors)
        while len(self._recent) > MEMORY_ENTRIES:
            self._recent.popitem(last=False)

    async def _write(self, file: CacheFile) -> None:
        loop = asyncio.get_running_loop()
        while self._unwritten:
            await asyncio.sleep(_COMMIT_DELAY_S)
            batch = dict(self._unwritten)
            await loop.run_in_executor(self._thread, file.write, batch)
            # Only now: until it is on disk a read must find it here.
            self._unwritten = {key: row for key, row in self._unwritten.items() if key not in batch}
            self._report(file)

    def _report(self, file: CacheFile) -> None:
        self._metrics.entries.set(file.entries)
        self._metrics.bytes.set(file.bytes)
        self._metrics.evictions.inc(file.evictions - self._evictions)
        self._evictions = file.evictions


def cache_key(space: EmbeddingSpace, text: str) -> Key:
    """A digest over all that a vector depends on: space, model, revision, runtime, arithmetic, and the text itself."""
    scope = "\x1f".join((space.id, space.model, space.revision, space.backend, space.precision))
    return hashlib.blake2b(f"{scope}\x1e{text}".encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


def _finish(file: CacheFile, rest: Mapping[Key, Row]) -> None:
    if rest:
        file.write(rest)
    file.close()
