"""Files given to the knowledge base, which reads them as a job whose state a page shows."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import ValidationError
from sse_starlette.sse import EventSourceResponse
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tillhand_common.problems import responses
from tillhand_common.sse import Event, event_stream
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.quoting import visible
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.knowledge_views import IngestionView
from tillhand_dashboard.ports.views import Upload
from tillhand_dashboard.routes.ask import Asker
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, SignedIn, field
from tillhand_dashboard.routes.documents import Writer
from tillhand_dashboard.routes.failures import wants_page

router = APIRouter(prefix="/uploads", tags=["pages"], default_response_class=HTMLResponse)
UNKNOWN_TYPE: Final = "application/octet-stream"


@router.post("", responses=responses(errors.FormExpired))
async def upload(request: Request, parts: Parts, person: Writer, form: Form) -> Response:
    """Have files read; goes on to the page of the job. A script is told where that is, or why not, as JSON."""
    files = await _files(form)
    if not files:
        chosen = Failure("refused", "No file was chosen.", "Choose one or more, and send the form again.")
        return _refused(request, parts, person, chosen)
    # The boundary of a form is another each time, so a key of the page would not know it again; files by the same name
    # that are read twice are stored once.
    result = await parts.knowledge.ingest(person, files, field(form, "collection") or "default", secrets.token_hex(16))
    if isinstance(result, Failure):
        return _refused(request, parts, person, result)
    place = f"/uploads/{result.value.id}"
    if not wants_page(request):
        return JSONResponse({"location": place}, HTTPStatus.CREATED, headers={"location": place})
    return RedirectResponse(place, status_code=HTTPStatus.SEE_OTHER)


@router.get("/{ingestion_id}")
async def show_upload(ingestion_id: str, request: Request, parts: Parts, person: SignedIn) -> Response:
    """How far a job is. A script keeps it up to date; without one the page is loaded again."""
    return _page(request, parts, person, await parts.knowledge.ingestion(person, ingestion_id))


@router.get(
    "/{ingestion_id}/events",
    response_class=EventSourceResponse,
    responses={
        **responses(errors.SignInNeeded, errors.NotAllowed),
        200: {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    },
)
async def follow_upload(ingestion_id: str, request: Request, parts: Parts, person: Asker) -> EventSourceResponse:
    """The same as parts of the page: `part` after each step, `whole` at the end."""
    return event_stream(request, _told(request, parts, person, ingestion_id))


async def _told(request: Request, parts: Console, person: Person, ingestion_id: str) -> AsyncGenerator[Event, None]:
    def part(template: str, result: Result[IngestionView]) -> str:
        page = parts.pages.page(request, template, _context(result), person=person)
        return bytes(page.body).decode()

    ended: Result[IngestionView] = Failure("away", "The knowledge base: no answer.", "Load the page again.")
    async with aclosing(parts.knowledge.ingestion_stream(person, ingestion_id)) as events:
        async for event in events:
            if isinstance(event, Failure):
                ended = event
            elif event.name in {"progress", "done"}:
                ended = _read(event.data)
                if event.name == "done":
                    break
                yield Event(part("parts/progress.html", ended), event="part")
    yield Event(part("parts/upload.html", ended), event="whole")


def _read(data: bytes) -> Result[IngestionView]:
    try:
        return Found(IngestionView.model_validate_json(data))
    except ValidationError:
        return Failure("unreadable", "The knowledge base: an answer of another kind came.")


async def _files(form: FormData) -> list[Upload]:
    given = [each for each in form.getlist("file") if isinstance(each, UploadFile) and each.filename]
    read = [
        Upload(name=each.filename or "", content=await each.read(), media_type=each.content_type or UNKNOWN_TYPE)
        for each in given
    ]
    await form.close()
    return read


def _refused(request: Request, parts: Console, person: Person, failure: Failure) -> Response:
    if wants_page(request):
        return _page(request, parts, person, failure)
    ours = HTTPStatus.BAD_REQUEST if failure.kind == "refused" else HTTPStatus.BAD_GATEWAY
    return JSONResponse({"detail": f"{failure.reason} {failure.remedy}".strip()}, failure.status or ours)


def _context(result: Result[IngestionView]) -> dict[str, Any]:
    job = result.value if isinstance(result, Found) else None
    return {"job": job, "refused": result if isinstance(result, Failure) else None, "visible": visible}


def _page(request: Request, parts: Console, person: Person, result: Result[IngestionView]) -> Response:
    return parts.pages.page(request, "upload.html", _context(result), person=person)
