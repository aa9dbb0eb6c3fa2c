"""A proposal approved with other arguments: a form after the schema of its tool, or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.filled_forms import Filled
from tillhand_dashboard.domain.results import Failure
from tillhand_dashboard.ports.approvals import Decision
from tillhand_dashboard.routes.approvals import Deciding
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, field
from tillhand_dashboard.routes.proposal import MEANWHILE, Id, again, done, page
from tillhand_dashboard.service.editing import Editing, editing

router = APIRouter(prefix="/approvals", tags=["pages"], default_response_class=HTMLResponse)
TEMPLATE: Final = "proposal-edit.html"
WRONG: Final = HTTPStatus.UNPROCESSABLE_ENTITY


@router.get("/{proposal_id}/edit")
async def show_form(
    request: Request,
    parts: Parts,
    person: Deciding,
    proposal_id: Id,
    raw: Annotated[bool, Query(description="As JSON, not as a form.")] = False,
) -> Response:
    """The arguments as they came, to be edited; the look at them is recorded."""
    found = await editing(parts.approvals, person, proposal_id)
    if isinstance(found, Failure):
        return page(request, parts, person, TEMPLATE, failed=found)
    return _form(request, parts, person, found, found.form(as_json=raw))


@router.post("/{proposal_id}/edit")
async def edit(request: Request, parts: Parts, person: Deciding, proposal_id: Id, form: Form) -> Response:
    """Approve with other arguments. What does not fit comes back as it was typed, and so does a wish for more rows."""
    found = await editing(parts.approvals, person, proposal_id)
    if isinstance(found, Failure):
        return page(request, parts, person, TEMPLATE, failed=found)
    sent, note = _sent(form), field(form, "note").strip()
    if "again" in form:
        return _form(request, parts, person, found, found.typed(sent), note=note)
    read = found.read(sent)
    if read.errors or not isinstance(read.value, dict):
        return _form(request, parts, person, found, found.typed(sent, read.errors), note=note, status=WRONG)
    decision = Decision("edit", field(form, "digest"), note, read.value)
    decided = await parts.approvals.decide(person, proposal_id, decision, key=field(form, "key") or None)
    if not isinstance(decided, Failure):
        return done(request, proposal_id)
    if decided.slug in MEANWHILE:
        return await again(request, parts, person, proposal_id, decided, decision)
    refused = found.refused(sent, read.value, decided.faults)
    return _form(request, parts, person, found, refused, note=note, refused=decided, status=WRONG)


def _form(
    request: Request,
    parts: Console,
    person: Person,
    found: Editing,
    form: Filled,
    *,
    note: str = "",
    refused: Failure | None = None,
    status: int = 200,
) -> Response:
    given = {"failed": None, "proposal": found.proposal, "form": form, "note": note, "refused": refused}
    return page(request, parts, person, TEMPLATE, status=status, **given)


def _sent(form: FormData) -> Mapping[str, Sequence[str]]:
    """Names and their texts, in order."""
    sent: dict[str, list[str]] = {}
    for name, text in form.multi_items():
        if isinstance(text, str):
            sent.setdefault(name, []).append(text)
    return sent
