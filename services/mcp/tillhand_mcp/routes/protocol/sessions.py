"""Sessions of the revisions that have them: no caller opens so many that others find no room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from mcp.server.context import CallNext, HandlerResult
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from starlette.types import Scope

from tillhand_common.problems import TooManyRequests
from tillhand_mcp.ports.toolbox import Caller
from tillhand_mcp.routes.protocol.exchange import Context, Exchange

MAX_PER_CALLER: Final = 100
RETRY_AFTER_S: Final = 60.0


def on_end(ctx: Context, callback: Callable[[], object]) -> None:
    """Call back when the session that a message belongs to has ended, however it did."""
    ctx.session._connection.exit_stack.callback(callback)  # noqa: SLF001  # the SDK has no other way to hear of it


class Sessions:
    """How many sessions each caller has open."""

    def __init__(self, most: int = MAX_PER_CALLER) -> None:
        self._most = most
        self._open: Counter[tuple[str, str]] = Counter()

    def admit(self, scope: Scope, who: Caller) -> None:
        """Let a request pass that belongs to a session, or opens one. Raises TooManyRequests."""
        headers = dict(scope["headers"])
        if b"mcp-session-id" in headers or self._open[_owner(who)] < self._most:
            return
        if headers.get(b"mcp-protocol-version", b"").decode("latin-1") in MODERN_PROTOCOL_VERSIONS:
            return
        raise TooManyRequests(
            f"This caller has {self._most} sessions open: end some with DELETE, or use 2026-07-28, which has none.",
            retry_after_s=RETRY_AFTER_S,
        )

    async def count(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        """Count a session from its first message to its end; a middleware of the SDK's server."""
        if ctx.method == "initialize":
            owner = _owner(Exchange.of(ctx).caller)
            self._open[owner] += 1
            on_end(ctx, lambda: self._ended(owner))
        return await call_next(ctx)

    def _ended(self, owner: tuple[str, str]) -> None:
        self._open[owner] -= 1
        if not self._open[owner]:
            del self._open[owner]


def _owner(who: Caller) -> tuple[str, str]:
    return who.tenant, who.subject
