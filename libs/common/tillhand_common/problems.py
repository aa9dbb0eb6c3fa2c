"""Errors as RFC 9457 problem documents: the tree, and how each becomes a response.

Problem
├── BadRequest 400 bad-request
│   └── MalformedBody 400 malformed-body
├── Unauthorized 401 unauthorized
├── Forbidden 403 forbidden
├── NotFound 404 not-found
├── MethodNotAllowed 405 method-not-allowed
├── NotAcceptable 406 not-acceptable
├── Conflict 409 conflict
├── BodyTooLarge 413 body-too-large
├── UnsupportedMediaType 415 unsupported-media-type
├── MisdirectedHost 421 misdirected-host
├── InvalidInput 422 invalid-input
├── TooManyRequests 429 too-many-requests
├── InternalError 500 internal-error
├── Unavailable 503 unavailable
│   ├── Draining 503 draining
│   └── NotReady 503 not-ready
└── DeadlineExceeded 504 deadline-exceeded

Services derive their own from these; a class is one `type` and one status. Raise them anywhere below the
middleware `ErrorBoundary`, in a route or in another middleware. What leaves is what the raiser wrote into
`detail`, never an input value and never the text of a foreign exception.
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from starlette.types import Send

from tillhand_common import context

MEDIA_TYPE: Final = "application/problem+json"


class Problem(Exception):
    """An error that a caller is told about.

    `field` names the offending input as a path (`body.top_k`), `extensions` are further members of the
    document, `retry_after_s` becomes the `Retry-After` header, rounded up to whole seconds.
    """

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "The service failed"

    def __init__(
        self,
        detail: str = "",
        *,
        field: str | None = None,
        extensions: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or f"{self.title}."
        self.field = field
        self.extensions: Mapping[str, object] = extensions or {}
        self.headers = dict(headers or {})
        if retry_after_s is not None:
            self.headers["retry-after"] = str(max(0, math.ceil(retry_after_s)))

    @classmethod
    def type_uri(cls) -> str:
        """Return the stable `type` of this problem."""
        return f"urn:tillhand:problem:{cls.slug}"

    def document(self) -> dict[str, object]:
        """Return the problem document; `instance` is the id of the request being served."""
        document: dict[str, object] = {
            "type": self.type_uri(),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        request_id = context.request_id()
        if request_id is not None:
            document["instance"] = request_id
        if self.field is not None:
            document["field"] = self.field
        return {**self.extensions, **document}

    def encode(self) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """Return response headers and body, ready for an ASGI `send`."""
        body = json.dumps(self.document(), ensure_ascii=False, separators=(",", ":")).encode()
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *((name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()),
        ]
        return headers, body

    async def send(self, send: Send) -> None:
        """Answer the current request with this problem, from inside a middleware."""
        headers, body = self.encode()
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


class BadRequest(Problem):
    """The request cannot be understood as it stands."""

    status, slug, title = 400, "bad-request", "The request is malformed"


class MalformedBody(BadRequest):
    """The body is not what its content type says."""

    slug, title = "malformed-body", "The body cannot be parsed"


class Unauthorized(Problem):
    """No key, or one that is unknown, revoked or malformed; which of these is never told."""

    status, slug, title = 401, "unauthorized", "A valid key is required"

    def __init__(self, detail: str = "", *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, headers={"www-authenticate": 'Bearer realm="tillhand"', **(headers or {})})


class Forbidden(Problem):
    """The caller is known and may not do this."""

    status, slug, title = 403, "forbidden", "The caller may not do this"


class NotFound(Problem):
    """There is no such thing, or none that the caller may know of."""

    status, slug, title = 404, "not-found", "There is nothing here"


class MethodNotAllowed(Problem):
    """The path exists, the method on it does not; `Allow` lists those that do."""

    status, slug, title = 405, "method-not-allowed", "The method is not allowed here"


class NotAcceptable(Problem):
    """None of the media types that the caller accepts can be given."""

    status, slug, title = 406, "not-acceptable", "No acceptable representation"


class Conflict(Problem):
    """The request contradicts the present state."""

    status, slug, title = 409, "conflict", "The request conflicts with the present state"


class BodyTooLarge(Problem):
    """The body exceeds the limit."""

    status, slug, title = 413, "body-too-large", "The body is too large"


class UnsupportedMediaType(Problem):
    """The body's content type is not one that this route reads."""

    status, slug, title = 415, "unsupported-media-type", "The content type is not supported"


class MisdirectedHost(Problem):
    """The Host header names none of this service's hosts."""

    status, slug, title = 421, "misdirected-host", "This host is not served here"


class InvalidInput(Problem):
    """The request is well formed and its content is not acceptable."""

    status, slug, title = 422, "invalid-input", "The input is not acceptable"


class TooManyRequests(Problem):
    """The caller's rate or quota is used up; `Retry-After` says for how long."""

    status, slug, title = 429, "too-many-requests", "Too many requests"


class InternalError(Problem):
    """The service has a defect; the log has it under the request id."""

    status, slug, title = 500, "internal-error", "The service failed"


class Unavailable(Problem):
    """Something that the service needs is out of order; trying again later may help."""

    status, slug, title = 503, "unavailable", "Temporarily unavailable"


class Draining(Unavailable):
    """This instance is shutting down; another one can answer."""

    slug, title = "draining", "The service is shutting down"


class NotReady(Unavailable):
    """A critical check fails; the document lists all checks."""

    slug, title = "not-ready", "The service is not ready"


class DeadlineExceeded(Problem):
    """The request could not be answered within its deadline."""

    status, slug, title = 504, "deadline-exceeded", "The deadline has passed"


COMMON: Final[tuple[type[Problem], ...]] = (
    BadRequest,
    MalformedBody,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    Conflict,
    BodyTooLarge,
    UnsupportedMediaType,
    MisdirectedHost,
    InvalidInput,
    TooManyRequests,
    InternalError,
    Unavailable,
    Draining,
    NotReady,
    DeadlineExceeded,
)


def by_status(problems: Iterable[type[Problem]]) -> dict[int, list[type[Problem]]]:
    """Group problem classes by status, keeping their order and dropping repeats."""
    grouped: dict[int, list[type[Problem]]] = {}
    for problem in problems:
        known = grouped.setdefault(problem.status, [])
        if problem not in known:
            known.append(problem)
    return grouped


def responses(*problems: type[Problem]) -> dict[int | str, dict[str, object]]:
    """Return what a route declares as its `responses`, so that OpenAPI lists these problems.

    `create_app` adds those that every route can give; a route names only its own.
    """
    return {status: openapi_response(group) for status, group in by_status(problems).items()}


def openapi_response(problems: Iterable[type[Problem]]) -> dict[str, object]:
    """Describe one status in OpenAPI: the problem schema, and one example per problem type."""
    group = list(problems)
    return {
        "description": "; ".join(dict.fromkeys(problem.title for problem in group)),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {problem.slug: {"value": _example(problem)} for problem in group},
            }
        },
    }


def _example(problem: type[Problem]) -> dict[str, object]:
    return {
        "type": problem.type_uri(),
        "title": problem.title,
        "status": problem.status,
        "detail": f"{problem.title}.",
        "instance": "4bf92f3577b34da6a3ce929d0e0e4736",
    }
