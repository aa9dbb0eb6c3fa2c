"""The tables of the truth. Whatever else is on disk can be built again from them."""

from __future__ import annotations

from typing import Final

from tillhand_rag.domain.backups import APPLICATION_ID, SCHEMA_VERSION

__all__ = ["APPLICATION_ID", "ORDINAL_BITS", "SCHEMA_VERSION", "TABLES", "chunk_key", "document_of"]

ORDINAL_BITS: Final = 20
"""A chunk's id is its document's key, shifted by this, plus its ordinal: stable while the document is replaced."""

TABLES: Final = """
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE collections (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    learnt INTEGER NOT NULL DEFAULT 0 -- the last change that the log no longer holds
) STRICT;

CREATE TABLE documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections (key),
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    media_type TEXT NOT NULL,
    version TEXT NOT NULL,
    characters INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (collection, id)
) STRICT;

CREATE INDEX documents_by_source ON documents (collection, source);

-- Apart from documents, so that a listing never reads past texts and vectors.
CREATE TABLE contents (
    document INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE,
    text TEXT NOT NULL,
    outline TEXT NOT NULL,
    vectors BLOB NOT NULL
) STRICT;

-- key = document << 20 | ordinal. The passage is kept beside the text: a hit in a long document costs no full read.
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    passage TEXT NOT NULL,
    heading_path TEXT NOT NULL,
    page INTEGER,
    context TEXT NOT NULL,
    tokens INTEGER NOT NULL
) STRICT;

-- What the indexes have still to learn, in order: document `document`, which had `chunks_before` chunks, has changed.
CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL,
    document INTEGER NOT NULL,
    chunks_before INTEGER NOT NULL
) STRICT;
"""


def chunk_key(document: int, ordinal: int) -> int:
    """The id of a document's chunk."""
    return document << ORDINAL_BITS | ordinal


def document_of(chunk: int) -> int:
    """The key of the document that a chunk belongs to."""
    return chunk >> ORDINAL_BITS
