"""The outermost middleware: who is asking in which trace, and one log line about how it went."""

from time import perf_counter
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.lifecycle import PROBE_PATHS
from tillhand_common.logs import AccessLog, Level
from tillhand_common.red import RouteNames

SERVER_ERRORS: Final = 500


class RequestContext:
    """Give a request its id and trace, return both, and write its access line.

    The line names the route's template, never the path, which may hold what a person typed.
    """

    def __init__(self, app: ASGIApp, log: AccessLog, routes: RouteNames) -> None:
        self._app = app
        self._log = log
        self._routes = routes

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
            self._write(scope, info)

    def _write(self, scope: Scope, info: context.RequestInfo) -> None:
        level: Level = "info"
        if info.status >= SERVER_ERRORS:
            level = "error"
        elif scope["path"] in PROBE_PATHS:
            level = "debug"
        if not self._log.wants(level):
            return
        principal = info.principal
        self._log.write(
            level,
            {
                "request_id": info.request_id,
                "trace_id": info.trace.trace_id,
                "tenant": None if principal is None else principal.tenant,
                "key": None if principal is None else principal.key_id,
                "method": scope["method"],
                "route": self._routes.of(scope),
                "status": info.status,
                "duration_ms": round((perf_counter() - info.started) * 1000, 3),
            },
        )


def _info(scope: Scope) -> context.RequestInfo:
    request_id = traceparent = tracestate = None
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            request_id = value.decode("latin-1")
        elif name == b"traceparent":
            traceparent = value.decode("latin-1")
        elif name == b"tracestate":
            tracestate = value.decode("latin-1")
    return context.from_headers(request_id, traceparent, tracestate)
