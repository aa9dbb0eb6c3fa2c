"""Leaving without dropping anything: the drain that SIGTERM starts, and who takes part in it.

`begin` turns `/ready` to 503 and tells streams to say farewell; requests go on being served, since load
balancers need time to notice. `close` comes `drain_delay_s` later, together with the end of the listener:
from then on a request on a connection still open is refused with 503, and those in flight finish.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import anyio
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.problems import Draining

PROBE_PATHS: Final = frozenset({"/health", "/ready", "/metrics"})
RETRY_AFTER_S: Final = 1.0

_log: Final = structlog.get_logger(__name__)


class StartupError(Exception):
    """A service cannot start; the message is the one line that its operator reads."""


class Drain:
    """Whether this process is leaving, and what is still in flight. Belongs to one event loop."""

    def __init__(self) -> None:
        self.draining = False
        self.closed = False
        self.in_flight = 0
        self._begun = asyncio.Event()
        self._interrupts: set[anyio.CancelScope] = set()

    def begin(self) -> None:
        """Start to leave: not ready any more, streams end. Harmless when repeated."""
        self.draining = True
        self._begun.set()
        for scope in self._interrupts:
            scope.cancel()

    def close(self) -> None:
        """Refuse whatever still arrives; the listener is about to go."""
        self.begin()
        self.closed = True

    async def wait(self) -> None:
        """Return once the drain has begun."""
        await self._begun.wait()

    @contextmanager
    def interruptible(self) -> Iterator[anyio.CancelScope]:
        """Cancel what is awaited inside as soon as the drain begins; `cancelled_caught` tells that it was."""
        with anyio.CancelScope() as scope:
            if self.draining:
                scope.cancel()
            self._interrupts.add(scope)
            try:
                yield scope
            finally:
                self._interrupts.discard(scope)


class DrainGate:
    """Count requests in flight, and refuse new ones once the listener is gone."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or answer 503 when this process no longer takes requests."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        drain = self._drain
        if drain.closed and scope["path"] not in PROBE_PATHS:
            await Draining(headers={"connection": "close"}, retry_after_s=RETRY_AFTER_S).send(send)
            return
        drain.in_flight += 1
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not drain.closed:
                raise
            await _cut(send)
        finally:
            drain.in_flight -= 1


async def _cut(send: Send) -> None:
    # The server cancels what outlasts the drain timeout. The task ends here, so the cancellation has had its effect.
    info = context.current()
    _log.warning("request_cut", reason="drain timeout")
    if info is None or not info.status:
        await Draining(headers={"connection": "close"}, retry_after_s=RETRY_AFTER_S).send(send)
