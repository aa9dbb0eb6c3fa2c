"""Opening the store: one process, one embedding space, and everything that a crash left undone."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tillhand_common.clock import Clock, SystemClock, rfc3339
from tillhand_rag.ports.embedding import EmbeddingSpace
from tillhand_rag.store.knowledge import Store
from tillhand_rag.store.library import Library
from tillhand_rag.store.lock import DirectoryLock
from tillhand_rag.store.options import Owned, StoreOptions
from tillhand_rag.store.vector_engine import ProcessEngine, ThreadEngine


async def open_store(
    data_dir: Path,
    space: EmbeddingSpace,
    *,
    clock: Clock | None = None,
    options: StoreOptions | None = None,
) -> Store:
    """Open or make the store in `data_dir`.

    Raises `StoreInUse` when another process owns it, `EmbeddingSpaceChanged` when its vectors are of another space,
    `StoreDamaged` when it cannot be read.
    """
    clock, options = clock or SystemClock(), options or StoreOptions()
    writing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-write")
    opening = partial(_opened, data_dir, space, writing, rfc3339(clock.now()))
    try:
        owned = await asyncio.get_running_loop().run_in_executor(writing, opening)
    except BaseException:
        writing.shutdown()
        raise
    engine = ProcessEngine if options.vectors_in == "process" else ThreadEngine
    return Store(owned, engine(data_dir / "vectors", owned.library.store_id), clock=clock, options=options)


def _opened(data_dir: Path, space: EmbeddingSpace, writing: ThreadPoolExecutor, now: str) -> Owned:
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = DirectoryLock.acquire(data_dir, since=now)
    try:
        library = Library(data_dir, space)
        library.load()
    except BaseException:
        lock.release()
        raise
    return Owned(space, lock, library, writing)
