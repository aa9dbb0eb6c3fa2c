"""How the store is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """Counts, and the state of the vector index: opening, filling, ready, failed or closed.

    Searches are complete in every state; a failed vector index costs speed in very large collections only.
    """

    collections: int
    documents: int
    chunks: int
    vector_index: str
    vector_index_behind: int
    vector_index_queries: int
    rebuilds: int
