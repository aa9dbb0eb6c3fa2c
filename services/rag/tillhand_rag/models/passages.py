"""Passages as they go over the wire."""

from __future__ import annotations

from tillhand_rag.models.base import Out


class Passage(Out):
    """A passage of a document: `text` is `stored_text[start:end]` of that version of it."""

    document_id: str
    source: str
    title: str
    version: str
    start: int
    end: int
    text: str
    heading_path: list[str]
    page: int | None
