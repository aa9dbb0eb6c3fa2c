"""Stored documents as the indexes see them, and the JSON that some columns hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tillhand_rag.domain.documents import AttributeValue, Heading, IndexedDocument, Page, ParsedDocument
from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.ports.store import DocumentRecord, HeldDocument
from tillhand_rag.store.schema import chunk_key


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as the keyword index sees it."""

    chunk: int
    heading_path: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Indexable:
    """A stored document as the indexes see it. `vectors` has shape (chunks, dimension).

    `passages` is empty where only vectors were asked for.
    """

    key: int
    title: str
    fields: Mapping[str, AttributeValue]
    passages: Sequence[Passage]
    vectors: Vectors

    @property
    def chunks(self) -> list[int]:
        """The ids of its chunks, in order."""
        return [chunk_key(self.key, ordinal) for ordinal in range(len(self.vectors))]


@dataclass(frozen=True, slots=True)
class Change:
    """A document of a collection was written (`content`) or removed (None); it had `chunks_before` chunks."""

    sequence: int
    collection: int
    document: int
    chunks_before: int
    content: Indexable | None

    @property
    def chunks_after(self) -> int:
        """How many chunks the document has now."""
        return 0 if self.content is None else len(self.content.vectors)


def filterable(
    attributes: Mapping[str, AttributeValue], *, document_id: str, source: str, media_type: str
) -> dict[str, AttributeValue]:
    """Everything that a filter can compare; an attribute that is named like a field of the document gives way."""
    return {**attributes, "document_id": document_id, "source": source, "media_type": media_type}


def unpacked(vectors: bytes, dimension: int) -> Vectors:
    """Packed vectors as a read-only array of shape (chunks, dimension)."""
    return np.frombuffer(vectors, dtype="<f4").reshape(-1, dimension)


def checked(documents: Sequence[IndexedDocument], dimension: int) -> None:
    """Raise `ValueError` for a document whose parts do not fit one another."""
    for document in documents:
        _check(document, dimension)


def _check(document: IndexedDocument, dimension: int) -> None:
    if len(document.vectors) != len(document.chunks) * dimension * 4:
        raise ValueError(f"{document.document_id}: {len(document.chunks)} chunks need as many vectors")
    if not np.isfinite(unpacked(document.vectors, dimension)).all():
        raise ValueError(f"{document.document_id}: a vector is not finite")
    if any(value != value for value in document.parsed.attributes.values()):  # noqa: PLR0124  # only NaN differs from itself
        raise ValueError(f"{document.document_id}: an attribute is not a number")
    length = len(document.parsed.text)
    for ordinal, chunk in enumerate(document.chunks):
        if chunk.ordinal != ordinal or not 0 <= chunk.start < chunk.end <= length:
            raise ValueError(f"{document.document_id}: chunk {ordinal} does not lie in the text")


def attributes_json(attributes: Mapping[str, AttributeValue]) -> str:
    """Attributes as a column holds them."""
    return json.dumps(dict(attributes), separators=(",", ":"))


def attributes_from(column: str) -> dict[str, AttributeValue]:
    """Attributes out of their column."""
    found: dict[str, AttributeValue] = json.loads(column)
    return found


def outline_json(headings: Sequence[Heading], pages: Sequence[Page]) -> str:
    """Headings and pages as a column holds them."""
    outline = {
        "headings": [(heading.level, heading.title, heading.start) for heading in headings],
        "pages": [(page.number, page.start, page.end) for page in pages],
    }
    return json.dumps(outline, separators=(",", ":"))


def held(text: str, outline: str, record: DocumentRecord) -> HeldDocument:
    """A document out of its columns, as a parser would have delivered it."""
    described = json.loads(outline)
    parsed = ParsedDocument(
        title=record.title,
        text=text,
        media_type=record.media_type,
        headings=[Heading(*heading) for heading in described["headings"]],
        pages=[Page(*page) for page in described["pages"]],
        attributes=record.attributes,
    )
    return HeldDocument(record, parsed)


def path_json(heading_path: Sequence[str]) -> str:
    """A heading path as a column holds it."""
    return json.dumps(list(heading_path), ensure_ascii=False, separators=(",", ":"))


def path_from(column: str) -> tuple[str, ...]:
    """A heading path out of its column."""
    return tuple(json.loads(column))
