"""Event streams: what they send, and how they end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from tests.common.sample_service import create
from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.settings import CommonSettings
from tillhand_common.sse import Event, event_stream
from tillhand_common.testing import running, settle

Source = Callable[[], AsyncIterator[Event | bytes]]


def service(tmp_path: Path, source: Source, **options: float) -> FastAPI:
    """Return a service with one stream at /v1/events."""
    router = APIRouter(prefix="/v1")

    @router.get("/events")
    async def events(request: Request) -> Response:
        return event_stream(request, source(), **options)  # type: ignore[arg-type]  # numbers by name, as given

    settings = CommonSettings(data_dir=tmp_path, rate_limit="off")
    return create_app(ServiceSpec("streams", "1", "Streams", "", settings, routers=(router,)))


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[tuple[httpx.AsyncClient, AsyncIterator[str]]]:
    """Open the stream, and yield a client and the stream's frames."""
    async with (
        asyncio.timeout(20),
        running(app) as url,
        httpx.AsyncClient(base_url=url) as http,
        http.stream("GET", "/v1/events") as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        yield http, frames(response)


async def frames(response: httpx.Response) -> AsyncIterator[str]:
    """Yield the frames of a stream, each without its blank line."""
    lines: list[str] = []
    async for line in response.aiter_lines():
        if line:
            lines.append(line)
        elif lines:
            yield "\n".join(lines)
            lines = []


async def forever() -> AsyncIterator[Event | bytes]:
    """Send nothing, ever."""
    await asyncio.Event().wait()
    yield b""


async def test_a_stream_begins_with_retry_and_sends_events_as_they_are(tmp_path: Path) -> None:
    async def source() -> AsyncIterator[Event | bytes]:
        yield Event({"tide": "high"}, event="tide", id="7")
        yield Event("two\nlines")
        yield Event("encoded before").encode()

    async with opened(service(tmp_path, source, retry_ms=1500)) as (_, stream):
        received = [frame async for frame in stream]
    assert received == [
        "retry: 1500",
        'id: 7\nevent: tide\ndata: {"tide": "high"}',
        "data: two\ndata: lines",
        "data: encoded before",
    ]


async def test_the_heartbeat_is_a_named_event_without_an_id(tmp_path: Path) -> None:
    async with opened(service(tmp_path, forever, heartbeat_s=0.01)) as (_, stream):
        await anext(stream)
        assert await anext(stream) == "event: heartbeat\ndata: {}"


async def test_a_drain_ends_a_stream_with_a_farewell_that_says_when_to_come_back(tmp_path: Path) -> None:
    app = service(tmp_path, forever, retry_ms=2500)
    async with opened(app) as (_, stream):
        await anext(stream)
        app.state.chassis.drain.begin()
        rest = [frame async for frame in stream]
    assert rest == ['event: farewell\ndata: {"reason": "draining"}\nretry: 2500']
    assert await ended(app) == {"farewell": 1}


async def test_the_source_is_closed_when_the_client_leaves(tmp_path: Path) -> None:
    closed = asyncio.Event()

    async def source() -> AsyncIterator[Event | bytes]:
        try:
            yield Event("hello")
            await asyncio.Event().wait()
        finally:
            closed.set()

    app = service(tmp_path, source)
    async with asyncio.timeout(20), running(app) as url, httpx.AsyncClient(base_url=url) as http:
        async with http.stream("GET", "/v1/events") as response:
            await anext(frames(response))
        await closed.wait()


async def test_a_source_that_fails_ends_its_stream_and_is_counted(tmp_path: Path) -> None:
    async def source() -> AsyncIterator[Event | bytes]:
        yield Event("hello")
        raise RuntimeError("the harbour is closed")

    app = service(tmp_path, source)
    async with asyncio.timeout(20), running(app) as url, httpx.AsyncClient(base_url=url) as http:
        try:
            answer = (await http.get("/v1/events")).text
        except httpx.RemoteProtocolError as error:
            answer = str(error)
    assert "harbour" not in answer
    assert await ended(app) == {"failed": 1}


async def test_a_client_that_stops_reading_is_cut_and_delays_nobody(tmp_path: Path) -> None:
    app = create(CommonSettings(data_dir=tmp_path))
    async with asyncio.timeout(30), running(app) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(f"GET /v1/flood HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
        await reader.readline()
        while await ended(app) != {"slow_client": 1}:
            await settle()
        writer.transport.abort()


async def ended(app: FastAPI) -> dict[str, int]:
    """Return how many streams ended, by reason."""
    text = app.state.chassis.metrics.render().decode()
    lines = [line for line in text.splitlines() if line.startswith("sse_streams_ended_total{")]
    return {line.split('"')[1]: int(float(line.rsplit(" ", 1)[1])) for line in lines}
