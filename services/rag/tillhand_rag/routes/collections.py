"""Collections: listed and deleted; they come to be with their first document."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from tillhand_common.problems import responses
from tillhand_common.security import Principal, require
from tillhand_rag.errors import CollectionNotFound, InvalidCursor, StoreUnavailable
from tillhand_rag.models.base import CollectionName
from tillhand_rag.models.collections import Collection, CollectionPage
from tillhand_rag.routes.dependencies import decode_cursor, encode_cursor, removal, store
from tillhand_rag.service.routed import RoutedRemoval, RoutedStore

router = APIRouter(prefix="/v1/collections", tags=["collections"])


@router.get("", responses=responses(InvalidCursor, StoreUnavailable))
async def list_collections(
    principal: Annotated[Principal, Depends(require("rag:read"))],
    store: Annotated[RoutedStore, Depends(store)],
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 500,
) -> CollectionPage:
    """The collections that the key may see, by name, a page at a time."""
    after = decode_cursor(cursor) or ""
    visible = [s for s in await store.collections() if s.name > after and principal.may_see(s.name)]
    items = [Collection(name=s.name, documents=s.documents, chunks=s.chunks) for s in visible[:limit]]
    return CollectionPage(items=items, next_cursor=encode_cursor(items[-1].name) if len(visible) > limit else None)


@router.delete(
    "/{collection}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    responses=responses(CollectionNotFound, StoreUnavailable),
)
async def delete_collection(
    request: Request,
    collection: CollectionName,
    principal: Annotated[Principal, Depends(require("rag:write"))],
    removal: Annotated[RoutedRemoval, Depends(removal)],
) -> None:
    """Remove a collection with all that is in it, and end what reads into it."""
    principal.check_collection(collection)
    await request.app.state.work.forget_collection(collection)
    if not await removal.collection(collection):
        raise CollectionNotFound("There is no such collection.", field="collection")
