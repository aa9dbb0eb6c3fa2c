"""A call of a tool as it gets on: steps as server-sent events or as lines of JSON, and the outcome last."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tillhand_common import context
from tillhand_common.problems import Problem
from tillhand_common.sse import Event, event_stream
from tillhand_mcp.ports.toolbox import Progress

EVENT_STREAM: Final = "text/event-stream"
LINES: Final = "application/x-ndjson"
KEPT: Final = 64
"""Steps that wait for a slow client; it gets the newest of them, and always the outcome."""
Step = tuple[str, dict[str, Any]]
Call = Callable[[Progress], Awaitable[Step]]


def streamed(request: Request) -> bool:
    """Whether steps are asked for. With an idempotency key the answer comes whole, as it is kept whole."""
    accepted = request.headers.get("accept", "")
    return (EVENT_STREAM in accepted or LINES in accepted) and "idempotency-key" not in request.headers


def stream(request: Request, call: Call) -> Response:
    """Answer with the steps of `call`, which is cancelled when the client leaves."""
    if EVENT_STREAM in request.headers.get("accept", ""):
        return event_stream(request, _events(call))
    info = context.current()
    if info is not None:
        info.streaming = True
    return StreamingResponse(_lines(call), media_type=LINES)


async def _events(call: Call) -> AsyncIterator[Event]:
    async for name, content in steps(call):
        yield Event(content, event=name)


async def _lines(call: Call) -> AsyncIterator[bytes]:
    async for name, content in steps(call):
        yield orjson.dumps({"event": name, "data": content}) + b"\n"


async def steps(call: Call) -> AsyncIterator[Step]:
    """Each `progress`, then what the call comes to; a problem is a step too, as the status has been sent already."""
    queue: asyncio.Queue[Step | None] = asyncio.Queue(KEPT)

    def put(step: Step | None) -> None:
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(step)

    async def progress(done: float, total: float | None, message: str) -> None:
        put(("progress", {"done": done, "total": total, "message": message}))

    running = asyncio.ensure_future(call(progress))
    running.add_done_callback(lambda _: put(None))
    try:
        while (step := await queue.get()) is not None:
            yield step
        yield await _outcome(running)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError, Problem):
            await running


async def _outcome(running: Awaitable[Step]) -> Step:
    try:
        return await running
    except Problem as problem:
        return "problem", problem.document()
