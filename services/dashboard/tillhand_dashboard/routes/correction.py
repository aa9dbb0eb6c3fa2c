"""One correction: changed, its history, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.correcting import Change, changes
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.knowledge_views import CorrectionChangeView, CorrectionHistoryView, CorrectionView
from tillhand_dashboard.routes.ask import Collection
from tillhand_dashboard.routes.correction_forms import correction_in, draft_of, draft_sent, empty_draft
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, field
from tillhand_dashboard.routes.documents import Writer, query_of

router = APIRouter(prefix="/corrections/{correction_id}", tags=["pages"], default_response_class=HTMLResponse)


@router.get("/edit")
async def show_correction(
    correction_id: str,
    request: Request,
    parts: Parts,
    person: Writer,
    collection: Collection = "default",
    done: str = "",
) -> Response:
    """The form of a correction with its history; of one that was deleted the history alone."""
    current = await parts.knowledge.correction(person, correction_id, collection)
    draft = draft_of(current.value) if isinstance(current, Found) else empty_draft("", collection)
    return await _page(request, parts, person, correction_id, {**draft, "current": current, "done": done})


@router.post("/edit", responses=responses(errors.FormExpired))
async def change_correction(correction_id: str, request: Request, parts: Parts, person: Writer, form: Form) -> Response:
    """Write the next version. Where somebody was faster, theirs is shown, and what was typed stays in the form."""
    collection = field(form, "collection") or "default"
    written = correction_in(form, person.name, request.app.state.chassis.clock.now())
    result = await parts.knowledge.rewrite(person, correction_id, written, _version(field(form, "version")))
    if isinstance(result, Found):
        here = f"/corrections/{result.value['id']}/edit?{query_of(collection, done='changed')}"
        return RedirectResponse(here, HTTPStatus.SEE_OTHER)
    current = await parts.knowledge.correction(person, correction_id, collection)
    return await _page(request, parts, person, correction_id, {**draft_sent(form, result), "current": current})


@router.post("/delete", responses=responses(errors.FormExpired))
async def delete_correction(
    correction_id: str, request: Request, parts: Parts, person: Writer, form: Form, collection: Collection = "default"
) -> Response:
    """Delete the version that was shown; its history stays."""
    version = _version(field(form, "version"))
    result = await parts.knowledge.forget_correction(person, correction_id, collection, version)
    if isinstance(result, Failure):
        context = {"refused": result, "correction_id": correction_id, "collection": collection, "query": query_of}
        return parts.pages.page(request, "correction-kept.html", context, person=person)
    return RedirectResponse(f"/corrections?{query_of(collection, done='deleted')}", HTTPStatus.SEE_OTHER)


async def _page(
    request: Request, parts: Console, person: Person, correction_id: str, context: dict[str, Any]
) -> Response:
    collection = context["collection"]
    history = await parts.knowledge.correction_history(person, correction_id, collection)
    current: Result[CorrectionView] = context["current"]
    found = {
        "done": "",
        **context,
        "correction_id": correction_id,
        "history": history,
        "entries": _entries(history),
        "last": history.value.items[-1] if isinstance(history, Found) and history.value.items else None,
        "version": current.value.version if isinstance(current, Found) else 0,
        "query": query_of,
    }
    missing = isinstance(current, Failure) and current.status == HTTPStatus.NOT_FOUND
    status = HTTPStatus.NOT_FOUND if missing and isinstance(history, Failure) else HTTPStatus.OK
    return parts.pages.page(request, "correction-edit.html", found, person=person, status=status)


def _entries(history: Result[CorrectionHistoryView]) -> Sequence[dict[str, Any]]:
    """Each change with what is another way than before it, the newest first."""
    if isinstance(history, Failure):
        return ()
    items = history.value.items
    return [{"entry": each, "changes": _compared(before, each)} for before, each in zip((None, *items), items)][::-1]  # noqa: B905  # the last has nothing after it


def _compared(before: CorrectionChangeView | None, after: CorrectionChangeView) -> Sequence[Change] | None:
    """None where there is nothing to compare: it is the first, or was deleted, or comes after that."""
    if before is None or before.content is None or after.content is None:
        return None
    return changes(before.content.model_dump(), after.content.model_dump())


def _version(text: str) -> int:
    """The version that the form showed; what is no number is one that no correction has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000000") else 0
