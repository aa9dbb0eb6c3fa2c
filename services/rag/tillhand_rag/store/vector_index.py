"""Changes of documents as vectors to write: what the vector index has learnt, and how it is filled, taught and erased.

Chroma's delete would leave a vector in its files for good, and grow them with the next addition. What is removed is
overwritten with noise instead, and is out of the files once Chroma has written them anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.store.chroma_index import SYNC, Marks
from tillhand_rag.store.records import Change, Indexable
from tillhand_rag.store.schema import chunk_key
from tillhand_rag.store.vector_engine import Engine

Ids = NDArray[np.int64]

_TOGETHER = 400


class VectorIndex:
    """The vectors of all collections behind an engine. One thread writes; any may ask."""

    def __init__(self, engine: Engine, dimension: int) -> None:
        self._engine = engine
        self._dimension = dimension
        self._marks: Marks = {}
        self._unswept = False

    @property
    def marks(self) -> dict[int, int]:
        """The last change that each collection has learnt."""
        return {collection: sequence for collection, (sequence, _) in self._marks.items()}

    @property
    def has_remains(self) -> bool:
        """Whether the files may hold something that was removed."""
        return self._unswept or bool(self.overwritten)

    @property
    def overwritten(self) -> list[int]:
        """Collections in whose files vectors may stand that were replaced or removed."""
        return [collection for collection, (_, overwritten) in self._marks.items() if overwritten]

    def open(self) -> None:
        """Start the engine if it is not running, and read what the folder holds; a folder of no use is deleted."""
        if self._engine.running:
            return
        self._engine.start()
        self._marks = self._engine.call("open")

    def rest(self) -> None:
        """Stop the engine: what it knows is on disk, and the next `open` reads it."""
        if self._engine.running:
            self._engine.stop()

    def destroy(self) -> None:
        """Delete everything."""
        self._engine.start()
        self._engine.call("destroy")
        self._engine.stop()
        self._marks = {}

    def works(self, collection: int, chunks: int) -> bool:
        """Whether a collection holds so many chunks, beside removed ones. Raises `EngineFailed` if it is damaged."""
        if self._engine.call("count", collection) < chunks:
            return False
        self._engine.call("probe", collection)
        return True

    def fill(self, collection: int, documents: Iterable[Indexable], through: int) -> None:
        """Build a collection anew from all of its documents, as they were at change `through`."""
        self.open()
        self._unswept |= self._marks.pop(collection, None) is not None
        self._engine.call("create", collection)
        for ids, vectors in _batches(documents):
            self._engine.call("write", collection, ids, vectors)
        self._mark(collection, through, overwritten=False)

    def apply(self, collection: int, changes: Sequence[Change]) -> None:
        """Take over these changes, oldest first."""
        latest = {change.document: change for change in changes}
        removed = {
            chunk_key(change.document, ordinal)
            for change in changes
            for ordinal in range(latest[change.document].chunks_after, change.chunks_before)
        }
        if removed:
            self._engine.call("write", collection, np.array(sorted(removed)), _noise(len(removed), self._dimension))
        for ids, vectors in _batches(change.content for change in latest.values() if change.content is not None):
            self._engine.call("write", collection, ids, vectors)
        overwritten = self._marks[collection][1] or any(change.chunks_before for change in changes)
        self._mark(collection, changes[-1].sequence, overwritten=overwritten)

    def is_worth_flushing(self, collection: int, chunks: int) -> bool:
        """Whether `flush` takes less than to fill the collection, of so many chunks, anew."""
        return chunks > SYNC and 2 * chunks > int(self._engine.call("count", collection))

    def flush(self, collection: int, documents: Iterable[Indexable]) -> None:
        """Make Chroma write the collection's files, by writing vectors of it that it has already."""
        written = 0
        for ids, vectors in _batches(documents):
            self._engine.call("write", collection, ids, vectors)
            written += len(ids)
            if written > SYNC:
                break
        self._mark(collection, self._marks[collection][0], overwritten=False)
        self._unswept = True

    def drop(self, collection: int) -> None:
        """Delete a collection."""
        self._marks.pop(collection, None)
        self._unswept |= bool(self._engine.call("drop", collection))

    def sweep(self) -> None:
        """Erase what deleted collections and overwritten rows have left in the files."""
        self._engine.call("sweep")
        self._unswept = False

    def nearest(self, collection: int, vector: Vectors, limit: int) -> list[tuple[int, float]] | None:
        """The nearest chunks with their cosines, best first; None while the engine is busy with something else."""
        if not self._engine.idle():
            return None
        found: list[tuple[int, float]] = self._engine.call("nearest", collection, vector, limit)
        return found

    def _mark(self, collection: int, sequence: int, *, overwritten: bool) -> None:
        self._engine.call("mark", collection, sequence, overwritten)
        self._marks[collection] = sequence, overwritten


def _batches(documents: Iterable[Indexable]) -> Iterator[tuple[Ids, Vectors]]:
    """Ids and vectors of many documents at a time."""
    some: list[Indexable] = []
    for document in documents:
        some.append(document)
        if sum(len(each.vectors) for each in some) >= _TOGETHER:
            yield _joined(some)
            some = []
    if some:
        yield _joined(some)


def _joined(documents: Sequence[Indexable]) -> tuple[Ids, Vectors]:
    ids = np.array([chunk for document in documents for chunk in document.chunks], dtype=np.int64)
    return ids, np.concatenate([document.vectors for document in documents])


def _noise(count: int, dimension: int) -> Vectors:
    noise = np.random.default_rng().standard_normal((count, dimension), dtype=np.float32)
    unit: Vectors = noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return unit
