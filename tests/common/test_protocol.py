"""What a connection may cost before anybody knows who is at its other end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI, Request

from tests.common.sample_service import create
from tillhand_common import protocol, server
from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.protocol import MAX_HEAD_BYTES
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import running

HEAD = b"GET /v1/boats/argo HTTP/1.1\r\nhost: localhost\r\n"
SAIL = b"x-sail: "
END = b"\r\n\r\n"


@asynccontextmanager
async def connection(app: FastAPI) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Serve the application and open a connection to it."""
    async with asyncio.timeout(30), running(app) as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield reader, writer
        finally:
            writer.close()


def sample(tmp_path: Path) -> FastAPI:
    """Return the sample service."""
    return create(CommonSettings(data_dir=tmp_path))


def padded(size: int) -> bytes:
    """Return a request whose head, as it is counted, is this large."""
    fixed = len("/v1/boats/argo" + "host: localhost\r\n" + "x-sail: \r\n")
    return HEAD + SAIL + b"x" * (size - fixed) + END


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return status and body of the next answer."""
    head = await reader.readuntil(END)
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: "))
    return int(head.split()[1]), await reader.readexactly(int(length.partition(b" ")[2]))


async def flood(writer: asyncio.StreamWriter) -> None:
    """Send 64 MiB, more than all buffers between the two ends."""
    for _ in range(1000):
        writer.write(b"x" * 65536)
        await writer.drain()


async def test_a_head_of_exactly_the_limit_is_served_and_a_larger_one_refused(tmp_path: Path) -> None:
    async with connection(sample(tmp_path)) as (reader, writer):
        writer.write(padded(MAX_HEAD_BYTES))
        assert (await answer(reader))[0] == 200
        writer.write(padded(MAX_HEAD_BYTES + 1))
        status, body = await answer(reader)
        assert await reader.read() == b""
    assert status == 431
    assert b"urn:tillhand:problem:headers-too-large" in body


async def test_a_head_without_end_is_not_read_without_end(tmp_path: Path) -> None:
    async with connection(sample(tmp_path)) as (_, writer):
        writer.write(HEAD + SAIL)
        with pytest.raises(ConnectionError):
            await flood(writer)


async def test_a_head_that_stops_halfway_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT_S", 0.1)
    async with connection(sample(tmp_path)) as (reader, writer):
        writer.write(HEAD + SAIL + END)
        assert (await answer(reader))[0] == 200
        writer.write(HEAD)
        status, body = await answer(reader)
        assert await reader.read() == b""
    assert status == 408
    assert b"urn:tillhand:problem:request-timeout" in body


async def test_a_connection_that_never_speaks_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "KEEP_ALIVE_S", 0.1)
    async with connection(sample(tmp_path)) as (reader, _):
        assert await reader.read() == b""


async def test_a_head_in_pieces_behind_a_large_body_is_served(tmp_path: Path) -> None:
    router = APIRouter()

    @router.put("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    size = 4 * MAX_HEAD_BYTES
    app = create_app(ServiceSpec("s", "1", "S", "", CommonSettings(data_dir=tmp_path), routers=(router,)))
    async with connection(app) as (reader, writer):
        put = f"PUT /length HTTP/1.1\r\nhost: localhost\r\ncontent-length: {size}\r\n\r\n".encode()
        writer.write(put + b"x" * size + b"GET /health HTTP/1.1\r\nho")
        assert await answer(reader) == (200, str(size).encode())
        writer.write(b"st: localhost\r\n\r\n")
        assert (await answer(reader))[0] == 200


async def test_what_follows_a_body_does_not_become_a_header(tmp_path: Path) -> None:
    router = APIRouter()

    @router.put("/actor")
    async def actor(request: Request) -> str | None:
        await request.body()
        return request.headers.get("tillhand-actor")

    app = create_app(ServiceSpec("s", "1", "S", "", CommonSettings(data_dir=tmp_path), routers=(router,)))
    async with connection(app) as (reader, writer):
        writer.write(b"PUT /actor HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
        writer.write(b"1\r\nx\r\n0\r\ntillhand-actor: somebody\r\n\r\n")
        assert await answer(reader) == (200, b"null")
