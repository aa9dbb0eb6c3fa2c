"""Collections as they go over the wire."""

from __future__ import annotations

from tillhand_rag.models.base import Out


class Collection(Out):
    """A collection and how much it holds."""

    name: str
    documents: int
    chunks: int


class CollectionPage(Out):
    """A page of the collections that the key may see, by name."""

    items: list[Collection]
    next_cursor: str | None
