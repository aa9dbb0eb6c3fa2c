"""Errors of the OpenAI-compatible routes: problem documents with an `error` member, which is what such clients show."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from tillhand_common.handlers import validation_problem
from tillhand_common.openapi import declared_names
from tillhand_common.problems import InternalError, Problem


class OpenAIRoute(APIRoute):
    """A route whose problems carry `error` as well."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler that FastAPI made, with its errors completed."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except RequestValidationError as error:
                content_type, declared = request.headers.get("content-type"), declared_names(request.app)
                raise completed(validation_problem(error.errors(), content_type, declared)) from error
            except Problem as problem:
                raise completed(problem) from None

        return handler


def completed(problem: Problem) -> Problem:
    """The problem, with the member `error` in it."""
    problem.extensions = {**problem.extensions, "error": error_of(problem)}
    return problem


def error_of(problem: Problem) -> dict[str, str | None]:
    """What OpenAI's clients read of an error."""
    kind = "server_error" if problem.status >= InternalError.status else "invalid_request_error"
    return {"message": problem.detail, "type": kind, "param": problem.field, "code": problem.slug}
