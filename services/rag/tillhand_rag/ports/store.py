"""Documents and both of their indexes as one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from tillhand_rag.domain.documents import AttributeValue, IndexedDocument, ParsedDocument
from tillhand_rag.domain.filters import Filter
from tillhand_rag.ports.embedding import Vectors


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A stored document without its text. Times are RFC 3339 UTC."""

    collection: str
    document_id: str
    source: str
    title: str
    media_type: str
    version: str
    characters: int
    chunks: int
    attributes: dict[str, AttributeValue]
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class StoredText:
    """The canonical text of one version of a document."""

    version: str
    text: str


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A stored chunk with its text and enough of its document to cite it.

    `context` is what stands before the text where the chunk is embedded.
    """

    chunk_id: int
    document_id: str
    source: str
    title: str
    version: str
    ordinal: int
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    page: int | None
    attributes: dict[str, AttributeValue]
    context: str


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A stored document with everything that it can be indexed from anew."""

    record: DocumentRecord
    parsed: ParsedDocument


@dataclass(frozen=True, slots=True)
class Dates:
    """When a document was created and last updated, RFC 3339 UTC."""

    created_at: str
    updated_at: str


class Candidate(NamedTuple):
    """A chunk that one list proposes. Higher scores are better; scales differ between lists."""

    chunk_id: int
    score: float


@dataclass(frozen=True, slots=True)
class CollectionStats:
    """How much a collection holds."""

    name: str
    documents: int
    chunks: int


class StoreState(Protocol):
    """How the store and its derived indexes are."""

    @property
    def vector_index(self) -> str: ...
    @property
    def vector_index_behind(self) -> int: ...
    @property
    def rebuilds(self) -> int: ...
    @property
    def keyword_index_sound(self) -> bool: ...
    @property
    def stale(self) -> bool: ...


class KnowledgeStore(Protocol):
    """Documents and both indexes as one thing: what a write acknowledged is found by every read after it."""

    async def put(
        self,
        collection: str,
        documents: Sequence[IndexedDocument],
        *,
        remove: Sequence[str] = (),
        dates: Mapping[str, Dates] | None = None,
    ) -> Sequence[DocumentRecord]:
        """Insert or replace each document as a whole, and remove others; all of one call become visible together.

        `dates` are those of documents that have been stored elsewhere before, by id.
        """
        ...

    def status(self) -> StoreState:
        """How the store is; reads memory only."""
        ...

    def has(self, collection: str) -> bool:
        """Whether there is such a collection; reads memory only."""
        ...

    def version(self, collection: str) -> str:
        """Changes with every write to the collection, once reads show it; empty for none. Reads memory only."""
        ...

    async def held(self, collection: str, document_ids: Sequence[str]) -> Sequence[HeldDocument]:
        """Those of these documents that exist, as they can be indexed from anew."""
        ...

    async def of_sources(self, collection: str, sources: Sequence[str]) -> Sequence[str]:
        """The ids of the documents that came from any of these sources."""
        ...

    async def parts(self, collection: str, names: Sequence[str]) -> Sequence[str]:
        """The ids of the records of files that clients gave these ids."""
        ...

    async def versions(self, collection: str, document_ids: Sequence[str]) -> dict[str, str]:
        """The stored version hash of each of these documents that exists."""
        ...

    async def get(self, collection: str, document_id: str) -> DocumentRecord | None: ...

    async def records(self, collection: str, document_ids: Sequence[str]) -> Sequence[DocumentRecord]:
        """Those of these documents that exist, without their texts."""
        ...

    async def text(self, collection: str, document_id: str) -> StoredText | None:
        """The canonical text and the version that it belongs to."""
        ...

    async def list(self, collection: str, *, after: str | None, limit: int) -> Sequence[DocumentRecord]:
        """Documents by id, those after `after`."""
        ...

    async def delete(self, collection: str, document_id: str) -> bool:
        """Remove text, chunks, vectors and index entries; False when there was none."""
        ...

    async def delete_collection(self, collection: str) -> bool: ...

    async def copy(self, target: Path) -> None:
        """Write the truth to a file that does not exist, as it is at one moment; reads and writes go on."""
        ...

    async def collections(self) -> Sequence[CollectionStats]: ...

    async def dense(self, collection: str, vector: Vectors, *, where: Filter, limit: int) -> Sequence[Candidate]:
        """Nearest chunks by cosine, best first. `vector` has shape (dimension,)."""
        ...

    async def keyword(self, collection: str, query: str, *, where: Filter, limit: int) -> Sequence[Candidate]:
        """Best chunks by BM25, best first. Any text is a valid query: nothing in it is query syntax."""
        ...

    async def known(self, collection: str, words: Sequence[str]) -> frozenset[str]:
        """Those of these words that the collection's documents hold in some form."""
        ...

    async def chunks(self, collection: str, chunk_ids: Sequence[int]) -> Sequence[ChunkRecord]:
        """These chunks in this order; one that has gone is left out."""
        ...

    async def document_chunks(self, collection: str, document_id: str) -> Sequence[ChunkRecord]:
        """All chunks of a document, in order."""
        ...
