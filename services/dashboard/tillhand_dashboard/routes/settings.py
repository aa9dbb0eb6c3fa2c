"""What whoever is signed in sets for themselves: how the console looks, their password, where they are signed in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import InvalidInput, Problem, responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import SHORTEST_PASSWORD, Person
from tillhand_dashboard.routes.cookies import LOOKS
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, SignedIn, checked_form, field, origin_of

router = APIRouter(prefix="/settings", tags=["pages"], default_response_class=HTMLResponse)
SessionId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


@router.get("")
async def show_settings(
    request: Request, parts: Parts, person: SignedIn, done: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """Somebody's own settings."""
    return await _page(request, parts, person, done=done)


@router.post("/appearance", responses=responses(errors.FormExpired))
async def set_appearance(parts: Parts, person: SignedIn, form: Form) -> Response:
    """Light, dark, or as the device is; kept by the browser alone."""
    del person
    response = _back("look")
    if (look := field(form, "look")) in LOOKS:
        parts.cookies.set(response, "look", look)
    else:
        parts.cookies.drop(response, "look")
    return response


@router.post("/password", responses=responses(errors.FormExpired, errors.TooManyAttempts, errors.NotAllowed))
async def change_password(request: Request, parts: Parts, person: SignedIn, form: Form) -> Response:
    """Set another password. It ends all sessions, and begins a new one here."""
    password = field(form, "password")
    if password != field(form, "again"):
        problem = InvalidInput("The two new passwords are not the same.", field="again")
        return await _page(request, parts, person, problem=problem)
    try:
        account = await parts.signing_in.change_password(
            person, field(form, "present"), password, origin_of(request).address
        )
    except errors.SignInFailed:
        return await _page(request, parts, person, problem=InvalidInput("That is not your password.", field="present"))
    except (InvalidInput, errors.TooManyAttempts) as problem:
        return await _page(request, parts, person, problem=problem)
    response = _back("password")
    parts.cookies.set(response, "session", await parts.sessions.begin(account, origin=origin_of(request)))
    return response


@router.post("/sessions/others", responses=responses(errors.FormExpired), dependencies=[Depends(checked_form)])
async def end_other_sessions(request: Request, parts: Parts, person: SignedIn) -> Response:
    """Sign out everywhere else."""
    await parts.sessions.end_others(person, parts.cookies.get(request, "session"))
    return _back("others")


@router.post("/sessions/{session_id}", responses=responses(errors.FormExpired), dependencies=[Depends(checked_form)])
async def end_session(parts: Parts, person: SignedIn, session_id: SessionId) -> Response:
    """Sign out in one place. One that is over already has ended as wanted."""
    await parts.sessions.end_one(person, session_id)
    return _back("session")


async def _page(
    request: Request,
    parts: Console,
    person: Person,
    *,
    problem: Problem | None = None,
    **more: Any,  # noqa: ANN401  # what the template takes
) -> Response:
    context = {
        "account": await parts.signing_in.account(person),
        "sessions": await parts.sessions.of(person),
        "present": await parts.sessions.present(parts.cookies.get(request, "session")),
        "shortest": SHORTEST_PASSWORD,
        "wrong": {} if problem is None else {getattr(problem, "field", None) or "present": problem.detail},
        "done": "",
        **more,
    }
    status = HTTPStatus.OK if problem is None else problem.status
    return parts.pages.page(request, "settings.html", context, person=person, status=status)


def _back(done: str) -> RedirectResponse:
    return RedirectResponse(f"/settings?done={done}", status_code=HTTPStatus.SEE_OTHER)
