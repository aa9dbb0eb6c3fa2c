"""Corrections: answers that a person wrote, which win over what the documents say."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, time
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.clock import rfc3339
from tillhand_common.problems import responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.quoting import source_of, visible
from tillhand_dashboard.domain.results import Failure, Found
from tillhand_dashboard.ports.views import Row
from tillhand_dashboard.routes.ask import Collection
from tillhand_dashboard.routes.dependencies import Form, Parts, SignedIn, checked_form, field
from tillhand_dashboard.routes.documents import Writer, query_of

router = APIRouter(prefix="/corrections", tags=["pages"], default_response_class=HTMLResponse)
Asked = Annotated[str, Query(max_length=4_000)]
_MOST_SOURCES: Final = 20


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
        "query": query_of,
        "visible": visible,
    }
    return parts.pages.page(request, "corrections.html", context, person=person)


@router.get("/new")
async def begin_correction(
    request: Request, parts: Parts, person: Writer, question: Asked = "", collection: Collection = "default"
) -> Response:
    """An empty form."""
    return parts.pages.page(request, "correction.html", _draft(question, collection), person=person)


@router.post("/draft", responses=responses(errors.FormExpired))
async def draft_correction(request: Request, parts: Parts, person: Writer, form: Form) -> Response:
    """The form, filled in with an answer and what it rests on. Nothing is written yet."""
    draft = _draft(field(form, "question"), field(form, "collection") or "default")
    filled = {**draft, "answer": field(form, "answer"), "sources": _texts(form, "source")}
    return parts.pages.page(request, "correction.html", filled, person=person)


@router.post("", responses=responses(errors.FormExpired))
async def write_correction(request: Request, parts: Parts, person: Writer, form: Form) -> Response:
    """Write it. What the knowledge base refuses is told beside the form, in which nothing is lost."""
    result = await parts.knowledge.correct(
        person, _correction(form, person.name, request.app.state.chassis.clock.now()), _key(form)
    )
    collection = field(form, "collection") or "default"
    if isinstance(result, Found):
        return RedirectResponse(f"/corrections?{query_of(collection, done='written')}", HTTPStatus.SEE_OTHER)
    context = {
        **_draft(field(form, "question"), collection),
        **{name: field(form, name) for name in ("match", "pattern", "answer", "expires")},
        "sources": _texts(form, "source"),
        "refused": result,
    }
    return parts.pages.page(request, "correction.html", context, person=person)


@router.post("/{correction_id}/delete", responses=responses(errors.FormExpired), dependencies=[Depends(checked_form)])
async def delete_correction(
    correction_id: str, request: Request, parts: Parts, person: Writer, collection: Collection = "default"
) -> Response:
    """Delete a correction; its history stays."""
    result = await parts.knowledge.forget_correction(person, correction_id, collection)
    if isinstance(result, Failure):
        context = {"refused": result, "collection": collection}
        return parts.pages.page(request, "correction-kept.html", context, person=person)
    return RedirectResponse(f"/corrections?{query_of(collection, done='deleted')}", HTTPStatus.SEE_OTHER)


def _draft(question: str, collection: str) -> dict[str, Any]:
    return {
        "question": question.strip(),
        "collection": collection,
        "answer": "",
        "match": "meaning",
        "pattern": "",
        "expires": "",
        "sources": [],
        "key": secrets.token_hex(16),
        "refused": None,
        "visible": visible,
    }


def _correction(form: FormData, author: str, now: datetime) -> Row:
    return {
        "collection": field(form, "collection") or "default",
        "match": _match(form),
        "answer": field(form, "answer").strip(),
        "sources": [each for each in map(source_of, _texts(form, "source")[:_MOST_SOURCES]) if each is not None],
        "author": author,
        "last_verified": rfc3339(now),
        **_expiry(field(form, "expires")),
    }


def _match(form: FormData) -> Mapping[str, Any]:
    if field(form, "match") == "pattern":
        return {"type": "pattern", "pattern": field(form, "pattern").strip()}
    lines = [line.strip() for line in field(form, "question").splitlines() if line.strip()]
    return {"type": "meaning", "examples": lines}


def _expiry(day: str) -> Mapping[str, str]:
    """The end of that day, UTC; what is no day is left for the knowledge base to refuse."""
    try:
        last = datetime.combine(datetime.fromisoformat(day).date(), time(23, 59, 59), UTC)
    except ValueError:
        return {"expires_at": day} if day else {}
    return {"expires_at": rfc3339(last)}


def _texts(form: FormData, name: str) -> list[str]:
    return [each for each in form.getlist(name) if isinstance(each, str) and each]


def _key(form: FormData) -> str:
    return field(form, "key") or secrets.token_hex(16)
