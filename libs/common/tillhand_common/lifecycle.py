"""Leaving without dropping anything: the drain that SIGTERM starts, and who takes part in it.

`begin` turns `/ready` to 503 and tells streams to say farewell; requests go on being served, since load
balancers need time to notice. `close` comes `drain_delay_s` later, together with the end of the listener:
from then on a request on a connection still open is refused with 503, and those in flight finish.
"""

import asyncio
from types import TracebackType
from typing import Final, Self

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.problems import Draining

READY_PATH: Final = "/ready"
PROBE_PATHS: Final = frozenset({"/health", READY_PATH, "/metrics"})
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
        self._interruptibles: set[Interruptible] = set()

    def begin(self) -> None:
        """Start to leave: not ready any more, streams end. Harmless when repeated."""
        self.draining = True
        self._begun.set()
        for waiting in tuple(self._interruptibles):
            waiting.interrupt()

    def close(self) -> None:
        """Refuse whatever still arrives; the listener is about to go."""
        self.begin()
        self.closed = True

    async def wait(self) -> None:
        """Return once the drain has begun."""
        await self._begun.wait()

    def interruptible(self) -> "Interruptible":
        """Return a context that ends what is awaited in it as soon as the drain begins."""
        return Interruptible(self, self._interruptibles)


class Interruptible:
    """Cancel what is awaited inside when the drain begins; `interrupted` tells that it was.

    It works like `asyncio.timeout`, and costs a tenth of a cancel scope, because streams enter one per event.
    """

    __slots__ = ("_drain", "_peers", "_task", "interrupted")

    def __init__(self, drain: Drain, peers: "set[Interruptible]") -> None:
        self._drain = drain
        self._peers = peers
        self._task: asyncio.Task[object] | None = None
        self.interrupted = False

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        self._peers.add(self)
        if self._drain.draining:
            # Not at once: a task that cancels itself and then awaits nothing would carry the cancellation outside.
            asyncio.get_running_loop().call_soon(self.interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._peers.discard(self)
        task, self._task = self._task, None
        if not self.interrupted or task is None:
            return False
        return task.uncancel() == 0 and kind is asyncio.CancelledError  # else somebody else cancels the task as well

    def interrupt(self) -> None:
        """Cancel, unless the block has been left."""
        if self._task is not None and not self.interrupted:
            self.interrupted = True
            self._task.cancel()


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
