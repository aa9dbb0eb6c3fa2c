"""Searches as they go over the wire."""

from __future__ import annotations

from pydantic import Field

from tillhand_rag.domain.documents import AttributeValue
from tillhand_rag.domain.query import Mode
from tillhand_rag.models.base import CollectionName, Filters, In, Out
from tillhand_rag.models.passages import Passage

MAX_TOP_K = 200

MAX_QUERY_CHARACTERS = 4_000


class SearchRequest(In):
    """A search. `hybrid` fuses the dense and the keyword list."""

    query: str = Field(min_length=1, max_length=MAX_QUERY_CHARACTERS)
    collection: CollectionName = "default"
    mode: Mode = "hybrid"
    filters: Filters
    top_k: int = Field(default=10, ge=1, le=MAX_TOP_K)


class Why(Out):
    """Why a hit was found: its place (1-based) and score in each list, and the query's words that it holds."""

    dense_rank: int | None = None
    dense_score: float | None = Field(default=None, description="cosine similarity, -1 to 1")
    keyword_rank: int | None = None
    keyword_score: float | None = Field(default=None, description="BM25")
    rerank_score: float | None = Field(
        default=None, description="what the re-ranker says, where one is configured: then it orders"
    )
    matched_terms: list[str] = Field(default_factory=list)


class Hit(Passage):
    """A passage found. `text` is `stored_text[start:end]` of that version of the document."""

    attributes: dict[str, AttributeValue]
    score: float
    why: Why


class Times(Out):
    """Where the time went, in milliseconds."""

    embed: float
    retrieve: float
    total: float


class SearchResponse(Out):
    """Hits, best first."""

    collection: str
    mode: Mode
    hits: list[Hit]
    times_ms: Times
