"""Vectors in Chroma on disk, a collection of its own for each of ours: the index for nearest neighbours at scale.

Derived: the folder can be deleted at any time and is filled again from the truth, never by embedding again. Only ids
and vectors are stored in it: no text and no attribute. One thread writes; any may ask.

Ids are those of the chunks, so that a replaced document overwrites its vectors in place. Chroma's delete would leave a
vector in its files for good and grow them with the next addition: what is removed is overwritten with noise instead,
and reaches the files once `_SYNC` more vectors were written.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from tillhand_rag.ports import Vectors
from tillhand_rag.store.records import Change, Indexable
from tillhand_rag.store.schema import chunk_key

FORMAT: Final = 1
"""Raised whenever what is stored changes: collections of another format are filled again."""

_BATCH: Final = 500
_SYNC: Final = 1_000
_HNSW: Final = {"hnsw": {"space": "cosine", "sync_threshold": _SYNC}}
_DATABASE: Final = "chroma.sqlite3"


class ChromaIndex:
    """All collections of the store in one Chroma folder."""

    def __init__(self, folder: Path, store_id: str, dimension: int) -> None:
        self._folder = folder
        self._dimension = dimension
        self._store_id = store_id
        self._client: Any = None
        self._collections: dict[int, Any] = {}
        self._unswept = False
        self._in_memory = False

    def open(self) -> None:
        """Open the folder, or make it; rid it of what Chroma leaves behind when a collection is deleted."""
        import chromadb  # noqa: PLC0415  # takes a second or two: searches are answered before it has come
        from chromadb.config import Settings  # noqa: PLC0415  # as above

        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(self._folder)
        self._client = chromadb.PersistentClient(str(self._folder), settings=Settings(anonymized_telemetry=False))
        for listed in self._client.list_collections():
            metadata = listed.metadata or {}
            if (metadata.get("store"), metadata.get("format")) == (self._store_id, FORMAT) and "sequence" in metadata:
                self._collections[int(metadata["collection"])] = self._client.get_collection(
                    listed.name, embedding_function=None
                )
            else:
                self._client.delete_collection(listed.name)

    def close(self) -> None:
        """Release the folder."""
        self._collections.clear()
        self._in_memory = False
        if self._client is not None:
            self._client.close()
            self._client = None

    def rest(self) -> None:
        """Let go of the graphs that writing has brought into memory: about 2 kB for each vector."""
        if self._in_memory:
            self.close()
            self.open()

    def sweep(self) -> None:
        """Erase what deleted collections and overwritten rows have left in the files: searches pause meanwhile."""
        self.close()
        _vacuum(self._folder)
        self._unswept = False
        self.open()

    def has_remains(self) -> bool:
        """Whether there is something to erase."""
        return self._unswept or bool(self.overwritten())

    def overwritten(self) -> list[int]:
        """Collections in whose files vectors may stand that were replaced or removed."""
        return [key for key, collection in self._collections.items() if collection.metadata.get("overwritten")]

    def is_worth_flushing(self, collection: int, chunks: int) -> bool:
        """Whether `flush` takes less than to fill the collection, of so many chunks, anew."""
        return chunks > _SYNC and 2 * chunks > int(self._collections[collection].count())

    def flush(self, collection: int, documents: Iterator[Indexable]) -> None:
        """Make Chroma write the collection's files, by writing vectors of it that it has already."""
        target, written = self._collections[collection], 0
        for ids, vectors in _batches(documents):
            target.upsert(ids=ids, embeddings=vectors)
            written += len(ids)
            if written > _SYNC:
                break
        target.modify(metadata={**target.metadata, "overwritten": False})
        self._unswept = True

    def works(self, collection: int, chunks: int) -> bool:
        """Whether a collection holds so many chunks, beside removed ones, and can be asked."""
        target = self._collections[collection]
        self._in_memory = True
        if target.count() < chunks:
            return False
        if chunks:
            probe = target.get(limit=1, include=["embeddings"])
            target.query(query_embeddings=probe["embeddings"], n_results=1, include=["distances"])
        return True

    def destroy(self) -> None:
        """Delete the folder: it is damaged, or of no use."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def marks(self) -> dict[int, int]:
        """The last change that each collection has learnt."""
        return {key: int(collection.metadata["sequence"]) for key, collection in self._collections.items()}

    def fill(self, collection: int, documents: Iterator[Indexable], through: int) -> None:
        """Build a collection anew from all of its documents, as they were at change `through`."""
        self.drop(collection)
        self._in_memory = True
        identity = {"store": self._store_id, "format": FORMAT, "collection": collection}
        filled = self._client.create_collection(
            f"tillhand-{collection}", metadata=identity, configuration=_HNSW, embedding_function=None
        )
        for ids, vectors in _batches(documents):
            filled.upsert(ids=ids, embeddings=vectors)
        filled.modify(metadata={**identity, "sequence": through})
        self._collections[collection] = filled

    def apply(self, collection: int, changes: Sequence[Change]) -> None:
        """Take over these changes, oldest first."""
        target = self._collections[collection]
        self._in_memory = True
        latest = {change.document: change for change in changes}
        removed = [
            chunk_key(change.document, ordinal)
            for change in changes
            for ordinal in range(latest[change.document].chunks_after, change.chunks_before)
        ]
        for start in range(0, len(removed), _BATCH):
            some = list(dict.fromkeys(removed[start : start + _BATCH]))
            target.upsert(ids=[str(chunk) for chunk in some], embeddings=[_noise(self._dimension) for _ in some])
        for ids, vectors in _batches(change.content for change in latest.values() if change.content is not None):
            target.upsert(ids=ids, embeddings=vectors)
        overwritten = target.metadata.get("overwritten", False) or any(change.chunks_before for change in changes)
        target.modify(metadata={**target.metadata, "sequence": changes[-1].sequence, "overwritten": overwritten})

    def drop(self, collection: int) -> None:
        """Delete a collection, known or half built; its folder goes with the next sweep."""
        self._collections.pop(collection, None)
        with contextlib.suppress(_not_found()):
            self._client.delete_collection(f"tillhand-{collection}")
            self._unswept = True

    def nearest(self, collection: int, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """The nearest chunks with their cosines, best first; almost always all of them."""
        found = self._collections[collection].query(query_embeddings=[vector], n_results=limit, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(int(chunk), 1.0 - distance) for chunk, distance in pairs]


def _batches(documents: Iterator[Indexable]) -> Iterator[tuple[list[str], list[Vectors]]]:
    ids: list[str] = []
    vectors: list[Vectors] = []
    for document in documents:
        ids += [str(chunk) for chunk in document.chunks]
        vectors += list(document.vectors)
        while len(ids) >= _BATCH:
            yield ids[:_BATCH], vectors[:_BATCH]
            ids, vectors = ids[_BATCH:], vectors[_BATCH:]
    if ids:
        yield ids, vectors


def _not_found() -> type[Exception]:
    from chromadb.errors import NotFoundError  # noqa: PLC0415  # see open

    found: type[Exception] = NotFoundError
    return found


def _noise(dimension: int) -> Vectors:
    noise = np.random.default_rng().standard_normal(dimension, dtype=np.float32)
    unit: Vectors = noise / np.linalg.norm(noise)
    return unit


def _sweep(folder: Path) -> None:
    """Before Chroma opens: drop the folders of collections that are gone, which Chroma leaves behind."""
    path = folder / _DATABASE
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(path)) as connection:
        living = {row[0] for row in connection.execute("SELECT id FROM segments")}
    for child in folder.iterdir():
        if child.is_dir() and child.name not in living:
            shutil.rmtree(child)


def _vacuum(folder: Path) -> None:
    """While Chroma is closed: rewrite its database without the pages that it has freed."""
    with contextlib.closing(sqlite3.connect(folder / _DATABASE)) as connection:
        connection.execute("VACUUM")
