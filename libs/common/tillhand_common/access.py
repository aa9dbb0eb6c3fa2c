"""The outermost middleware: who is asking in which trace, and one log line about how it went."""

import asyncio
from time import gmtime, perf_counter, strftime, time
from typing import Any, Final

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.lifecycle import PROBE_PATHS
from tillhand_common.logs import LEVELS, STDOUT, Form, Level

SERVER_ERRORS: Final = 500


class AccessLog:
    """Writes access lines: the form of all others, on a path short enough to be walked per request.

    It does not scrub: what it writes is ours, or has been checked to be an id. Requests that end in one turn of the
    event loop are written together.
    """

    def __init__(self, service: str, level: Level, fmt: Form) -> None:
        self._service = service
        self._threshold = LEVELS[level]
        self._json = fmt == "json"
        self._pending: list[tuple[Level, str, context.RequestInfo, float, float]] = []
        self._second = 0
        self._second_text = ""

    def write(self, level: Level, method: str, info: context.RequestInfo) -> None:
        """Write one line about a request that has just been served, at the end of this turn of the event loop."""
        if LEVELS[level] < self._threshold:
            return
        if not self._pending:
            asyncio.get_running_loop().call_soon(self._flush)
        self._pending.append((level, method, info, time(), perf_counter()))

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        lines = [self._line(*served) for served in pending]
        if self._json:
            STDOUT.write(b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines))
            STDOUT.flush()
            return
        for line in lines:
            structlog.get_logger().log(LEVELS[line.pop("level")], line.pop("event"), **line)

    def _line(
        self, level: Level, method: str, info: context.RequestInfo, ended: float, ended_monotonic: float
    ) -> dict[str, Any]:
        caller = info.principal
        return {
            "time": self._text(ended),
            "service": self._service,
            "level": level,
            "event": "request",
            "request_id": info.request_id,
            "trace_id": info.trace.trace_id,
            "tenant": None if caller is None else caller.tenant,
            "key": None if caller is None else caller.key_id,
            "method": method,
            "route": info.route,
            "status": info.status,
            "duration_ms": round((ended_monotonic - info.started) * 1000, 3),
        }

    def _text(self, moment: float) -> str:
        second = int(moment)
        if second != self._second:
            self._second, self._second_text = second, strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))
        return f"{self._second_text}.{int((moment - second) * 1000):03d}Z"


class RequestContext:
    """Give a request its id and trace, return both, and write its access line.

    The line names the route's template, never the path, which may hold what a person typed.
    """

    def __init__(self, app: ASGIApp, log: AccessLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on inside its own context."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        info = _info(scope)
        context.enter(info)

        async def send_with_ids(message: Message) -> None:
            if message["type"] == "http.response.start":
                info.status = message["status"]
                message["headers"] = headers = list(message.get("headers", ()))
                for complete in info.on_start:
                    complete(message)
                headers.append((b"x-request-id", info.request_id.encode()))
                headers.append((b"traceparent", str(info.trace).encode()))
            await send(message)

        try:
            await self._app(scope, receive, send_with_ids)
        finally:
            info.on_start.clear()  # these refer to the request in turn, and only the collector could part them
            self._write(scope, info)

    def _write(self, scope: Scope, info: context.RequestInfo) -> None:
        level: Level = "error" if info.status >= SERVER_ERRORS else "info"
        if scope["path"] in PROBE_PATHS:
            level = "debug"  # a service that is not ready says so itself, once
        self._log.write(level, scope["method"], info)


def _info(scope: Scope) -> context.RequestInfo:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    request_id, traceparent = headers.get(b"x-request-id"), headers.get(b"traceparent")
    return context.from_headers(_text(request_id), _text(traceparent), _text(headers.get(b"tracestate")))


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
