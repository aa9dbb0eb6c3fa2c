"""Vectors in Chroma on disk, a collection of its own for each of ours: the index for nearest neighbours at scale.

Derived: the folder can be deleted at any time and is filled again from the truth. Only ids and vectors are stored in
it: no text and no attribute. Ids are those of the chunks, so that a replaced document overwrites its vectors in place.

This file is also a program, run by `vector_engine.ProcessEngine`: it answers calls of `ChromaIndex`'s methods on a
socket that it inherits, until the other end closes. Chroma holds the interpreter's lock while it writes (30 ms for 50
vectors, 0.3 s for 500), and would stop everything else in the process meanwhile; a fault in its native code would end
it. So that the program starts light, nothing of this package is imported here.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FORMAT: Final = 1
"""Raised whenever what is stored changes: collections of another format are filled again."""
SYNC: Final = 1_000
"""Chroma writes a collection's files after so many vectors."""

_BATCH: Final = 200
_HNSW: Final = {"hnsw": {"space": "cosine", "sync_threshold": SYNC}}
_DATABASE: Final = "chroma.sqlite3"

Marks = dict[int, tuple[int, bool]]
"""By collection: the last change that it has learnt, and whether its files may hold vectors that were overwritten."""


class ChromaIndex:
    """All collections of a store in one Chroma folder. What it does not know has not been filled."""

    def __init__(self, folder: Path, store_id: str) -> None:
        self._folder = folder
        self._store_id = store_id
        self._client: Any = None
        self._collections: dict[int, Any] = {}
        self._lock = -1

    def open(self) -> Marks:
        """Open the folder, or make it, rid of what Chroma leaves behind when a collection is deleted.

        Two processes in one folder lose vectors: the one of a killed parent may still be ending, and is waited for.
        """
        import chromadb  # noqa: PLC0415  # takes a second or two: nobody waits for it
        from chromadb.config import Settings  # noqa: PLC0415  # as above

        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(f"{self._folder}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        _sweep(self._folder)
        self._client = chromadb.PersistentClient(str(self._folder), settings=Settings(anonymized_telemetry=False))
        marks: Marks = {}
        for listed in self._client.list_collections():
            metadata = listed.metadata or {}
            if (metadata.get("store"), metadata.get("format")) == (self._store_id, FORMAT) and "sequence" in metadata:
                key = int(metadata["collection"])
                self._collections[key] = self._client.get_collection(listed.name, embedding_function=None)
                marks[key] = int(metadata["sequence"]), bool(metadata.get("overwritten"))
            else:
                self._client.delete_collection(listed.name)
        return marks

    def close(self) -> None:
        """Release the folder."""
        self._collections.clear()
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def sweep(self) -> None:
        """Erase what deleted collections and overwritten rows have left in the files."""
        self.close()
        with contextlib.closing(sqlite3.connect(self._folder / _DATABASE)) as connection:
            connection.execute("VACUUM")
        self.open()

    def create(self, collection: int) -> None:
        """An empty collection in the place of any that there was; it is forgotten at the next start unless marked."""
        self.drop(collection)
        self._collections[collection] = self._client.create_collection(
            f"tillhand-{collection}", metadata=self._identity(collection), configuration=_HNSW, embedding_function=None
        )

    def write(self, collection: int, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Insert these vectors, or overwrite those that have these ids."""
        target = self._collections[collection]
        for start in range(0, len(ids), _BATCH):
            some = slice(start, start + _BATCH)
            target.upsert(ids=[str(chunk) for chunk in ids[some].tolist()], embeddings=list(vectors[some]))

    def mark(self, collection: int, sequence: int, overwritten: bool) -> None:
        """Remember that every change up to this one is in the collection."""
        metadata = {**self._identity(collection), "sequence": sequence, "overwritten": overwritten}
        self._collections[collection].modify(metadata=metadata)

    def count(self, collection: int) -> int:
        """Vectors of a collection, those that were overwritten because their chunk is gone included."""
        return int(self._collections[collection].count())

    def probe(self, collection: int) -> None:
        """Ask for one vector's neighbour. Raises what Chroma raises when the collection is damaged."""
        target = self._collections[collection]
        known = target.get(limit=1, include=["embeddings"])["embeddings"]
        if len(known):
            target.query(query_embeddings=known, n_results=1, include=["distances"])

    def drop(self, collection: int) -> bool:
        """Delete a collection, known or half built; whether there was one. Its folder goes with the next sweep."""
        from chromadb.errors import NotFoundError  # noqa: PLC0415  # see open

        self._collections.pop(collection, None)
        try:
            self._client.delete_collection(f"tillhand-{collection}")
        except NotFoundError:
            return False
        return True

    def nearest(self, collection: int, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """The nearest chunks with their cosines, best first; almost always all of them."""
        found = self._collections[collection].query(query_embeddings=[vector], n_results=limit, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(int(chunk), 1.0 - distance) for chunk, distance in pairs]

    def destroy(self) -> None:
        """Delete the folder: it is damaged, or of no use."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _identity(self, collection: int) -> dict[str, str | int]:
        return {"store": self._store_id, "format": FORMAT, "collection": collection}


def _sweep(folder: Path) -> None:
    """Before Chroma opens: delete the folders of collections that are gone, which Chroma leaves behind."""
    path = folder / _DATABASE
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(path)) as connection:
        living = {row[0] for row in connection.execute("SELECT id FROM segments")}
    for child in folder.iterdir():
        if child.is_dir() and child.name not in living:
            shutil.rmtree(child)


def _serve(connection: Connection, index: ChromaIndex) -> None:
    """Answer calls, each a method's name and its arguments, until the other end closes."""
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            method, arguments = connection.recv()
            try:
                answer = True, getattr(index, method)(*arguments)
            except Exception as error:  # noqa: BLE001  # the caller decides what an error means
                answer = False, f"{type(error).__name__}: {error}"
            connection.send(answer)


def _main(descriptor: int, folder: Path, store_id: str) -> None:
    index = ChromaIndex(folder, store_id)
    _serve(Connection(descriptor), index)
    index.close()


if __name__ == "__main__":
    _main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
