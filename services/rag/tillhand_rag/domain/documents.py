"""What the knowledge base holds: documents with one canonical text per version, and chunks that point into it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

AttributeValue = str | int | float | bool
"""What a filter can compare: a document's attributes are flat and typed."""

RECORD: Final = "record"
"""The attribute that tells the documents of one file apart: a product's id."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the canonical text: its level (1 is the highest), its words, and where its line starts."""

    level: int
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a paged format: its 1-based number and the half-open span of canonical text that it holds."""

    number: int
    start: int
    end: int


@dataclass(frozen=True)
class ParsedDocument:
    """One document as a parser delivers it.

    `text` is the canonical text: NFC, line feeds only, no control characters. Every offset is in code points of it.
    `key` tells records of one file apart (a product's id); it is empty for a file that is one document.
    `attributes` are filterable: a product carries sku, brand, category, availability, price_minor and currency.
    """

    title: str
    text: str
    media_type: str
    headings: Sequence[Heading] = ()
    pages: Sequence[Page] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    key: str = ""

    @cached_property
    def version(self) -> str:
        """SHA-256 (hex) over everything that a reader or a filter can see of the document."""
        seen = repr((self.title, self.text, self.media_type, sorted(self.attributes.items())))
        return hashlib.sha256(seen.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: `text[start:end]` of its document, and the words that are embedded and indexed in its name.

    `context` is what stands before the passage in the embedded text (title, heading path), cut to its own budget;
    `tokens` counts context and passage together, special tokens included, and never exceeds the embedder's limit.
    """

    ordinal: int
    start: int
    end: int
    heading_path: tuple[str, ...]
    page: int | None
    context: str
    tokens: int


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A document ready to be stored: parsed, chunked, embedded.

    `vectors` holds one unit vector of float32 for each chunk, packed: shape (chunks, dimension), C order.
    """

    document_id: str
    source: str
    parsed: ParsedDocument
    chunks: Sequence[Chunk]
    vectors: bytes


def document_id(collection: str, source: str, key: str = "") -> str:
    """The id that a document gets when the client names none: the same source always gets the same id."""
    digest = hashlib.sha256("\x1f".join((collection, source, key)).encode()).hexdigest()
    return f"doc_{digest[:24]}"


def part_prefix(name: str) -> str:
    """What the ids of a file's records begin with when the client named the file."""
    return f"{name}:"


def part_id(name: str, key: str) -> str:
    """The id of one record of a file that the client named."""
    return part_prefix(name) + hashlib.sha256(key.encode()).hexdigest()[:24]


def is_derived(name: str) -> bool:
    """Whether an id was derived from a source rather than given by a client."""
    return len(name) == len("doc_") + 24 and name.startswith("doc_")
