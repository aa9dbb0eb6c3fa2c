"""The truth: documents, chunks and vectors in one SQLite file, and the log of what the indexes have still to learn.

Exactly one connection writes (SQLite before 3.51.3 can corrupt a WAL that two connections reset), always from the
writer's thread. `synchronous=FULL`: what a commit has returned survives a power cut. `secure_delete`: what was
removed is overwritten, and the WAL that still holds it is truncated by `forget`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from tillhand_rag.domain.documents import IndexedDocument
from tillhand_rag.errors import EmbeddingSpaceChanged, StoreDamaged
from tillhand_rag.ports.embedding import EmbeddingSpace
from tillhand_rag.ports.store import Dates, DocumentRecord
from tillhand_rag.store import records
from tillhand_rag.store.records import Change, Indexable, Passage
from tillhand_rag.store.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES, chunk_key

_BUSY_TIMEOUT_S = 1.0


class Truth:
    """The writing side of the store's SQLite file. Not thread-safe: one thread owns it."""

    def __init__(self, path: Path, space: EmbeddingSpace) -> None:
        self.path = path
        self._dimension = space.dimension
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=_BUSY_TIMEOUT_S, cached_statements=256
        )
        try:
            self._prepare(space)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise damaged(path, error) from error
        except BaseException:
            self._connection.close()
            raise

    @property
    def store_id(self) -> str:
        """Names this store for ever: an index that was built from another one is not taken for ours."""
        return self._meta("store_id")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it is committed, durably, or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Within a transaction: this part is undone when it raises, the rest is not."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO part")
            raise
        finally:
            self._connection.execute("RELEASE part")

    def collection(self, name: str) -> int | None:
        """The key of a collection that exists."""
        row = self._connection.execute("SELECT key FROM collections WHERE name = ?", (name,)).fetchone()
        return None if row is None else int(row[0])

    def create_collection(self, name: str) -> int:
        """The key of a collection, which exists from now on."""
        known = self.collection(name)
        if known is not None:
            return known
        return int(self._connection.execute("INSERT INTO collections (name) VALUES (?)", (name,)).lastrowid or 0)

    def drop_collection(self, collection: int) -> None:
        """Remove a collection with all of its documents, and what the indexes had still to learn of it."""
        keys = self._connection.execute("SELECT key FROM documents WHERE collection = ?", (collection,)).fetchall()
        for (document,) in keys:
            self._drop_document(document)
        self._connection.execute("DELETE FROM changes WHERE collection = ?", (collection,))
        self._connection.execute("DELETE FROM collections WHERE key = ?", (collection,))

    def put(self, collection: int, name: str, document: IndexedDocument, dates: Dates) -> tuple[DocumentRecord, Change]:
        """Insert or replace a document as a whole; `created_at` and the keys of its chunks survive a replacement."""
        parsed, chunks, version = document.parsed, document.chunks, document.parsed.version
        key, before, created_at = self._upsert(collection, document, version, dates)
        passages = [Passage(chunk_key(key, c.ordinal), c.heading_path, parsed.text[c.start : c.end]) for c in chunks]
        self._connection.execute(
            "INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?)",
            (key, parsed.text, records.outline_json(parsed.headings, parsed.pages), document.vectors),
        )
        self._connection.executemany(
            "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (p.chunk, c.start, c.end, p.text, records.path_json(c.heading_path), c.page, c.context, c.tokens)
                for p, c in zip(passages, chunks, strict=True)
            ),
        )
        self._drop_chunks(key, len(chunks), before)
        record = DocumentRecord(
            collection=name,
            document_id=document.document_id,
            source=document.source,
            title=parsed.title,
            media_type=parsed.media_type,
            version=version,
            characters=len(parsed.text),
            chunks=len(chunks),
            attributes=dict(parsed.attributes),
            created_at=created_at,
            updated_at=dates.updated_at,
        )
        fields = records.filterable(
            parsed.attributes, document_id=document.document_id, source=document.source, media_type=parsed.media_type
        )
        vectors = records.unpacked(document.vectors, self._dimension)
        indexable = Indexable(key, parsed.title, fields, passages, vectors)
        return record, self._logged(collection, key, before, indexable)

    def remove(self, collection: int, document_id: str) -> Change | None:
        """Remove a document; None when there was none."""
        found = self._connection.execute(
            "SELECT key, chunks FROM documents WHERE collection = ? AND id = ?", (collection, document_id)
        ).fetchone()
        if found is None:
            return None
        self._drop_document(found[0])
        return self._logged(collection, found[0], found[1], None)

    def forget_changes(self, collection: int, through: int) -> None:
        """Every index has learnt this collection's changes up to this one."""
        self._connection.execute("DELETE FROM changes WHERE collection = ? AND sequence <= ?", (collection, through))
        self._connection.execute("UPDATE collections SET learnt = ? WHERE key = ?", (through, collection))

    def forget(self) -> bool:
        """Fold the WAL, which still holds what was overwritten, into the file and truncate it.

        False while a reader holds it back.
        """
        return not self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def _upsert(self, collection: int, document: IndexedDocument, version: str, dates: Dates) -> tuple[int, int, str]:
        parsed = document.parsed
        values = (
            document.source,
            parsed.title,
            parsed.media_type,
            version,
            len(parsed.text),
            len(document.chunks),
            records.attributes_json(parsed.attributes),
        )
        known = self._connection.execute(
            "SELECT key, chunks, created_at FROM documents WHERE collection = ? AND id = ?",
            (collection, document.document_id),
        ).fetchone()
        if known is not None:
            self._connection.execute(
                "UPDATE documents SET source = ?, title = ?, media_type = ?, version = ?, characters = ?, chunks = ?, "
                "attributes = ?, updated_at = ? WHERE key = ?",
                (*values, dates.updated_at, known[0]),
            )
            return int(known[0]), int(known[1]), str(known[2])
        inserted = self._connection.execute(
            "INSERT INTO documents (collection, id, source, title, media_type, version, characters, chunks, "
            "attributes, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (collection, document.document_id, *values, dates.created_at, dates.updated_at),
        )
        return int(inserted.lastrowid or 0), 0, dates.created_at

    def _drop_document(self, key: int) -> None:
        self._connection.execute("DELETE FROM documents WHERE key = ?", (key,))
        self._connection.execute(
            "DELETE FROM chunks WHERE key >= ? AND key < ?", (chunk_key(key, 0), chunk_key(key + 1, 0))
        )

    def _drop_chunks(self, key: int, first: int, end: int) -> None:
        self._connection.execute(
            "DELETE FROM chunks WHERE key >= ? AND key < ?", (chunk_key(key, first), chunk_key(key, max(first, end)))
        )

    def _logged(self, collection: int, document: int, before: int, content: Indexable | None) -> Change:
        inserted = self._connection.execute(
            "INSERT INTO changes (collection, document, chunks_before) VALUES (?, ?, ?)", (collection, document, before)
        )
        return Change(int(inserted.lastrowid or 0), collection, document, before, content)

    def _prepare(self, space: EmbeddingSpace) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        application, version = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if (application, version) == (0, 0):
            self._create()
        elif (application, version) != (APPLICATION_ID, SCHEMA_VERSION):
            raise StoreDamaged(
                f"{self.path} holds schema {version} of application {application:#x}; this version reads "
                f"{SCHEMA_VERSION} of {APPLICATION_ID:#x}. Start the version that wrote it, or use another folder."
            )
        self._agree_on(space)

    def _create(self) -> None:
        self._connection.executescript(
            f"BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION_ID}; "
            f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
        self._connection.execute("INSERT INTO meta VALUES ('store_id', ?)", (uuid4().hex,))

    def _agree_on(self, space: EmbeddingSpace) -> None:
        recorded = self._connection.execute("SELECT value FROM meta WHERE name = 'space'").fetchone()
        stored = json.loads(recorded[0]) if recorded else None
        if stored is not None and stored["id"] == space.id:
            return
        if stored is not None and self._connection.execute("SELECT 1 FROM documents LIMIT 1").fetchone():
            raise EmbeddingSpaceChanged(
                f"{self.path} holds vectors of {stored['model']} ({stored['precision']}, space {stored['id'][:12]}), "
                f"but the embedder in use is {space.model} ({space.precision}, space {space.id[:12]}). Vectors of two "
                "spaces cannot be compared: go back to that embedder, or move the folder away and ingest the "
                "documents again."
            )
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('space', ?)", (json.dumps(asdict(space)),))

    def _meta(self, name: str) -> str:
        return str(self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0])


def damaged(path: Path, error: sqlite3.Error) -> StoreDamaged:
    """The error that tells a person what SQLite found and what to do."""
    return StoreDamaged(
        f"{path} cannot be read ({error}). Nothing was changed. Restore it from a backup, or move the folder away "
        "and ingest the documents again."
    )
