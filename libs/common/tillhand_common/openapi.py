"""The OpenAPI document: FastAPI's own, with every problem that a route can answer."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from tillhand_common import idempotency, problems
from tillhand_common.actor import InvalidActor
from tillhand_common.host_gate import ForeignOrigin
from tillhand_common.problems import MEDIA_TYPE, Problem

# What the chassis itself can answer on any route, whatever the route declares.
EVERYWHERE: Final[tuple[type[Problem], ...]] = (
    problems.BadRequest,
    problems.Unauthorized,
    problems.Forbidden,
    ForeignOrigin,
    problems.NotFound,
    problems.MisdirectedHost,
    problems.InvalidInput,
    problems.TooManyRequests,
    problems.InternalError,
    problems.Unavailable,
    problems.Draining,
    problems.DeadlineExceeded,
)
WITH_BODY: Final[tuple[type[Problem], ...]] = (
    problems.MalformedBody,
    problems.Conflict,
    problems.BodyTooLarge,
    problems.UnsupportedMediaType,
)
PROBLEM_SCHEMA: Final[dict[str, object]] = {
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Which problem this is; stable."},
        "title": {"type": "string", "description": "The problem in words; the same for each occurrence."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened this time; never holds an input value."},
        "instance": {"type": "string", "description": "The id of the request, as in X-Request-Id and the logs."},
        "field": {"type": "string", "description": "Path of the offending input."},
        "errors": {
            "type": "array",
            "description": "Every offending input, where there are several.",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}
IDEMPOTENCY_KEY: Final[dict[str, object]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A request that is repeated under the same key is done once and answered alike.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def with_problems(app: FastAPI, idempotent: Collection[str]) -> Callable[[], dict[str, Any]]:
    """Return a replacement for `app.openapi` that lists problem responses as application/problem+json.

    Routes in `idempotent` are said to take an `Idempotency-Key`.
    """
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            schemas["Problem"] = PROBLEM_SCHEMA
            operations = {
                f"{method.upper()} {path}": operation
                for path, methods in document.get("paths", {}).items()
                for method, operation in methods.items()
            }
            actors = (InvalidActor,) if hasattr(app.state, "actors") else ()
            for operation in operations.values():
                _complete(operation, actors)
            for route in idempotent:
                _take_idempotency_key(operations, route)
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
        return document

    return openapi


def declared_names(app: FastAPI) -> frozenset[str]:
    """Return every name of a parameter, property or schema in the service's OpenAPI document."""
    known: frozenset[str] | None = getattr(app.state, "declared_names", None)
    if known is None:
        known = app.state.declared_names = frozenset(_names(app.openapi()))
    return known


class DeclaredNames:
    """The names that a route declares, and where those do not hold one, all names of the OpenAPI document.

    Making the document of a large service takes a second, for which one bad parameter need not wait.
    """

    def __init__(self, app: FastAPI, route: object) -> None:
        self._app = app
        self._route = route

    def __contains__(self, name: object) -> bool:
        return name in self._of_route() or name in declared_names(self._app)

    def _of_route(self) -> frozenset[str]:
        if not isinstance(self._route, APIRoute):
            return frozenset()
        known: dict[int, frozenset[str]] | None = getattr(self._app.state, "names_of_routes", None)
        if known is None:
            known = self._app.state.names_of_routes = {}
        if id(self._route) not in known:  # by identity: routes cannot be hashed, and live as long as the application
            known[id(self._route)] = frozenset(_taken(self._route.dependant))
        return known[id(self._route)]


def _taken(dependant: Dependant) -> Iterator[str]:
    """Names of parameters and of everything in a body, of a route and what it depends on."""
    for group in (dependant.path_params, dependant.query_params, dependant.header_params, dependant.cookie_params):
        yield from (field.alias for field in group)
    for field in dependant.body_params:
        yield field.alias
        yield from _names(TypeAdapter[object](field.field_info.annotation or object).json_schema())
    for other in dependant.dependencies:
        yield from _taken(other)


def _names(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for named in (node.get("properties"), node.get("schemas")):
            if isinstance(named, dict):
                yield from named
        if isinstance(node.get("name"), str) and "in" in node:
            yield node["name"]
        for child in node.values():
            yield from _names(child)
    elif isinstance(node, list):
        for child in node:
            yield from _names(child)


def _complete(operation: dict[str, Any], actors: tuple[type[Problem], ...]) -> None:
    listed = operation.setdefault("responses", {})
    body = WITH_BODY if "requestBody" in operation else ()
    for status, group in problems.by_status([*EVERYWHERE, *actors, *body]).items():
        _merge(listed, str(status), group)
    operation["responses"] = dict(sorted(listed.items()))


def _take_idempotency_key(operations: dict[str, Any], route: str) -> None:
    operation = operations.get(route, {"responses": {}})  # a route may be left out of the schema
    operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    for status, group in problems.by_status(idempotency.PROBLEMS).items():
        _merge(operation["responses"], str(status), group)


def _merge(listed: dict[str, Any], status: str, group: Iterable[type[Problem]]) -> None:
    added: dict[str, Any] = problems.openapi_response(group)
    present = listed.get(status)
    if present is None or MEDIA_TYPE not in present.get("content", {}):
        listed[status] = added
        return
    examples = present["content"][MEDIA_TYPE].setdefault("examples", {})
    for slug, example in added["content"][MEDIA_TYPE]["examples"].items():
        examples.setdefault(slug, example)
