"""Reads of the truth, each on a connection of its own thread that cannot write."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tillhand_rag.domain.documents import part_prefix
from tillhand_rag.ports.store import ChunkRecord, CollectionStats, DocumentRecord, HeldDocument, StoredText
from tillhand_rag.store import records
from tillhand_rag.store.records import Change, Indexable, Passage
from tillhand_rag.store.schema import ORDINAL_BITS, chunk_key

_RECORD = (  # in the order of DocumentRecord's fields
    "c.name, d.id, d.source, d.title, d.media_type, d.version, d.characters, d.chunks, d.attributes, d.created_at, "
    "d.updated_at FROM documents d JOIN collections c ON c.key = d.collection"
)

_TOGETHER = 512
_LAST = "\U0010ffff"  # what begins with a prefix sorts before the prefix and this

_CHUNK = (
    'k.key, d.id, d.source, d.title, d.version, k.start, k."end", k.passage, k.heading_path, k.page, d.attributes, '
    "k.context"
)


class Reading:
    """The reading side of the store's SQLite file; safe from any thread."""

    def __init__(self, path: Path, dimension: int) -> None:
        self._address = f"file:{quote(str(path))}?mode=ro"
        self._dimension = dimension
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []

    def records(self, collection: str, document_ids: Sequence[str]) -> list[DocumentRecord]:
        """Those of these documents that exist, without their texts."""
        rows = self._rows(
            f"SELECT {_RECORD} WHERE c.name = ? AND d.id IN (SELECT value FROM json_each(?))",  # noqa: S608  # a constant
            (collection, json.dumps(list(document_ids))),
        )
        return [_record(row) for row in rows]

    def page(self, collection: str, after: str | None, limit: int) -> list[DocumentRecord]:
        """Documents by id."""
        rows = self._rows(
            f"SELECT {_RECORD} WHERE c.name = ? AND d.id > ? ORDER BY d.id LIMIT ?", (collection, after or "", limit)
        )
        return [_record(row) for row in rows]

    def versions(self, collection: str, document_ids: Sequence[str]) -> dict[str, str]:
        """The versions of those documents that exist."""
        rows = self._rows(
            "SELECT d.id, d.version FROM documents d JOIN collections c ON c.key = d.collection "
            "WHERE c.name = ? AND d.id IN (SELECT value FROM json_each(?))",
            (collection, json.dumps(list(document_ids))),
        )
        return dict(rows)

    def of_sources(self, collection: str, sources: Sequence[str]) -> list[str]:
        """Ids of the documents of these sources."""
        found: list[str] = []
        for start in range(0, len(sources), _TOGETHER):
            some = sources[start : start + _TOGETHER]
            # Bound one by one: json_each would cut a source at a NUL and find another one's documents.
            marks = ", ".join("?" * len(some))
            rows = self._rows(
                "SELECT d.id FROM documents d JOIN collections c ON c.key = d.collection "  # noqa: S608  # only marks
                f"WHERE c.name = ? AND d.source IN ({marks})",
                (collection, *some),
            )
            found += [row[0] for row in rows]
        return sorted(found)

    def parts(self, collection: str, names: Sequence[str]) -> list[str]:
        """Ids of the documents that are records of these files."""
        rows = self._rows(
            "SELECT d.id FROM json_each(?) p JOIN collections c ON c.name = ? "
            "JOIN documents d ON d.collection = c.key AND d.id > p.value AND d.id < p.value || ? ORDER BY d.id",
            (json.dumps([part_prefix(name) for name in names]), collection, _LAST),
        )
        return [row[0] for row in rows]

    def text(self, collection: str, document_id: str) -> StoredText | None:
        """A document's canonical text."""
        rows = self._rows(
            "SELECT d.version, t.text FROM documents d JOIN collections c ON c.key = d.collection "
            "JOIN contents t ON t.document = d.key WHERE c.name = ? AND d.id = ?",
            (collection, document_id),
        )
        return StoredText(*rows[0]) if rows else None

    def held(self, collection: str, document_ids: Sequence[str]) -> list[HeldDocument]:
        """Those of these documents that exist, with text and outline."""
        rows = self._rows(
            f"SELECT t.text, t.outline, {_RECORD} JOIN contents t ON t.document = d.key "  # noqa: S608  # a constant
            "WHERE c.name = ? AND d.id IN (SELECT value FROM json_each(?))",
            (collection, json.dumps(list(document_ids))),
        )
        return [records.held(row[0], row[1], _record(row[2:])) for row in rows]

    def copy(self, target: Path) -> None:
        """Write the whole file to `target`, as it is at one moment."""
        with closing(sqlite3.connect(target)) as copy:
            self._connection().backup(copy)

    def chunks(self, collection: str, chunk_ids: Sequence[int]) -> list[ChunkRecord]:
        """Those chunks of the collection that exist, in the order asked for, all of one moment."""
        rows = self._rows(
            f"SELECT {_CHUNK} FROM chunks k JOIN documents d ON d.key = k.key >> ? "  # noqa: S608  # a constant
            "JOIN collections c ON c.key = d.collection "
            "WHERE c.name = ? AND k.key IN (SELECT value FROM json_each(?))",
            (ORDINAL_BITS, collection, json.dumps(list(chunk_ids))),
        )
        found = {row[0]: _chunk(row) for row in rows}
        return [found[key] for key in chunk_ids if key in found]

    def document_chunks(self, collection: str, document_id: str) -> list[ChunkRecord]:
        """All chunks of a document, in order."""
        rows = self._rows(
            f"SELECT {_CHUNK} FROM documents d JOIN collections c ON c.key = d.collection "  # noqa: S608  # a constant
            "JOIN chunks k ON k.key >= d.key << ? AND k.key < (d.key + 1) << ? "
            "WHERE c.name = ? AND d.id = ? ORDER BY k.key",
            (ORDINAL_BITS, ORDINAL_BITS, collection, document_id),
        )
        return [_chunk(row) for row in rows]

    def stats(self) -> list[CollectionStats]:
        """Every collection by name, with what it holds."""
        rows = self._rows(
            "SELECT c.name, count(d.key), coalesce(sum(d.chunks), 0) FROM collections c "
            "LEFT JOIN documents d ON d.collection = c.key GROUP BY c.key ORDER BY c.name"
        )
        return [CollectionStats(*row) for row in rows]

    def collections(self) -> dict[str, int]:
        """The key of each collection by its name."""
        return dict(self._rows("SELECT name, key FROM collections"))

    def documents(
        self, collection: int, keys: Sequence[int] | None = None, *, passages: bool = True
    ) -> Iterator[Indexable]:
        """Documents of a collection as the indexes see them: all, or those of these keys that exist."""
        if keys is None:
            keys = [
                row[0]
                for row in self._rows("SELECT key FROM documents WHERE collection = ? ORDER BY key", (collection,))
            ]
        for key in keys:
            found = self._indexable(collection, key, passages=passages)
            if found is not None:
                yield found

    def vectors(self, collection: int) -> Iterator[list[Indexable]]:
        """All documents of a collection without their passages, some at a time, read in one go."""
        cursor = self._connection().execute(
            "SELECT d.key, d.title, d.attributes, d.id, d.source, d.media_type, t.vectors FROM documents d "
            "JOIN contents t ON t.document = d.key WHERE d.collection = ? ORDER BY d.key",
            (collection,),
        )
        while rows := cursor.fetchmany(_TOGETHER):
            yield [self._described(row[0], row[1:], []) for row in rows]

    def changes(self, collection: int, after: int, *, passages: bool = True, limit: int | None = None) -> list[Change]:
        """Changes past `after`, oldest first and at most `limit`, each with the document's present content."""
        rows = self._rows(
            "SELECT sequence, document, chunks_before FROM changes WHERE collection = ? AND sequence > ? "
            "ORDER BY sequence LIMIT ?",
            (collection, after, -1 if limit is None else limit),
        )
        keys = dict.fromkeys(row[1] for row in rows)
        contents = {document.key: document for document in self.documents(collection, list(keys), passages=passages)}
        return [Change(sequence, collection, key, before, contents.get(key)) for sequence, key, before in rows]

    def changed(self) -> set[int]:
        """The collections that the log has changes of."""
        return {row[0] for row in self._rows("SELECT DISTINCT collection FROM changes")}

    def learnt(self, collection: int) -> int:
        """The last change of a collection that the log no longer holds: who has not seen it must start anew."""
        rows = self._rows("SELECT learnt FROM collections WHERE key = ?", (collection,))
        return int(rows[0][0]) if rows else 0

    def last_change(self, collection: int) -> int:
        """The number of the latest change of a collection."""
        rows = self._rows("SELECT max(sequence) FROM changes WHERE collection = ?", (collection,))
        return max(self.learnt(collection), int(rows[0][0] or 0))

    def last_sequence(self) -> int:
        """The number of the latest change ever logged."""
        rows = self._rows("SELECT seq FROM sqlite_sequence WHERE name = 'changes'")
        return int(rows[0][0]) if rows else 0

    def chunk_count(self, collection: int) -> int:
        """Chunks in a collection."""
        rows = self._rows("SELECT coalesce(sum(chunks), 0) FROM documents WHERE collection = ?", (collection,))
        return int(rows[0][0])

    def close(self) -> None:
        """Close the connections of all threads; none of them may be reading."""
        while self._open:
            self._open.pop().close()

    def _indexable(self, collection: int, key: int, *, passages: bool) -> Indexable | None:
        with self._snapshot():
            rows = self._rows(
                "SELECT d.title, d.attributes, d.id, d.source, d.media_type, t.vectors FROM documents d "
                "JOIN contents t ON t.document = d.key WHERE d.key = ? AND d.collection = ?",
                (key, collection),
            )
            found = self._passages(key) if passages else []
        return self._described(key, rows[0], found) if rows else None

    def _described(self, key: int, row: Sequence[Any], passages: Sequence[Passage]) -> Indexable:
        title, attributes, document_id, source, media_type, vectors = row
        fields = records.filterable(
            records.attributes_from(attributes), document_id=document_id, source=source, media_type=media_type
        )
        return Indexable(key, title, fields, passages, records.unpacked(vectors, self._dimension))

    def _passages(self, key: int) -> list[Passage]:
        rows = self._rows(
            "SELECT key, heading_path, passage FROM chunks WHERE key >= ? AND key < ? ORDER BY key",
            (chunk_key(key, 0), chunk_key(key + 1, 0)),
        )
        return [Passage(row[0], records.path_from(row[1]), row[2]) for row in rows]

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("COMMIT")

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection().execute(statement, values).fetchall()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._address, uri=True, isolation_level=None, check_same_thread=False)
            self._local.connection = connection
            self._open.append(connection)
        return connection


def _record(row: Sequence[Any]) -> DocumentRecord:
    names = [field.name for field in fields(DocumentRecord)]
    return DocumentRecord(**dict(zip(names, row, strict=True)) | {"attributes": records.attributes_from(row[8])})


def _chunk(row: Sequence[Any]) -> ChunkRecord:
    return ChunkRecord(
        chunk_id=row[0],
        document_id=row[1],
        source=row[2],
        title=row[3],
        version=row[4],
        ordinal=row[0] & ((1 << ORDINAL_BITS) - 1),
        start=row[5],
        end=row[6],
        text=row[7],
        heading_path=records.path_from(row[8]),
        page=row[9],
        attributes=records.attributes_from(row[10]),
        context=row[11],
    )
