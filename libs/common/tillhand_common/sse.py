"""Server-sent events: a named heartbeat, a farewell when the service leaves, and no patience for a stalled client.

Frames of a stream, in order: a bare `retry`; the source's events; every `heartbeat_s` a `heartbeat` event without an id
(a comment would be invisible to JavaScript); and, when the service drains, `farewell` with the `retry` after which to
come back. A client that does not take a frame within `send_timeout_s` is cut; it reconnects and replays from its last
id, so nothing is dropped silently. The format is https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import AppStatus, EventSourceResponse, SendTimeoutError
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from tillhand_common import context
from tillhand_common.lifecycle import Drain
from tillhand_common.metrics import Metrics
from tillhand_common.protocol import ABORT_EXTENSION

HEARTBEAT_S: Final = 15.0
RETRY_MS: Final = 2000
SEND_TIMEOUT_S: Final = 10.0
ENDINGS: Final = ("finished", "farewell", "client_left", "slow_client", "failed")

# Streams end by our own drain. The library's way is a process-wide flag that nothing resets.
AppStatus.enable_automatic_graceful_drain = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `data` is sent as it is when a string, as JSON otherwise. Without `id` nobody can resume from it."""

    data: object
    event: str | None = None
    id: str | None = None
    retry_ms: int | None = None

    def encode(self) -> bytes:
        """Return the frame; encode once where many clients receive the same event."""
        data = self.data if isinstance(self.data, str) else json.dumps(self.data, ensure_ascii=False)
        return ServerSentEvent(data, event=self.event, id=self.id, retry=self.retry_ms, sep="\n").encode()


class StreamMetrics:
    """How many streams are open, and how streams end."""

    def __init__(self, metrics: Metrics) -> None:
        self.open = metrics.gauge("sse_streams_open", "Event streams being served.").labels()
        self.ended = metrics.counter("sse_streams_ended_total", "Event streams ended, by reason.", {"reason": ENDINGS})


def event_stream(
    request: Request,
    source: AsyncIterable[Event | bytes],
    *,
    drain: Drain | None = None,
    heartbeat_s: float = HEARTBEAT_S,
    retry_ms: int = RETRY_MS,
    send_timeout_s: float = SEND_TIMEOUT_S,
) -> EventSourceResponse:
    """Return a response that streams `source`, events or frames encoded before, until it ends or the service drains.

    The source is closed when the client leaves, so its `finally` runs.
    """
    chassis = request.app.state.chassis
    return _Stream(
        source,
        drain=drain or chassis.drain,
        metrics=chassis.streams,
        heartbeat_s=heartbeat_s,
        retry_ms=retry_ms,
        send_timeout_s=send_timeout_s,
    )


class _Stream(EventSourceResponse):
    def __init__(
        self,
        source: AsyncIterable[Event | bytes],
        *,
        drain: Drain,
        metrics: StreamMetrics,
        heartbeat_s: float,
        retry_ms: int,
        send_timeout_s: float,
    ) -> None:
        super().__init__(
            self._frames(source),
            ping=heartbeat_s,
            ping_message_factory=lambda: ServerSentEvent("{}", event="heartbeat", sep="\n"),
            send_timeout=send_timeout_s,
            sep="\n",
        )
        self._drain = drain
        self._metrics = metrics
        self._retry_ms = retry_ms
        self._ending = "client_left"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        info = context.current()
        if info is not None:
            info.streaming = True
        self._metrics.open.inc()
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            self._ending = "slow_client"
            await _abort(scope)
        except Exception:
            self._ending = "failed"
            raise
        finally:
            self._metrics.open.dec()
            self._metrics.ended.labels(self._ending).inc()

    async def _frames(self, source: AsyncIterable[Event | bytes]) -> AsyncIterator[bytes]:
        yield b"retry: %d\n\n" % self._retry_ms
        events: Any = aiter(source)
        try:
            while True:
                with self._drain.interruptible() as waiting:
                    event = await anext(events, None)
                if waiting.interrupted:
                    self._ending = "farewell"
                    yield Event({"reason": "draining"}, event="farewell", retry_ms=self._retry_ms).encode()
                    return
                if event is None:
                    self._ending = "finished"
                    return
                yield event if isinstance(event, bytes) else event.encode()
        finally:
            if hasattr(events, "aclose"):
                await events.aclose()


async def _abort(scope: Scope) -> None:
    extension = scope.get("extensions", {}).get(ABORT_EXTENSION)
    if extension is not None:
        extension["abort"]()
        await asyncio.sleep(0)  # lets the server see the lost connection before the response returns unfinished
