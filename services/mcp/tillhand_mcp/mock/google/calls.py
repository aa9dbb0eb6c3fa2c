"""What Google's interfaces have in common: who calls, what a body holds, and how a refusal reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from tillhand_mcp.mock.content import Content
from tillhand_mcp.mock.refusals import answer, google_error
from tillhand_mcp.mock.world import ACCESS_TOKEN

Handler = Callable[[Request], Awaitable[Any]]
BAD_REQUEST: Final = "type.googleapis.com/google.rpc.BadRequest"


class Refusal(Exception):
    """A call that Google refuses: its status, its words, and the reason that older interfaces add."""

    def __init__(
        self, status: int, message: str, *, reason: str | None = None, details: list[Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.reason, self.details = status, message, reason, details

    def response(self) -> Response:
        """Return the answer that says so."""
        return google_error(self.status, self.message, details=self.details, reason=self.reason)


def invalid(message: str, reason: str | None = None) -> Refusal:
    """Return the refusal of an argument."""
    return Refusal(400, message, reason=reason)


def guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that lets only the bearer of the token in, and words refusals."""

    async def endpoint(request: Request) -> Response:
        try:
            _check_bearer(request)
            return answer(await handler(request))
        except Refusal as refusal:
            return refusal.response()

    return endpoint


async def body_of(request: Request, known: Collection[str]) -> dict[str, Any]:
    """Return a body, whose names are all known; an empty one is an empty message."""
    raw = await request.body()
    try:
        content = orjson.loads(raw) if raw.strip() else {}
    except orjson.JSONDecodeError:
        raise invalid("Invalid JSON payload received. Unable to parse request body.") from None
    if not isinstance(content, dict):
        raise invalid("Invalid JSON payload received. Unknown name: Root element must be a message.")
    check_names(content, known)
    return dict(content)


def check_names(content: Content, known: Collection[str], path: str = "") -> None:
    """Refuse what is no message, or has a name that is not in it."""
    if not isinstance(content, dict):
        raise invalid(f"Invalid value at '{path}', {content!r}")
    for name in content:
        if name not in known:
            place = f" at '{path}'" if path else ""
            message = f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.'
            violation = {"field": path, "description": message} if path else {"description": message}
            raise Refusal(400, message, details=[{"@type": BAD_REQUEST, "fieldViolations": [violation]}])


def without_defaults(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message without its zeros and empty lists: Google sends none, and its clients have to know."""
    return {name: value for name, value in message.items() if value not in (0, "", [], None)}


def _check_bearer(request: Request) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip() == ACCESS_TOKEN:
        return
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
        if token
        else "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or "
        "other valid authentication credential."
    )
    reason = "ACCESS_TOKEN_TYPE_UNSUPPORTED" if token else "CREDENTIALS_MISSING"
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
    raise Refusal(401, message, details=[info])
