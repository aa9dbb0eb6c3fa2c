"""One HTTP request of the protocol: whose it is, and what ends with it.

The SDK hands the Starlette request of each message to the handlers, also where a session outlives it. What belongs to
the message travels in that request's scope: a session's creator never lends their name to a later message.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Self, TypeAlias

import anyio
from mcp.server.context import ServerRequestContext
from starlette.types import Scope

from tillhand_common.actor import acting
from tillhand_common.security import require
from tillhand_mcp.ports.toolbox import Caller

SCOPE: Final = "mcp:call"
_KEY: Final = "tillhand.mcp"
_authorized: Final = require(SCOPE)

Context: TypeAlias = ServerRequestContext[Any, Any]


class Exchange:
    """A request and its caller; work done inside `attached` is cancelled when the client hangs up."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self._ended = False
        self._attached: set[anyio.CancelScope] = set()

    @classmethod
    def of(cls, ctx: Context) -> Self:
        """Return the exchange of the message that a handler answers."""
        exchange = ctx.request.scope[_KEY] if ctx.request is not None else None
        if not isinstance(exchange, cls):
            raise TypeError("a message came in another way than through the endpoint")
        return exchange

    def enter(self, scope: Scope) -> None:
        """Let handlers find this exchange by their request."""
        scope[_KEY] = self

    def end(self) -> None:
        """Cancel what is still being done for a client that has left."""
        self._ended = True
        for scope in tuple(self._attached):
            scope.cancel()

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Cancel what is awaited inside as soon as the exchange ends."""
        with anyio.CancelScope() as scope:
            self._attached.add(scope)
            if self._ended:
                scope.cancel()
            try:
                yield
            finally:
                self._attached.discard(scope)


async def caller() -> Caller:
    """Return who makes the request being served. Raises Unauthorized, or Forbidden without the scope."""
    principal = await _authorized()
    actor = await acting(principal)
    return Caller(actor.subject, actor.kind, actor.tenant, principal.scopes)
