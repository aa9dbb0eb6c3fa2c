"""API keys, for admins: what `tillhand keys` does on the machine, but for keys that speak for others."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure
from tillhand_dashboard.ports.keys import KeyForm
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, checked_form, field
from tillhand_dashboard.routes.settings_accounts import Admin

router = APIRouter(prefix="/settings/keys", tags=["pages"], default_response_class=HTMLResponse)
KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]
_EMPTY = KeyForm("", "agent")


@router.get("")
async def show_keys(
    request: Request, parts: Parts, person: Admin, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """Every key, never its secret."""
    return await _page(request, parts, person, done=done)


@router.post("", responses=responses(errors.FormExpired))
async def create_key(request: Request, parts: Parts, person: Admin, form: Form) -> Response:
    """Make a key. Its token is on this page alone."""
    wanted = _wanted(form)
    made = await parts.administering.create_key(person, wanted)
    if isinstance(made, Failure):
        return await _page(request, parts, person, failure_found=made, typed=wanted)
    return await _page(request, parts, person, made=made.value)


@router.post("/{key_id}/rotate", responses=responses(errors.FormExpired), dependencies=[Depends(checked_form)])
async def rotate_key(request: Request, parts: Parts, person: Admin, key_id: KeyId) -> Response:
    """Give a key another secret; the former is good no more. The token is on this page alone."""
    made = await parts.administering.rotate_key(person, key_id)
    if isinstance(made, Failure):
        return await _page(request, parts, person, failure_found=made)
    return await _page(request, parts, person, made=made.value)


@router.post("/{key_id}/revoke", responses=responses(errors.FormExpired), dependencies=[Depends(checked_form)])
async def revoke_key(request: Request, parts: Parts, person: Admin, key_id: KeyId) -> Response:
    """End a key at once and for good."""
    ended = await parts.administering.revoke_key(person, key_id)
    if isinstance(ended, Failure):
        return await _page(request, parts, person, failure_found=ended)
    return RedirectResponse("/settings/keys?done=revoked", status_code=HTTPStatus.SEE_OTHER)


def _wanted(form: FormData) -> KeyForm:
    return KeyForm(
        name=field(form, "name").strip(),
        kind=field(form, "kind"),
        scopes=[each for each in form.getlist("scope") if isinstance(each, str)],
        collections=[each for each in re.split(r"[,\s]+", field(form, "collections")) if each],
    )


async def _page(request: Request, parts: Console, person: Person, **more: Any) -> Response:  # noqa: ANN401  # what the template takes
    keys = parts.administering.keys
    context = {
        "found": await keys.all(),
        "kinds": keys.kinds,
        "scopes": keys.scopes,
        "place": keys.place,
        "made": None,
        "failure_found": None,
        "typed": _EMPTY,
        "done": "",
        **more,
    }
    refused = context["failure_found"]
    status = refused.status or HTTPStatus.BAD_GATEWAY if isinstance(refused, Failure) else HTTPStatus.OK
    return parts.pages.page(request, "settings-keys.html", context, person=person, status=status)
