"""The door at /mcp: what the chassis has let in goes to the SDK, in its caller's name."""

from __future__ import annotations

from typing import Final

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.inbound import decode_header_value
from starlette.types import Message, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.lifecycle import RETRY_AFTER_S, Drain
from tillhand_common.problems import Draining, Forbidden, Unauthorized
from tillhand_mcp.ports.toolbox import Caller
from tillhand_mcp.routes.protocol.exchange import Exchange, caller
from tillhand_mcp.routes.protocol.oauth import ProtectedResource
from tillhand_mcp.routes.protocol.sessions import Sessions
from tillhand_mcp.routes.protocol.tools import Tools

METHODS: Final = ("GET", "POST", "DELETE")


class Endpoint:
    """An ASGI application; `manager` is there while the service runs."""

    def __init__(self, tools: Tools, sessions: Sessions, resource: ProtectedResource) -> None:
        self.manager: StreamableHTTPSessionManager | None = None
        self._tools = tools
        self._sessions = sessions
        self._resource = resource

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a message, or the stream of a session. Raises Unauthorized, Forbidden and TooManyRequests."""
        who = await self._caller(scope)
        scope["headers"] = [(name, value.strip(b" \t")) for name, value in scope["headers"]]  # RFC 9110, 5.5
        headers = dict(scope["headers"])
        self._sessions.admit(scope, who)
        exchange = Exchange(who)
        exchange.enter(scope)
        scope["user"] = _owner(who)
        if headers.get(b"mcp-method") == b"tools/call" and b"mcp-name" in headers:
            name = decode_header_value(headers[b"mcp-name"].decode("latin-1"))
            await self._tools.learn(who, name or "")
        try:
            if scope["method"] == "GET":
                await self._stream(scope, receive, send)
            else:
                await self._serve(scope, receive, send)
        finally:
            exchange.end()

    async def _caller(self, scope: Scope) -> Caller:
        try:
            return await caller()
        except Unauthorized as refused:
            refused.headers["www-authenticate"] += f", {self._resource.challenge(scope)}"
            raise
        except Forbidden as refused:
            refused.headers["www-authenticate"] += f", {self._resource.pointer(scope)}"  # beside the scope that lacks
            raise

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.manager is None:
            raise RuntimeError("the endpoint is asked before the service has started")
        await self.manager.handle_request(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what a session is told between its requests; it ends with the drain, and its client comes back."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        info, drain = context.current(), _drain(scope)
        if info is not None:
            info.streaming = True
        with drain.interruptible() as waiting:
            await self._serve(scope, receive, watched)
        if waiting.interrupted:
            if not begun:
                raise Draining(retry_after_s=RETRY_AFTER_S)
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _drain(scope: Scope) -> Drain:
    drain: Drain = scope["app"].state.chassis.drain
    return drain


def _owner(who: Caller) -> AuthenticatedUser:
    # A session answers only to whom it was opened for: the SDK compares these.
    return AuthenticatedUser(AccessToken(token="", client_id=who.tenant, subject=who.subject, scopes=[]))  # nosec B106 # no token is passed on
