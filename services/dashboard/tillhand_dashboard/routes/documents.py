"""What the knowledge base holds: listed, searched, opened at a quote, deleted."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.quoting import quoted, reading_window, visible, window
from tillhand_dashboard.domain.results import Failure, Found
from tillhand_dashboard.routes.ask import Collection, choices_of
from tillhand_dashboard.routes.dependencies import MOST_FILES, Console, Form, Parts, SignedIn, field, needs

router = APIRouter(prefix="/documents", tags=["pages"], default_response_class=HTMLResponse)
Writer = Annotated[Person, Depends(needs("rag:write"))]
Place = Annotated[int, Query(ge=0, le=2**40, description="Code points from the start of the text.")]


@router.get("")
async def show_documents(
    request: Request,
    parts: Parts,
    person: SignedIn,
    q: Annotated[str, Query(max_length=4_000)] = "",
    collection: Collection = "default",
    cursor: Annotated[str, Query(max_length=1_000)] = "",
    done: str = "",
) -> Response:
    """The documents, a page at a time; with `q` the passages that fit it, best first."""
    wanted = q.strip()
    hits, listed = None, None
    if wanted:
        hits = await parts.knowledge.search(person, wanted, collection, 20)
    else:
        listed = await parts.knowledge.documents(person, collection, cursor or None)
    context = {
        "q": wanted,
        "collection": collection,
        "cursor": cursor,
        "done": done,
        "hits": hits,
        "listed": listed,
        "most_bytes": request.app.state.chassis.settings.max_body_bytes,
        "most_files": MOST_FILES,
        "choices": await choices_of(parts, person, collection),
        "query": query_of,
        "visible": visible,
    }
    return parts.pages.page(request, "documents.html", context, person=person)


@router.get("/{document_id}")
async def show_document(
    document_id: str,
    request: Request,
    parts: Parts,
    person: SignedIn,
    collection: Collection = "default",
    start: Place = 0,
    end: Place = 0,
    version: str = "",
) -> Response:
    """A document's stored text, at the place of a quote: the characters from `start` to `end` are marked."""
    found = await parts.knowledge.document(person, document_id, collection)
    context: dict[str, Any] = {
        "found": found,
        "document_id": document_id,
        "collection": collection,
        "start": start,
        "end": end,
        "changed": isinstance(found, Found) and version not in {"", found.value.version},
        "visible": visible,
        "query": query_of,
        **await _piece(parts, person, found, start, end),
    }
    status = found.status if isinstance(found, Failure) and found.status == HTTPStatus.NOT_FOUND else HTTPStatus.OK
    return parts.pages.page(request, "document.html", context, person=person, status=status)


@router.get("/{document_id}/delete")
async def ask_to_delete(
    document_id: str, request: Request, parts: Parts, person: Writer, collection: Collection = "default"
) -> Response:
    """The question before a document is deleted."""
    found = await parts.knowledge.document(person, document_id, collection)
    return _delete_page(request, parts, person, found, collection)


@router.post("/{document_id}/delete", responses=responses(errors.FormExpired))
async def delete_document(document_id: str, request: Request, parts: Parts, person: Writer, form: Form) -> Response:
    """Delete a document: its text, passages and index entries."""
    collection = field(form, "collection") or "default"
    result = await parts.knowledge.delete(person, document_id, collection)
    if isinstance(result, Failure):
        return _delete_page(request, parts, person, result, collection)
    return RedirectResponse(f"/documents?{query_of(collection, done='deleted')}", status_code=HTTPStatus.SEE_OTHER)


async def _piece(parts: Console, person: Person, found: Any, start: int, end: int) -> dict[str, Any]:  # noqa: ANN401  # a result of any kind
    nothing = {"text": None, "quoted": None, "before": None, "after": None}
    if not isinstance(found, Found):
        return nothing
    document = found.value
    marked = start < end <= document.characters
    first, last = window(start, end) if marked else reading_window(start, document.characters)
    last = min(last, document.characters)
    text = await parts.knowledge.text(person, document.id, document.collection, first, last)
    if not isinstance(text, Found):
        return {**nothing, "text": text}
    mark = (start, end) if marked else (first, first)
    piece = quoted(text.value.text, first, *mark, document.characters)
    further = {
        "before": reading_window(first - 1, document.characters)[0] if piece.cut_before else None,
        "after": last if piece.cut_after else None,
    }
    return {"text": text, "quoted": piece, **further}


def _delete_page(request: Request, parts: Console, person: Person, found: Any, collection: str) -> Response:  # noqa: ANN401  # a result of any kind
    context = {"found": found, "collection": collection, "visible": visible}
    return parts.pages.page(request, "document-delete.html", context, person=person)


def query_of(collection: str, **more: str | int) -> str:
    """A query string: what is as it is by default is left out."""
    given = {} if collection == "default" else {"collection": collection}
    return urlencode({**given, **{name: value for name, value in more.items() if value != ""}}, quote_via=quote)
