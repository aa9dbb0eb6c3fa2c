"""Passages between what is stored and their wire shapes."""

from __future__ import annotations

from typing import Any

from tillhand_rag.models.passages import Passage
from tillhand_rag.ports.store import ChunkRecord


def passage_fields(chunk: ChunkRecord) -> dict[str, Any]:
    """The fields of a `Passage`, for whatever carries them."""
    return {
        "document_id": chunk.document_id,
        "source": chunk.source,
        "title": chunk.title,
        "version": chunk.version,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
        "heading_path": list(chunk.heading_path),
        "page": chunk.page,
    }


def passage_out(chunk: ChunkRecord) -> Passage:
    """A passage that an answer is made from."""
    return Passage(**passage_fields(chunk))
