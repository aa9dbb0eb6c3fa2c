"""Golden questions: how the last evaluation went, and which of them failed."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.quoting import visible
from tillhand_dashboard.domain.results import Failure, Found
from tillhand_dashboard.routes.ask import Collection, choices_of
from tillhand_dashboard.routes.dependencies import Form, Parts, SignedIn, field
from tillhand_dashboard.routes.documents import Writer, query_of

router = APIRouter(prefix="/goldens", tags=["pages"], default_response_class=HTMLResponse)


@router.get("")
async def show_goldens(
    request: Request,
    parts: Parts,
    person: SignedIn,
    collection: Collection = "default",
    cursor: Annotated[str, Query(max_length=1_000)] = "",
) -> Response:
    """The last evaluation of the golden questions, those that failed, and the evaluations before."""
    return await _page(request, parts, person, collection, cursor=cursor)


@router.post("", responses=responses(errors.FormExpired))
async def evaluate(request: Request, parts: Parts, person: Writer, form: Form) -> Response:
    """Ask the golden questions now."""
    collection = field(form, "collection") or "default"
    result = await parts.knowledge.evaluate(person, collection, field(form, "key") or secrets.token_hex(16))
    if isinstance(result, Failure):
        return await _page(request, parts, person, collection, refused=result)
    return RedirectResponse(f"/goldens?{query_of(collection)}", HTTPStatus.SEE_OTHER)


async def _page(
    request: Request,
    parts: Parts,
    person: SignedIn,
    collection: str,
    *,
    cursor: str = "",
    refused: Failure | None = None,
) -> Response:
    listed = await parts.knowledge.evaluations(person, cursor or None)
    runs = [each for each in listed.value.items if each.collection == collection] if isinstance(listed, Found) else []
    context = {
        "goldens": await parts.knowledge.goldens(person, collection),
        "listed": listed,
        "runs": runs,
        "last": next((each for each in runs if each.report is not None), None),
        "collection": collection,
        "cursor": cursor,
        "key": secrets.token_hex(16),
        "refused": refused,
        "choices": await choices_of(parts, person, collection),
        "query": query_of,
        "visible": visible,
    }
    return parts.pages.page(request, "goldens.html", context, person=person)
