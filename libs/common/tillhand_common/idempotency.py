"""`Idempotency-Key`: a POST that is repeated under the same key is done once and answered alike.

The header follows https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/. A key belongs to its
caller (API key, and actor where there is one) and route. What a repetition gets:

    same request, answered with 2xx      that answer again, with `Idempotency-Replayed: true`
    same request, still running          409 idempotency-key-in-use
    same request, answer not kept        409 idempotency-answer-not-kept (streamed, or more than a MiB)
    same request, never answered         409 idempotency-outcome-unknown (interrupted, or the process died)
    another request                      422 idempotency-key-reused

A request that was refused or failed with an answer is forgotten, so that it can be tried again. Only a hash of the
request is kept, never a header of it; the answers lie in a file of mode 0600.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.idempotency_store import MIB, Headers, IdempotencyStore, Known
from tillhand_common.problems import BadRequest, Conflict, InvalidInput, Problem
from tillhand_common.route_pattern import RoutePattern

MAX_BODY_BYTES: Final = MIB

_KEY: Final = re.compile(rb"[\x21-\x7e]{1,255}")
_BOUNDARY: Final = re.compile(rb';\s*boundary="?([^";]+)"?')
_STREAMED: Final = (b"text/event-stream", b"application/x-ndjson", b"application/jsonl")
_NOT_KEPT: Final = frozenset({b"set-cookie", b"date", b"server", b"connection", b"transfer-encoding"})


class IdempotencyKeyReused(InvalidInput):
    """The key was used for another request before."""

    slug, title = "idempotency-key-reused", "The idempotency key belongs to another request"


class IdempotencyKeyInUse(Conflict):
    """The request is being served right now."""

    slug, title = "idempotency-key-in-use", "The request is still running"


class IdempotencyAnswerNotKept(Conflict):
    """The request was done; its answer was too large, or streamed, and cannot be given again."""

    slug, title = "idempotency-answer-not-kept", "The request was done, its answer was not kept"


class IdempotencyOutcomeUnknown(Conflict):
    """The request was interrupted: look whether it was done, and use a new key if it was not."""

    slug, title = "idempotency-outcome-unknown", "It is unknown whether the request was done"


PROBLEMS: Final[tuple[type[Problem], ...]] = (
    IdempotencyKeyReused,
    IdempotencyKeyInUse,
    IdempotencyAnswerNotKept,
    IdempotencyOutcomeUnknown,
)


class Idempotency:
    """Serve each request once per key, on `routes` such as `POST /v1/proposals/{id}/decisions`."""

    def __init__(self, app: ASGIApp, *, store: IdempotencyStore, routes: Iterable[str]) -> None:
        self._app = app
        self._store = store
        self._routes = [RoutePattern(route) for route in routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it from memory."""
        request = self._request(scope) if scope["type"] == "http" else None
        if request is None:
            await self._app(scope, receive, send)
            return
        owner, key = request
        body = await _body(receive)
        if body is None:
            return  # the client left before it had said what it wanted
        fingerprint = _fingerprint(scope, body)
        known = self._store.claim(owner, key, fingerprint)
        if known is not None:
            await _repeat(known, fingerprint, send)
            return
        answer = _Answer(self._store, owner, key, send)
        try:
            await self._app(scope, _given(body, receive), answer.send)
        except Exception:
            answer.failed()
            raise
        except BaseException:
            answer.interrupted()
            raise
        answer.failed()  # unless it is whole, which has been noted

    def _request(self, scope: Scope) -> tuple[str, str] | None:
        route = next((route for route in self._routes if route.matches(scope)), None)
        headers = dict(scope["headers"]) if route is not None else {}
        caller = context.principal()
        if route is None or b"idempotency-key" not in headers or caller is None:
            return None
        key = headers[b"idempotency-key"]
        if not _KEY.fullmatch(key):
            raise BadRequest("Use 1 to 255 visible ASCII characters.", field="header.Idempotency-Key")
        actor = context.actor()
        subject = "" if actor is None else actor.subject
        return f"{caller.key_id} {subject} {route.method} {route.path}", key.decode("ascii")


class _Answer:
    """The answer on its way out; it is kept before its last piece leaves."""

    def __init__(self, store: IdempotencyStore, owner: str, key: str, send: Send) -> None:
        self._store = store
        self._request = owner, key
        self._send = send
        self._status = 0
        self._headers: Headers = ()
        self._body: bytearray | None = bytearray()
        self._settled = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begin(message["status"], message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self._add(message.get("body", b""), last=not message.get("more_body", False))
        await self._send(message)

    def _begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._status = status
        self._headers = [pair for pair in headers if pair[0].lower() not in _NOT_KEPT]
        media_type = next((value for name, value in self._headers if name.lower() == b"content-type"), b"")
        if media_type.startswith(_STREAMED):
            self._body = None

    def _add(self, chunk: bytes, *, last: bool) -> None:
        if self._body is not None:
            self._body = self._body + chunk if len(self._body) + len(chunk) <= MAX_BODY_BYTES else None
        if last:
            self.ended()

    @property
    def _succeeded(self) -> bool:
        return 200 <= self._status < 300  # noqa: PLR2004  # what 2xx means

    def ended(self) -> None:
        """The whole answer is there."""
        if self._settled:
            return
        self._settled = True
        if not self._succeeded:
            self._store.release(*self._request)
        elif self._body is None:
            self._store.settle(*self._request, "not_kept")
        else:
            self._store.answer(*self._request, self._status, self._headers, bytes(self._body))

    def failed(self) -> None:
        """No more will come; an answer that had begun says that the request was done."""
        self._body = None
        self.ended()

    def interrupted(self) -> None:
        """The request was cut off in the middle."""
        if self._succeeded:
            self.failed()
        elif not self._settled:
            self._settled = True
            self._store.settle(*self._request, "unknown")


async def _repeat(known: Known, fingerprint: bytes, send: Send) -> None:
    if known.fingerprint != fingerprint:
        raise IdempotencyKeyReused("Use a new key for a new request.", field="header.Idempotency-Key")
    if known.state == "running":
        raise IdempotencyKeyInUse("Ask again when it has been answered.", retry_after_s=1)
    if known.state == "not_kept":
        raise IdempotencyAnswerNotKept("It was streamed or too large to be kept.")
    if known.state == "unknown":
        raise IdempotencyOutcomeUnknown("Look whether it was done; if not, send it under a new key.")
    headers = [*known.headers, (b"idempotency-replayed", b"true")]
    await send({"type": "http.response.start", "status": known.status, "headers": headers})
    await send({"type": "http.response.body", "body": known.body, "more_body": False})


async def _body(receive: Receive) -> bytes | None:
    pieces: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def _given(body: bytes, receive: Receive) -> Receive:
    pending = [body]

    async def receive_again() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return receive_again


def _fingerprint(scope: Scope, body: bytes) -> bytes:
    """Hash what was asked; the boundary of a form is left out, because clients draw a new one for each attempt."""
    media_type = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    boundary = _BOUNDARY.search(media_type)
    if boundary is not None:
        body = body.replace(b"--" + boundary[1], b"--")
        media_type = media_type[: boundary.start()]
    asked = (scope["path"].encode(), scope.get("query_string", b""), media_type, body)
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in asked)).digest()
