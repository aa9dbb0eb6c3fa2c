"""Corrections: answers that a person wrote, which win over what the documents say."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.quoting import visible
from tillhand_dashboard.domain.results import Found
from tillhand_dashboard.routes.ask import Collection, choices_of
from tillhand_dashboard.routes.correction_forms import correction_in, draft_sent, empty_draft
from tillhand_dashboard.routes.dependencies import Form, Parts, SignedIn, field
from tillhand_dashboard.routes.documents import Writer, query_of

router = APIRouter(prefix="/corrections", tags=["pages"], default_response_class=HTMLResponse)
Asked = Annotated[str, Query(max_length=4_000)]


@router.get("")
async def show_corrections(
    request: Request,
    parts: Parts,
    person: SignedIn,
    collection: Collection = "default",
    cursor: Annotated[str, Query(max_length=1_000)] = "",
    done: str = "",
) -> Response:
    """The corrections, a page at a time; those that have run out, too."""
    context = {
        "listed": await parts.knowledge.corrections(person, collection, cursor or None),
        "collection": collection,
        "cursor": cursor,
        "done": done,
        "choices": await choices_of(parts, person, collection),
        "query": query_of,
        "visible": visible,
    }
    return parts.pages.page(request, "corrections.html", context, person=person)


@router.get("/new")
async def begin_correction(
    request: Request, parts: Parts, person: Writer, question: Asked = "", collection: Collection = "default"
) -> Response:
    """An empty form."""
    return parts.pages.page(request, "correction.html", empty_draft(question, collection), person=person)


@router.post("/draft", responses=responses(errors.FormExpired))
async def draft_correction(request: Request, parts: Parts, person: Writer, form: Form) -> Response:
    """The form, filled in with an answer and what it rests on. Nothing is written yet."""
    filled = {**draft_sent(form), "match": "meaning"}
    return parts.pages.page(request, "correction.html", filled, person=person)


@router.post("", responses=responses(errors.FormExpired))
async def write_correction(request: Request, parts: Parts, person: Writer, form: Form) -> Response:
    """Write it. What the knowledge base refuses is told beside the form, in which nothing is lost."""
    written = correction_in(form, person.name, request.app.state.chassis.clock.now())
    result = await parts.knowledge.correct(person, written, field(form, "key") or empty_draft("", "")["key"])
    if isinstance(result, Found):
        collection = field(form, "collection") or "default"
        return RedirectResponse(f"/corrections?{query_of(collection, done='written')}", HTTPStatus.SEE_OTHER)
    return parts.pages.page(request, "correction.html", draft_sent(form, result), person=person)
