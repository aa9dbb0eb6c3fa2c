"""Signing in and out. All of it works without JavaScript."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import InvalidInput, NotFound, Problem, responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import SHORTEST_PASSWORD, Account, role_of
from tillhand_dashboard.ports.identities import Journey, Provider
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, Visitor, checked_form, field, origin_of
from tillhand_dashboard.routes.failures import safe_next

router = APIRouter(prefix="/sign-in", tags=["sign-in"], default_response_class=HTMLResponse)
RETURN: Final = "/sign-in/provider/return"
Next = Annotated[str, Query(max_length=2_000, description="Path of ours to go on to.")]
Given = Annotated[str, Query(max_length=2_000)]


@router.get("")
async def show_sign_in(request: Request, parts: Parts, person: Visitor, next: Next = "/") -> Response:  # noqa: A002  # its name in the address
    """The sign-in page; whoever is signed in already goes on."""
    if person is not None:
        return RedirectResponse(safe_next(next), status_code=HTTPStatus.SEE_OTHER)
    return _page(request, parts, safe_next(next))


@router.post("", responses=responses(errors.FormExpired, errors.SignInFailed, errors.TooManyAttempts))
async def sign_in(request: Request, parts: Parts, form: Form) -> Response:
    """Sign in with name and password."""
    name, following = field(form, "name"), safe_next(field(form, "next"))
    try:
        account = await parts.signing_in.by_password(name, field(form, "password"), origin_of(request).address)
    except (errors.SignInFailed, errors.TooManyAttempts) as problem:
        return _page(request, parts, following, problem, name[:64])
    return await _in(request, parts, account, following)


@router.post("/out", responses=responses(errors.FormExpired), dependencies=[Depends(checked_form)])
async def sign_out(request: Request, parts: Parts) -> Response:
    """Sign out: the session is over at once, in all tabs."""
    await parts.sessions.end(parts.cookies.get(request, "session"))
    response = RedirectResponse("/sign-in", status_code=HTTPStatus.SEE_OTHER)
    parts.cookies.drop(response, "session")
    response.headers["clear-site-data"] = '"cache"'
    return response


@router.get("/link/{token}", responses=responses(errors.LinkUsed))
async def show_link(token: str, request: Request, parts: Parts) -> Response:
    """What a sign-in link opens. Nothing happens yet, so that a preview of it does not use it up."""
    return await _link_page(token, request, parts)


@router.post("/link/{token}", responses=responses(errors.FormExpired, errors.LinkUsed))
async def use_link(token: str, request: Request, parts: Parts, form: Form) -> Response:
    """Sign in with a link, and set a password for later."""
    password = field(form, "password")
    if password != field(form, "again"):
        problem = InvalidInput("The two passwords are not the same.", field="again")
        return await _link_page(token, request, parts, problem)
    try:
        account = await parts.signing_in.by_link(token, password)
    except InvalidInput as problem:
        return await _link_page(token, request, parts, problem)
    parts.used_link()
    return await _in(request, parts, account, "/")


@router.get("/provider", responses=responses(NotFound, errors.ProviderAway))
async def go_to_provider(parts: Parts, request: Request, next: Next = "/") -> Response:  # noqa: A002  # as above
    """Set out for the provider of identities."""
    journey = Journey(*(secrets.token_urlsafe(32) for _ in range(3)))
    way = await _provider(parts).way_there(journey, _return_to(request, parts))
    response = RedirectResponse(way, status_code=HTTPStatus.SEE_OTHER)
    kept = " ".join((journey.state, journey.nonce, journey.verifier, safe_next(next)))
    parts.cookies.set(response, "journey", kept)
    return response


@router.get("/provider/return", responses=responses(NotFound, errors.ProviderRefused, errors.ProviderAway))
async def come_back(request: Request, parts: Parts, code: Given = "", state: Given = "") -> Response:
    """Come back from there."""
    provider = _provider(parts)
    kept = parts.cookies.get(request, "journey").split(" ", 3)
    if (
        len(kept) != len(("state", "nonce", "verifier", "next"))
        or not code
        or not secrets.compare_digest(state.encode(), kept[0].encode())
    ):
        raise errors.ProviderRefused("This way back belongs to no sign-in that began here.")
    identity = await provider.identity(code, Journey(*kept[:3]), _return_to(request, parts))
    role = role_of(identity.claimed, parts.granted)
    if role is None:
        raise errors.ProviderRefused("The provider gives you no role here.")
    account = await parts.signing_in.by_provider(identity, role)
    response = await _in(request, parts, account, safe_next(kept[3]))
    parts.cookies.drop(response, "journey")
    return response


def _provider(parts: Console) -> Provider:
    if parts.provider is None:
        raise NotFound("No provider of identities is set.")
    return parts.provider


def _return_to(request: Request, parts: Console) -> str:
    return f"{parts.public_url or str(request.base_url).rstrip('/')}{RETURN}"


async def _in(request: Request, parts: Console, account: Account, following: str) -> Response:
    token = await parts.sessions.begin(account, parts.cookies.get(request, "session"), origin_of(request))
    response = RedirectResponse(following, status_code=HTTPStatus.SEE_OTHER)
    parts.cookies.set(response, "session", token)
    parts.cookies.drop(response, "visit")
    return response


def _page(request: Request, parts: Console, following: str, problem: Problem | None = None, name: str = "") -> Response:
    visit = parts.cookies.visit(request)
    context = {
        "next": following,
        "name": name,
        "problem": "" if problem is None else problem.detail,
        "provider": parts.provider is not None,
    }
    status = HTTPStatus.OK if problem is None else problem.status
    response = parts.pages.page(request, "sign-in.html", context, status=status)
    if problem is not None and "retry-after" in problem.headers:
        response.headers["retry-after"] = problem.headers["retry-after"]
    if visit:
        parts.cookies.set(response, "visit", visit)
    return response


async def _link_page(token: str, request: Request, parts: Console, problem: Problem | None = None) -> Response:
    name = await parts.signing_in.link_owner(token)
    visit = parts.cookies.visit(request)
    context = {"name": name, "problem": "" if problem is None else problem.detail, "shortest": SHORTEST_PASSWORD}
    status = HTTPStatus.OK if problem is None else problem.status
    response = parts.pages.page(request, "link.html", context, status=status)
    if visit:
        parts.cookies.set(response, "visit", visit)
    return response
