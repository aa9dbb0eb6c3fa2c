"""HTTP/1.1 as uvicorn speaks it, with what an application cannot change from the inside."""

import asyncio
from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tillhand_common.problems import BadRequest, Problem

ABORT_EXTENSION: Final = "tillhand.abort"
MAX_HEAD_BYTES: Final = 64 * 1024
HEAD_TIMEOUT_S: Final = 10.0


class HeadTooLarge(Problem):
    """Request line and headers exceed 64 KiB; the connection is closed."""

    status, slug, title = 431, "headers-too-large", "The request headers are too large"


class RequestTimeout(Problem):
    """Request line and headers were not whole 10 s after they had begun; the connection is closed."""

    status, slug, title = 408, "request-timeout", "The request took too long to arrive"


class HttpProtocol(HttpToolsProtocol):
    """Refuse unreadable requests with a problem document, and let a response give up on a client that stopped reading.

    The head of a request is read before anybody knows who sends it, so its size and time are limited here. One that
    comes in a single small piece, as nearly all do, is neither measured nor timed.

    `scope["extensions"]["tillhand.abort"]["abort"]` is a callable that drops the connection together with what is still
    buffered for it; closing normally would wait for the client to read it.
    """

    _in_head = False
    _head_waits = False  # since an earlier piece
    _measured = False
    _waited_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None
    _refusal: Problem | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for a first request no longer than for a next one."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the head that was being read."""
        self._head_ended()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse; a head that does not end in the piece that it began in is measured and timed from then on."""
        self._head_waits = self._in_head
        self._measured = self._in_head or len(data) > MAX_HEAD_BYTES
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head_goes_on(len(data) if self._head_waits else 0)

    def on_message_begin(self) -> None:
        """Offer the abort extension with each request."""
        super().on_message_begin()
        self.scope["extensions"] = {ABORT_EXTENSION: {"abort": self.transport.abort}}
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Serve the request, unless its head is too large."""
        self._in_head = False
        if self._measured:
            self._head_waits = False
            self._head_ended()
            if _head_bytes(self.url, self.headers) > MAX_HEAD_BYTES:
                self._refusal = HeadTooLarge()
                raise ValueError("the head is too large")  # ends the parser, which then has the request refused
        super().on_headers_complete()
        self.headers = []  # trailers do not become headers of a request that has been let in

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # the parser's text is not ours to publish
        """Answer what is not HTTP, or too much of it."""
        self._refuse(self._refusal or BadRequest("This is not a valid HTTP request."))

    def _head_goes_on(self, more: int) -> None:
        self._waited_bytes += more
        if self._waited_bytes > MAX_HEAD_BYTES:
            self._refuse(HeadTooLarge())
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._head_timed_out)

    def _head_ended(self) -> None:
        self._waited_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_timed_out(self) -> None:
        self._head_timer = None
        if self._answering:  # the client waits for an answer of ours before it sends the rest
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._head_timed_out)
        else:
            self._refuse(RequestTimeout())

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]  # None at first

    def _refuse(self, problem: Problem) -> None:
        self._in_head = False
        self._head_ended()
        if not self._answering:  # otherwise the refusal would land in the middle of another answer
            self.transport.write(_encoded(problem))
        self.transport.close()


def _head_bytes(url: bytes, headers: list[tuple[bytes, bytes]]) -> int:
    return len(url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in headers)


def _encoded(problem: Problem) -> bytes:
    headers, body = problem.encode()
    status = f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}".encode()
    lines = [status, *(name + b": " + value for name, value in headers), b"connection: close"]
    return b"\r\n".join([*lines, b"", body])
