"""How errors become problem documents: the boundary of every request, and what FastAPI raises on its own."""

import re
from collections.abc import Container, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tillhand_common import context, problems
from tillhand_common.logs import scrub
from tillhand_common.openapi import DeclaredNames
from tillhand_common.problems import Problem

_BY_STATUS: Final = {problem.status: problem for problem in reversed(problems.COMMON)} | {
    400: problems.MalformedBody,  # the only one that FastAPI raises is about a body that cannot be parsed
}
_NOT_A_BODY: Final = frozenset({"model_attributes_type", "dict_type", "list_type"})
_FIELD: Final = re.compile(r"[a-z][a-z_]{0,31}")
# What pydantic may put into a message without repeating the input: bounds and choices, which are in the schema anyway.
_SCHEMA_CONTEXT: Final = frozenset(
    {
        "actual_length", "decimal_places", "expected", "expected_schemes", "field_type", "ge", "gt", "le", "lt",
        "max_digits", "max_length", "min_length", "multiple_of", "pattern", "whole_digits",
    }
)  # fmt: skip
_ERRORS_SHOWN: Final = 20

_log: Final = structlog.get_logger(__name__)


class ErrorBoundary:
    """Answer whatever the inner middlewares and routes raise; nothing of an unexpected error leaves but its id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a raised Problem or error becomes a response if none has begun."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem: Problem
        try:
            await self._app(scope, receive, send)
        except Problem as raised:
            problem = raised
        except ClientDisconnect:  # in the middle of the body: nobody waits for the answer, and nothing of ours is wrong
            problem = problems.MalformedBody("The body ended early.")
        except Exception as error:  # noqa: BLE001  # the boundary of a request
            _log.error("unexpected_error", exc_info=error)
            problem = problems.InternalError()
        else:
            return
        info = context.current()
        if info is None or not info.status:  # otherwise the server closes the connection on the unfinished response
            await problem.send(send)


async def on_problem(_request: Request, problem: Exception) -> Response:
    """Answer a Problem raised in a route."""
    assert isinstance(problem, Problem)  # noqa: S101  # FastAPI calls a handler with its own class only
    return to_response(problem)


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """Answer what Starlette and FastAPI raise themselves: 404, 405, and bodies that cannot be parsed.

    Their texts are dropped, since some of them repeat input.
    """
    assert isinstance(error, HTTPException)  # noqa: S101  # FastAPI calls a handler with its own class only
    if error.status_code < HTTPStatus.BAD_REQUEST:
        return Response(status_code=error.status_code, headers=error.headers)
    unlisted = problems.InternalError if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else problems.BadRequest
    problem = _BY_STATUS.get(error.status_code, unlisted)()
    problem.headers.update(error.headers or {})
    return to_response(problem)


async def on_validation_error(request: Request, error: Exception) -> Response:
    """Answer input that does not fit a route's declaration, naming the field and never its value."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  # FastAPI calls a handler with its own class only
    content_type, declared = request.headers.get("content-type"), DeclaredNames(request.app, request.scope.get("route"))
    return to_response(validation_problem(error.errors(), content_type, declared))


def to_response(problem: Problem) -> Response:
    """Return a problem as a Starlette response."""
    headers, body = problem.encode()
    response = Response(status_code=problem.status)
    response.raw_headers = headers
    response.body = body
    return response


def validation_problem(
    errors: Sequence[Mapping[str, Any]], content_type: str | None, declared: Container[str]
) -> Problem:
    """Return 400 for JSON that does not parse, 415 for a body that is no JSON, 422 for what does not fit.

    `declared` holds the names that the service's own schema uses; other names in a path are input, shown as `*`.
    """
    first = errors[0]
    if first["type"] == "json_invalid":
        return problems.MalformedBody("The body is not valid JSON.", field="body")
    if tuple(first["loc"]) == ("body",) and first["type"] in _NOT_A_BODY and not _is_json(content_type):
        return problems.UnsupportedMediaType("Send application/json.", field="body")
    found = [{"field": _path(error, declared), "message": _message(error)} for error in errors[:_ERRORS_SHOWN]]
    return problems.InvalidInput(
        f"{found[0]['field']}: {found[0]['message']}", field=found[0]["field"], extensions={"errors": found}
    )


def _is_json(content_type: str | None) -> bool:
    media_type = (content_type or "").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _path(error: Mapping[str, Any], declared: Container[str]) -> str:
    source, *parts = error["loc"]
    names = [str(part) if isinstance(part, int) or part in declared else "*" for part in parts]
    if error["type"] == "extra_forbidden" and _reads_like_a_field(parts[-1]):
        names[-1] = parts[-1]  # a misspelt field helps nobody as a star
    return ".".join([str(source), *names])


def _reads_like_a_field(name: object) -> bool:
    return isinstance(name, str) and _FIELD.fullmatch(name) is not None and scrub(name) == name


def _message(error: Mapping[str, Any]) -> str:
    message = str(error["msg"])
    if _SCHEMA_CONTEXT.issuperset(error.get("ctx") or ()):
        return message
    if error["type"].endswith("_parsing"):
        return message.partition(",")[0]
    return "This value is not acceptable"
