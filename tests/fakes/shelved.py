"""Documents ready to be stored, made of nothing but words, and stores to put them into."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from tests.fakes.embedder import fake_space, hashed_vectors
from tillhand_rag.domain.documents import AttributeValue, Chunk, IndexedDocument, ParsedDocument
from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.store import Store, StoreOptions, open_store

WORDS_PER_CHUNK = 5
NEVER_S = 1e6
NEVER = 10**9


def document(
    name: str,
    text: str,
    *,
    title: str = "",
    source: str = "",
    attributes: Mapping[str, AttributeValue] | None = None,
    heading_path: Sequence[str] = (),
) -> IndexedDocument:
    """A document of these words, five to a chunk."""
    parsed = ParsedDocument(title or name, text, "text/plain", attributes=dict(attributes or {}))
    chunks = [
        Chunk(ordinal, start, end, tuple(heading_path), None, parsed.title, 10)
        for ordinal, (start, end) in enumerate(_spans(text))
    ]
    vectors = hashed_vectors([text[chunk.start : chunk.end] for chunk in chunks])
    return IndexedDocument(name, source or f"source/{name}", parsed, chunks, vectors.tobytes())


def vector(text: str) -> Vectors:
    """The vector of a query."""
    found: Vectors = hashed_vectors([text])[0]
    return found


@asynccontextmanager
async def opened(
    folder: Path,
    *,
    erase_after_s: float = NEVER_S,
    approximate_from: int = NEVER,
    vectors_in: Literal["process", "thread"] = "thread",
    vectors_after_s: float = NEVER_S,
) -> AsyncIterator[Store]:
    """A store in this folder. By default it erases and builds its vector index only when it is told to."""
    options = StoreOptions(erase_after_s, approximate_from, vectors_in, vectors_after_s)
    store = await open_store(folder, fake_space(), options=options)
    try:
        yield store
    finally:
        await store.close()


async def found(store: Store, query: str, *, collection: str = "default", limit: int = 50) -> set[str]:
    """The documents that either list finds for a query; every candidate exists, and both lists say the same of it."""
    near = await store.dense(collection, vector(query), where=(), limit=limit)
    worded = await store.keyword(collection, query, where=(), limit=limit)
    chunk_ids = list(dict.fromkeys(candidate.chunk_id for candidate in [*near, *worded]))
    return {chunk.document_id for chunk in await store.chunks(collection, chunk_ids)}


def _spans(text: str) -> list[tuple[int, int]]:
    words = text.split(" ")
    spans, start = [], 0
    for first in range(0, len(words), WORDS_PER_CHUNK):
        end = start + len(" ".join(words[first : first + WORDS_PER_CHUNK]))
        spans.append((start, end))
        start = end + 1
    return spans
