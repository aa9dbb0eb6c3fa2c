"""What concerns the whole installation: indexes, rebuilds, ways back, and every such operation as a job."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, status

from tillhand_common.problems import responses
from tillhand_common.security import Principal
from tillhand_common.sse import Event, event_stream
from tillhand_rag.errors import (
    IndexNotFound,
    InvalidCursor,
    JobNotFound,
    NothingToRollBack,
    StoreUnavailable,
    TooManyJobs,
)
from tillhand_rag.models.operations import (
    IndexList,
    IndexToRebuild,
    IndexToRollBack,
    Operation,
    OperationPage,
)
from tillhand_rag.ports.jobs import Place
from tillhand_rag.routes.dependencies import recorded_as
from tillhand_rag.routes.ingestion_shapes import cursor_pair, pair_cursor
from tillhand_rag.routes.operation_shapes import accepted, index_list, installation_admin, operation_out, operations
from tillhand_rag.service.operations import KindName, Operations

router = APIRouter(prefix="/v1", tags=["operations"], dependencies=[Depends(installation_admin)])

Admin = Annotated[Principal, Depends(installation_admin)]
TheOperations = Annotated[Operations, Depends(operations)]

EVENTS = "text/event-stream"
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The operation; with `Accept: text/event-stream` an event `progress` after each step, and "
        "`done` at the end, each with the operation as its data.",
        "content": {EVENTS: {"schema": {"type": "string"}}},
    }
}


@router.get("/indexes", responses=responses(StoreUnavailable))
async def list_indexes(operations: TheOperations, request: Request) -> IndexList:
    """Every index: the generation that serves, the one before it, and whether the settings ask for another."""
    return await index_list(operations.rebuilding, request.app.state.rag.indexes)


@router.post(
    "/rebuilds",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Operation,
    responses=responses(IndexNotFound, TooManyJobs, StoreUnavailable),
)
async def start_rebuild(body: IndexToRebuild, principal: Admin, operations: TheOperations) -> Response:
    """Make an index anew beside the live one, check it with the golden questions, and let it take over."""
    return accepted(await operations.rebuild(recorded_as(principal), principal.tenant, body.index, force=body.force))


@router.post(
    "/rollbacks",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Operation,
    responses=responses(IndexNotFound, NothingToRollBack, TooManyJobs, StoreUnavailable),
)
async def start_rollback(body: IndexToRollBack, principal: Admin, operations: TheOperations) -> Response:
    """Let the generation before serve again, with everything that was written since."""
    return accepted(await operations.rollback(recorded_as(principal), principal.tenant, body.index))


@router.get("/operations", responses=responses(InvalidCursor, StoreUnavailable))
async def list_operations(
    operations: TheOperations,
    kind: Annotated[KindName, Query(description="which operations")],
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> OperationPage:
    """Operations of a kind, the newest first, a page at a time."""
    place = cursor_pair(cursor)
    found = await operations.page(kind, after=None if place is None else Place(*place), limit=limit + 1)
    last = found[:limit][-1] if len(found) > limit else None
    return OperationPage(
        items=[operation_out(job) for job in found[:limit]],
        next_cursor=None if last is None else pair_cursor(last.created_at, last.id),
    )


@router.get(
    "/operations/{operation_id}",
    response_model=Operation,
    responses={**responses(JobNotFound, StoreUnavailable), **_STREAM},
)
async def get_operation(
    operation_id: Annotated[str, Path(max_length=64)],
    request: Request,
    operations: TheOperations,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
    last_event_id: Annotated[str | None, Header(description="the last event that was received")] = None,
) -> Operation | Response:
    """An operation as it is now, or its progress as events until it ends."""
    job = await operations.find(operation_id)
    if job is None:
        raise JobNotFound("There is no such operation.", field="operation_id")
    if EVENTS not in accept.lower():
        return operation_out(job)
    return event_stream(request, _events(operations, operation_id, last_event_id))


async def _events(operations: Operations, job_id: str, seen: str | None) -> AsyncGenerator[Event, None]:
    async for job in operations.jobs.watch(job_id, seen=seen):
        name = "done" if job.finished else "progress"
        yield Event(operation_out(job).model_dump(mode="json"), event=name, id=job.event_id)
