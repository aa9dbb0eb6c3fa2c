"""Who may sign in, for admins: what `tillhand accounts` does on the machine."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import Problem, responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import NAME, ROLES, Person
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, checked_form, field, needs

router = APIRouter(prefix="/settings/accounts", tags=["pages"], default_response_class=HTMLResponse)
Admin = Annotated[Person, Depends(needs("admin"))]
Name = Annotated[str, Path(pattern=f"^{NAME.pattern}$")]
Word = Annotated[str, Query(max_length=100)]


@router.get("")
async def show_accounts(request: Request, parts: Parts, person: Admin, done: Word = "", name: Word = "") -> Response:
    """Every account."""
    return await _page(request, parts, person, done=done, named=name if NAME.fullmatch(name) else "")


@router.post("", responses=responses(errors.FormExpired))
async def add_account(request: Request, parts: Parts, person: Admin, form: Form) -> Response:
    """Make an account. The link by which its owner signs in is on this page alone."""
    name, role = field(form, "name").strip().lower(), field(form, "role")
    try:
        path = await parts.administering.add(person, name, role)
    except Problem as problem:
        wrong = {problem.field or "name": problem.detail}
        return await _page(request, parts, person, problem=problem, wrong=wrong, typed=name[:64], chosen=role)
    return await _page(request, parts, person, link=_link(request, parts, path), named=name)


@router.post("/{name}/link", responses=responses(errors.FormExpired), dependencies=[Depends(checked_form)])
async def make_link(request: Request, parts: Parts, person: Admin, name: Name) -> Response:
    """A new link, in place of the account's others; it is on this page alone."""
    try:
        path = await parts.administering.link(person, name)
    except Problem as problem:
        return await _page(request, parts, person, problem=problem)
    return await _page(request, parts, person, link=_link(request, parts, path), named=name)


@router.post("/{name}/role", responses=responses(errors.FormExpired))
async def give_role(request: Request, parts: Parts, person: Admin, name: Name, form: Form) -> Response:
    """Give an account another role, at once."""
    try:
        await parts.administering.give(person, name, field(form, "role"))
    except Problem as problem:
        return await _page(request, parts, person, problem=problem)
    return _back("role", name)


@router.post("/{name}/state", responses=responses(errors.FormExpired))
async def enable_account(request: Request, parts: Parts, person: Admin, name: Name, form: Form) -> Response:
    """Bar an account, which ends its sessions, or let it in again."""
    enabled = field(form, "enabled") == "yes"
    try:
        await parts.administering.enable(person, name, enabled=enabled)
    except Problem as problem:
        return await _page(request, parts, person, problem=problem)
    return _back("enabled" if enabled else "disabled", name)


def _link(request: Request, parts: Console, path: str) -> str:
    return f"{parts.public_url or str(request.base_url).rstrip('/')}{path}"


def _back(done: str, name: str) -> Response:
    return RedirectResponse(f"/settings/accounts?done={done}&name={name}", status_code=HTTPStatus.SEE_OTHER)


async def _page(
    request: Request,
    parts: Console,
    person: Person,
    *,
    problem: Problem | None = None,
    **more: Any,  # noqa: ANN401  # what the template takes
) -> Response:
    defaults: dict[str, Any] = {"done": "", "named": "", "link": "", "typed": "", "chosen": ROLES[0], "wrong": {}}
    context = {"accounts": await parts.administering.accounts(), "roles": ROLES, "problem": problem, **defaults, **more}
    status = HTTPStatus.OK if problem is None else problem.status
    return parts.pages.page(request, "settings-accounts.html", context, person=person, status=status)
