"""How the console says no: on a page to whoever comes with a browser, by a problem document to everybody else."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tillhand_common import handlers
from tillhand_common.app import Handler
from tillhand_common.problems import BadRequest, NotFound, Problem
from tillhand_dashboard import errors
from tillhand_dashboard.routes.pages import Pages

SIGN_IN: Final = "/sign-in"
LONGEST_NEXT: Final = 2_000


async def on_problem(request: Request, error: Exception) -> Response:
    """Answer a Problem raised in a route."""
    assert isinstance(error, Problem)  # noqa: S101  # FastAPI calls a handler with its own class only
    if isinstance(error, errors.SignInNeeded) and wants_page(request):
        return _to_sign_in(request)
    return _told(request, error) if wants_page(request) else await handlers.on_problem(request, error)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer what Starlette raises itself, such as 404."""
    assert isinstance(error, HTTPException)  # noqa: S101  # FastAPI calls a handler with its own class only
    if not wants_page(request) or error.status_code < HTTPStatus.BAD_REQUEST:
        return await handlers.on_http_exception(request, error)
    missing = error.status_code == HTTPStatus.NOT_FOUND
    return _told(request, NotFound("There is no such page.") if missing else BadRequest())


async def on_validation_error(request: Request, error: Exception) -> Response:
    """Answer parameters that do not fit; a value is never repeated."""
    if not wants_page(request):
        return await handlers.on_validation_error(request, error)
    return _told(request, BadRequest("A parameter of this address cannot be used."))


HANDLERS: Final[Mapping[int | type[Exception], Handler]] = {
    Problem: on_problem,
    HTTPException: on_http_exception,
    RequestValidationError: on_validation_error,
}


def wants_page(request: Request) -> bool:
    """Whether a browser waits for something to show."""
    return "text/html" in request.headers.get("accept", "") or is_partial(request)


def is_partial(request: Request) -> bool:
    """Whether a script of ours asks for a part of a page."""
    return request.headers.get("hx-request") == "true"


def safe_next(wanted: str) -> str:
    """A path of ours to go on to; the front page for everything else."""
    plain = wanted.startswith("/") and wanted[1:2] not in {"/", "\\"} and wanted.isascii() and wanted.isprintable()
    return wanted if plain and "\\" not in wanted and len(wanted) <= LONGEST_NEXT else "/"


def _to_sign_in(request: Request) -> Response:
    if is_partial(request):
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"hx-redirect": SIGN_IN})
    path = request.url.path if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    wanted = "" if path == "/" and not query else f"?next={quote(path + query, safe='')}"
    return RedirectResponse(f"{SIGN_IN}{wanted}", status_code=HTTPStatus.SEE_OTHER)


def _told(request: Request, problem: Problem) -> Response:
    template = "parts/problem.html" if is_partial(request) else "problem.html"
    context = {"status": problem.status, "title": problem.title, "detail": problem.detail}
    pages: Pages = request.app.state.dashboard.pages
    page = pages.page(request, template, context, status=problem.status)
    if "retry-after" in problem.headers:
        page.headers["retry-after"] = problem.headers["retry-after"]
    if is_partial(request):
        page.headers["hx-retarget"] = "#toasts"
        page.headers["hx-reswap"] = "beforeend"
    return page
