"""Ingestions: started as jobs, watched, cancelled."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, status
from fastapi.responses import JSONResponse

from tillhand_common.problems import BodyTooLarge, MalformedBody, UnsupportedMediaType, responses
from tillhand_common.security import Principal, require
from tillhand_common.sse import Event, event_stream
from tillhand_rag.domain.ingestions import IngestionRequest
from tillhand_rag.errors import FolderNotAllowed, InvalidCursor, JobNotFound, StoreUnavailable, TooManyJobs
from tillhand_rag.models.base import CollectionName
from tillhand_rag.models.ingestions import Ingestion, IngestionPage, IngestionStart, UploadsForm
from tillhand_rag.ports.jobs import Job, Place
from tillhand_rag.routes.ingestion_shapes import (
    cursor_pair,
    event_out,
    ingestion_out,
    ingestions,
    pair_cursor,
    requester,
    to_read,
)
from tillhand_rag.routes.upload_forms import MOST_FILES, incoming_files
from tillhand_rag.routes.uploads import media_type, parsed, validated
from tillhand_rag.service.ingestions import Ingestions

router = APIRouter(prefix="/v1/ingestions", tags=["ingestions"])

Reader = Annotated[Principal, Depends(require("rag:read"))]
Writer = Annotated[Principal, Depends(require("rag:write"))]
TheIngestions = Annotated[Ingestions, Depends(ingestions)]
IngestionId = Annotated[str, Path(max_length=64)]

EVENTS = "text/event-stream"
_START = IngestionStart.model_json_schema(ref_template="#/components/schemas/{model}")
del _START["$defs"]  # they are components already: sources take them as well
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _START},
            "multipart/form-data": {
                "schema": {
                    **UploadsForm.model_json_schema(),
                    "properties": {
                        "file": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "minItems": 1,
                            "maxItems": MOST_FILES,
                        },
                        **UploadsForm.model_json_schema()["properties"],
                    },
                    "required": ["file"],
                }
            },
        },
    }
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The ingestion; with `Accept: text/event-stream` an event `progress` after each step, whose "
        "data is an `IngestionEvent`, and `done` with the whole ingestion at the end.",
        "content": {EVENTS: {"schema": {"type": "string"}}},
    }
}


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Ingestion,
    responses=responses(
        MalformedBody, UnsupportedMediaType, BodyTooLarge, FolderNotAllowed, TooManyJobs, StoreUnavailable
    ),
    openapi_extra=_BODY,
)
async def start_ingestion(request: Request, principal: Writer, ingestions: TheIngestions) -> Response:
    """Read a folder of the server, pages of the web, or uploaded files into a collection, as a job."""
    if media_type(request) == "multipart/form-data":
        return _accepted(await _start_uploads(request, principal, ingestions))
    if media_type(request) != "application/json":
        raise UnsupportedMediaType("Send application/json or multipart/form-data.", field="content-type")
    wanted = validated(IngestionStart, parsed(await request.body()))
    principal.check_collection(wanted.collection)
    source = to_read(ingestions.folders, principal, wanted.collection, wanted.source)
    asked = IngestionRequest(wanted.collection, source, wanted.allow_empty)
    return _accepted(await ingestions.start(requester(principal), asked))


@router.get("", responses=responses(InvalidCursor, StoreUnavailable))
async def list_ingestions(
    principal: Reader,
    ingestions: TheIngestions,
    collection: Annotated[CollectionName | None, Query(description="only those of this collection")] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> IngestionPage:
    """The ingestions that the key may see, the newest first, a page at a time."""
    if collection is not None:
        principal.check_collection(collection)
    place = cursor_pair(cursor)
    after = None if place is None else Place(*place)
    found = await ingestions.page(requester(principal), collection=collection, after=after, limit=limit + 1)
    last = found[:limit][-1] if len(found) > limit else None
    return IngestionPage(
        items=[ingestion_out(job) for job in found[:limit]],
        next_cursor=None if last is None else pair_cursor(last.created_at, last.id),
    )


@router.get(
    "/{ingestion_id}", response_model=Ingestion, responses={**responses(JobNotFound, StoreUnavailable), **_STREAM}
)
async def get_ingestion(
    ingestion_id: IngestionId,
    request: Request,
    principal: Reader,
    ingestions: TheIngestions,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
    last_event_id: Annotated[str | None, Header(description="the last event that was received")] = None,
) -> Ingestion | Response:
    """An ingestion as it is now, or its progress as events until it ends."""
    job = _found(await ingestions.find(requester(principal), ingestion_id))
    if EVENTS not in accept.lower():
        return ingestion_out(job)
    return event_stream(request, _events(ingestions, ingestion_id, last_event_id))


@router.post("/{ingestion_id}/cancel", responses=responses(BodyTooLarge, JobNotFound, StoreUnavailable))
async def cancel_ingestion(ingestion_id: IngestionId, principal: Writer, ingestions: TheIngestions) -> Ingestion:
    """Stop an ingestion; what it has stored stays. One that has ended already is left as it is."""
    return ingestion_out(_found(await ingestions.cancel(requester(principal), ingestion_id)))


async def _start_uploads(request: Request, principal: Principal, ingestions: Ingestions) -> Job:
    async with request.form(max_files=MOST_FILES, max_fields=8) as form:
        given, files = incoming_files(form)
        principal.check_collection(given.collection)
        return await ingestions.start_uploads(requester(principal), given.collection, files)


async def _events(ingestions: Ingestions, job_id: str, seen: str | None) -> AsyncGenerator[Event, None]:
    async for job in ingestions.jobs.watch(job_id, seen=seen):
        data = ingestion_out(job) if job.finished else event_out(job)
        yield Event(data.model_dump(mode="json"), event="done" if job.finished else "progress", id=job.event_id)


def _found(job: Job | None) -> Job:
    if job is None:
        raise JobNotFound("There is no such ingestion.", field="ingestion_id")
    return job


def _accepted(job: Job) -> Response:
    return JSONResponse(
        ingestion_out(job).model_dump(mode="json"),
        status_code=status.HTTP_202_ACCEPTED,
        headers={"location": f"/v1/ingestions/{job.id}"},
    )
