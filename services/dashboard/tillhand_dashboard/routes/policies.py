"""Policies: what is in force, and another text for it, tried on what was proposed before it counts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import ROLES, Person
from tillhand_dashboard.domain.policies import ACTIONS, EFFECTS
from tillhand_dashboard.domain.policy_text import compared
from tillhand_dashboard.domain.proposal_values import plain
from tillhand_dashboard.domain.results import Failure, Found
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, field, needs
from tillhand_dashboard.service import policies
from tillhand_dashboard.service.policies import Draft

router = APIRouter(prefix="/policies", tags=["pages"], default_response_class=HTMLResponse)
Reader = Annotated[Person, Depends(needs("approvals:read"))]
Ruler = Annotated[Person, Depends(needs("policies:write"))]
Number = Annotated[int | None, Query(ge=0, lt=10**9)]
MOST_SHOWN = 100
"""Differences that a page lists; the counts are of all."""


@router.get("")
async def show_policies(
    request: Request, parts: Parts, person: Reader, version: Number = None, saved: Number = None
) -> Response:
    """What is in force, rule by rule; or an earlier version, and what it had changed."""
    found = await policies.in_force(parts.approvals, person)
    context: dict[str, Any] = {
        "found": found,
        "saved": saved,
        "shown": None,
        "changes": (),
        "actions": ACTIONS,
        "known": ROLES,
    }
    if isinstance(found, Found):
        listed = found.value.versions
        numbers = [each.number for each in listed]
        context["shown"] = found.value.version
        if version in numbers:
            place = numbers.index(version)
            context["shown"] = listed[place]
            if place + 1 < len(listed):
                context["changes"] = compared(listed[place + 1].text, listed[place].text)
    return parts.pages.page(request, "policies.html", context, person=person)


@router.get("/edit")
async def edit_policies(request: Request, parts: Parts, person: Ruler, version: Number = None) -> Response:
    """The text, to be changed; nothing counts before it was tried."""
    found = await policies.begun(parts.approvals, person, version)
    draft = Draft("", 0, failure=found) if isinstance(found, Failure) else found.value
    return _page(request, parts, person, draft)


@router.post("/try", responses=responses(errors.FormExpired))
async def try_policies(request: Request, parts: Parts, person: Ruler, form: Form) -> Response:
    """What a text would have said of the newest proposals. Nothing changes; that it was asked is recorded."""
    draft = await policies.tried(parts.approvals, person, field(form, "text"), _base(form))
    return _page(request, parts, person, draft)


@router.post("", responses=responses(errors.FormExpired))
async def save_policies(request: Request, parts: Parts, person: Ruler, form: Form) -> Response:
    """Put a text in force for what is proposed from now on, unless somebody else has changed the policies since."""
    text, base = field(form, "text"), _base(form)
    if field(form, "sure") != "yes":
        draft = await policies.tried(parts.approvals, person, text, base)
        return _page(request, parts, person, draft, unsure=True)
    done = await policies.saved(parts.approvals, person, text, base)
    if isinstance(done, Found):
        return RedirectResponse(f"/policies?saved={done.value}", status_code=HTTPStatus.SEE_OTHER)
    draft = Draft(text, base, failure=done) if isinstance(done, Failure) else done
    return _page(request, parts, person, draft)


def _base(form: FormData) -> int:
    """The version that a text began from; one that nobody has written where the form says none."""
    told = field(form, "base")
    return int(told) if told.isascii() and told.isdigit() and len(told) < len("1000000000") else 10**9 - 1


def _page(request: Request, parts: Console, person: Person, draft: Draft, *, unsure: bool = False) -> Response:
    status = HTTPStatus.CONFLICT if draft.overtaken else HTTPStatus.OK
    if draft.wrong or unsure:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = {
        "draft": draft,
        "unsure": unsure,
        "effects": EFFECTS,
        "actions": ACTIONS,
        "most": MOST_SHOWN,
        "plain": plain,
    }
    return parts.pages.page(request, "policies-edit.html", context, person=person, status=status)
