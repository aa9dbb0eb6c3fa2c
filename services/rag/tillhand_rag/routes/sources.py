"""Sources: what is read again and again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response, status

from tillhand_common.problems import responses
from tillhand_common.security import Principal, require
from tillhand_rag.domain.ingestions import IngestionRequest
from tillhand_rag.errors import FolderNotAllowed, InvalidCursor, SourceNotFound, StoreUnavailable, TooManySources
from tillhand_rag.models.base import CollectionName, GivenId
from tillhand_rag.models.ingestions import Source, SourcePage, SourcePut
from tillhand_rag.ports.sources import SourcePlace
from tillhand_rag.routes.ingestion_shapes import (
    cursor_pair,
    ingestions,
    pair_cursor,
    refreshing,
    requester,
    source_out,
    to_read,
)
from tillhand_rag.service.ingestions import Ingestions
from tillhand_rag.service.refreshing import Refreshing

router = APIRouter(prefix="/v1/sources", tags=["ingestions"])

Reader = Annotated[Principal, Depends(require("rag:read"))]
Writer = Annotated[Principal, Depends(require("rag:write"))]
TheSources = Annotated[Refreshing, Depends(refreshing)]
InCollection = Annotated[CollectionName, Query(description="The collection; keys may be bound to some.")]


@router.put(
    "/{source_id}",
    responses={
        **responses(FolderNotAllowed, TooManySources, StoreUnavailable),
        201: {"model": Source, "description": "The source is new"},
    },
)
async def put_source(
    source_id: GivenId,
    body: SourcePut,
    principal: Writer,
    sources: TheSources,
    ingestions: Annotated[Ingestions, Depends(ingestions)],
    response: Response,
) -> Source:
    """Read a source now and again after each interval. The id is the client's choice, one for each collection."""
    principal.check_collection(body.collection)
    wanted = to_read(ingestions.folders, principal, body.collection, body.source)
    asked = IngestionRequest(body.collection, wanted, body.allow_empty)
    source, is_new = await sources.put(requester(principal), source_id, asked, body.refresh_every_s)
    response.status_code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
    return source_out(source, (await sources.last_jobs([source])).get(source.lane))


@router.get("", responses=responses(InvalidCursor, StoreUnavailable))
async def list_sources(
    principal: Reader,
    sources: TheSources,
    collection: Annotated[CollectionName | None, Query(description="only those of this collection")] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SourcePage:
    """The sources that the key may see, by collection and id, a page at a time."""
    if collection is not None:
        principal.check_collection(collection)
    place = cursor_pair(cursor)
    after = None if place is None else SourcePlace(*place)
    found = await sources.page(requester(principal), collection=collection, after=after, limit=limit + 1)
    jobs = await sources.last_jobs(found[:limit])
    last = found[:limit][-1] if len(found) > limit else None
    return SourcePage(
        items=[source_out(source, jobs.get(source.lane)) for source in found[:limit]],
        next_cursor=None if last is None else pair_cursor(last.collection, last.id),
    )


@router.get("/{source_id}", responses=responses(SourceNotFound, StoreUnavailable))
async def get_source(
    source_id: GivenId, principal: Reader, sources: TheSources, collection: InCollection = "default"
) -> Source:
    """A source, with its newest ingestion."""
    principal.check_collection(collection)
    source = await sources.get(collection, source_id)
    if source is None:
        raise SourceNotFound("There is no such source in this collection.", field="source_id")
    return source_out(source, (await sources.last_jobs([source])).get(source.lane))


@router.delete(
    "/{source_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    responses=responses(SourceNotFound, StoreUnavailable),
)
async def delete_source(
    source_id: GivenId, principal: Writer, sources: TheSources, collection: InCollection = "default"
) -> None:
    """Read a source no more. Its documents stay, and an ingestion of it that runs goes on."""
    principal.check_collection(collection)
    if not await sources.delete(collection, source_id):
        raise SourceNotFound("There is no such source in this collection.", field="source_id")
