"""Search."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends

from tillhand_common.problems import responses
from tillhand_common.security import Principal, require
from tillhand_rag.domain.matching import TermMatcher
from tillhand_rag.domain.query import Query
from tillhand_rag.errors import CollectionNotFound, EmbedderUnavailable, InvalidFilter, StoreUnavailable
from tillhand_rag.models.questions import Hit, SearchRequest, SearchResponse, Times, Why
from tillhand_rag.routes.dependencies import conditions, search
from tillhand_rag.routes.passage_shapes import passage_fields
from tillhand_rag.service.routed import RoutedSearch
from tillhand_rag.service.search import RankedPassage

router = APIRouter(prefix="/v1", tags=["search and answers"])

Reader = Annotated[Principal, Depends(require("rag:read"))]
_PROBLEMS = responses(CollectionNotFound, InvalidFilter, EmbedderUnavailable, StoreUnavailable)


@router.post("/search", responses=_PROBLEMS)
async def search_passages(
    body: SearchRequest, principal: Reader, search: Annotated[RoutedSearch, Depends(search)]
) -> SearchResponse:
    """Find passages by meaning (`dense`), by words (`keyword`), or by both (`hybrid`)."""
    principal.check_collection(body.collection)
    started = time.perf_counter()
    query = Query(body.query, body.collection, body.mode, conditions(body.filters), body.top_k)
    found = await search.search(query)
    matcher = TermMatcher(body.query)
    hits = [_hit(matcher, passage) for passage in found.passages]
    times = _times(found.embed_ms, found.retrieve_ms, started)
    return SearchResponse(collection=body.collection, mode=body.mode, hits=hits, times_ms=times)


def _hit(matcher: TermMatcher, passage: RankedPassage) -> Hit:
    chunk, rank = passage.chunk, passage.rank
    return Hit(
        **passage_fields(chunk),
        attributes=chunk.attributes,
        score=rank.score,
        why=Why(
            dense_rank=rank.dense_rank,
            dense_score=rank.dense_score,
            keyword_rank=rank.keyword_rank,
            keyword_score=rank.keyword_score,
            rerank_score=passage.judged,
            matched_terms=matcher.terms(chunk.text),
        ),
    )


def _times(embed_ms: float, retrieve_ms: float, started: float) -> Times:
    total = (time.perf_counter() - started) * 1e3
    return Times(embed=round(embed_ms, 3), retrieve=round(retrieve_ms, 3), total=round(total, 3))
