"""How the store is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """Counts, and the state of the vector index: opening, filling, ready, failed or closed.

    Searches are complete in every state of it; a failed one costs speed in very large collections only. A keyword
    index that is not sound answers no search until the next write builds it anew. While `stale`, something was kept
    that searches do not show; the next write shows it.
    """

    collections: int
    documents: int
    chunks: int
    vector_index: str
    vector_index_behind: int
    vector_index_queries: int
    rebuilds: int
    keyword_index_sound: bool
    stale: bool
