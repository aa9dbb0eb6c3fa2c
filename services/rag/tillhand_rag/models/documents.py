"""Documents as they go over the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tillhand_rag.domain.documents import AttributeValue
from tillhand_rag.models.base import Attributes, CollectionName, GivenId, In, Out


class TextDocument(In):
    """A document given as text. `source` names where it comes from; the same source replaces."""

    collection: CollectionName = "default"
    id: GivenId | None = None
    source: str = Field(min_length=1, max_length=1_000)
    title: str | None = Field(default=None, max_length=1_000)
    text: str = Field(min_length=1)
    media_type: Literal["text/markdown", "text/plain", "text/html", "text/csv", "application/json"] = "text/markdown"
    attributes: Attributes


class UploadForm(In):
    """The fields beside `file` of a multipart upload; the source is the file's name unless given."""

    collection: CollectionName = "default"
    id: GivenId | None = None
    source: str | None = Field(default=None, min_length=1, max_length=1_000)
    title: str | None = Field(default=None, max_length=1_000)
    attributes: Attributes


class Document(Out):
    """A stored document."""

    collection: str
    id: str
    source: str
    title: str = Field(description="empty where neither the text nor its source has one")
    media_type: str
    version: str = Field(description="SHA-256 over text, title and attributes")
    characters: int
    chunks: int
    attributes: dict[str, AttributeValue]
    created_at: str
    updated_at: str


class Refusal(Out):
    """Why a line of an upload was refused, in the words of a problem."""

    line: int = Field(description="counted from 1")
    type: str
    title: str
    status: int
    detail: str
    field: str | None = None


class DocumentBatch(Out):
    """What one upload became: a file of products becomes a document per record, as do many lines one each."""

    documents: list[Document]
    created: int
    updated: int
    unchanged: int
    refused: list[Refusal] = Field(default_factory=list, description="lines that could not be taken; the others were")


class DocumentPage(Out):
    """A page of documents, by id."""

    items: list[Document]
    next_cursor: str | None


class TextSpan(Out):
    """A span of a document's canonical text."""

    document_id: str
    version: str
    start: int
    end: int
    text: str
