"""How a store is opened: what it may be told, and what it owns once it is open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal

from tillhand_rag.ports.embedding import EmbeddingSpace
from tillhand_rag.store.library import Library
from tillhand_rag.store.lock import DirectoryLock

APPROXIMATE_FROM: Final = 200_000
"""From so many chunks on, an unfiltered search asks the approximate index; below, the exact one is as fast."""


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """How the store goes about its work; the defaults suit a service.

    Removed content is erased from the derived indexes' files once writes have rested for `erase_after_s` seconds.
    Unfiltered searches of collections of `approximate_from` chunks and more ask the vector index, where it shows all
    that was written. It runs in a process of its own, or in a thread, and learns when writes have rested for
    `vectors_after_s` seconds, or at once where a collection is that large.
    """

    erase_after_s: float = 10.0
    approximate_from: int = APPROXIMATE_FROM
    vectors_in: Literal["process", "thread"] = "process"
    vectors_after_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Owned:
    """A data directory that belongs to this process, and the one thread that writes to it."""

    space: EmbeddingSpace
    lock: DirectoryLock
    library: Library
    writing: ThreadPoolExecutor
