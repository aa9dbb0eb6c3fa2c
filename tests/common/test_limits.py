"""What one request may cost: how large it is, and how long it takes."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from tillhand_common import context
from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import client, running

LIMIT = 2000

router = APIRouter(prefix="/v1")


class Note(BaseModel):
    """What is written."""

    text: str


@router.get("/ping")
async def ping() -> dict[str, float]:
    """Tell how much time is left."""
    deadline = context.deadline()
    return {"left_s": -1 if deadline is None else deadline - time.monotonic()}


@router.post("/notes")
async def write(note: Note) -> dict[str, int]:
    """Take JSON."""
    return {"length": len(note.text)}


@router.post("/notes/{number}")
async def write_long(number: int) -> dict[str, float]:
    """Tell how much time is left on a route with a deadline of its own."""
    deadline = context.deadline()
    return {"left_s": -number if deadline is None else deadline - time.monotonic()}


@router.post("/raw")
async def raw(request: Request) -> dict[str, int]:
    """Take anything, piece by piece."""
    return {"length": sum([len(chunk) async for chunk in request.stream()])}


@router.post("/stubborn")
async def stubborn(request: Request) -> dict[str, str]:
    """Swallow whatever goes wrong with the body."""
    try:
        await request.body()
    except Exception:  # noqa: BLE001  # a route that behaves badly is what is tested
        return {"status": "never mind"}
    return {"status": "read"}


@router.get("/hang")
async def hang(request: Request) -> None:
    """Never answer; tell when it was interrupted."""
    try:
        await asyncio.Event().wait()
    finally:
        request.app.state.interrupted.set()


@router.get("/stream")
async def stream(request: Request) -> StreamingResponse:
    """Answer at once and end when told."""

    async def lines() -> AsyncIterator[str]:
        yield "first\n"
        await request.app.state.go_on.wait()
        yield f"deadline {context.deadline()}\n"

    return StreamingResponse(lines(), media_type="text/plain")


@router.get("/own-timeout")
async def own_timeout() -> None:
    """Fail with a timeout that is the route's own affair."""
    raise TimeoutError("not the deadline")


def service(data_dir: Path, **settings: object) -> FastAPI:
    """Return the service; `settings` are those of the environment."""
    loaded = CommonSettings.model_validate({"data_dir": data_dir, "max_body_bytes": LIMIT, **settings})
    app = create_app(
        ServiceSpec(
            name="sample",
            version="1",
            title="Sample",
            description="Sample.",
            settings=loaded,
            routers=(router,),
            deadlines={"POST /v1/notes/{number}": 90},
        )
    )
    app.state.interrupted, app.state.go_on = asyncio.Event(), asyncio.Event()
    return app


@pytest.fixture
def operator(tmp_path: Path) -> str:
    """Return the token of a key."""
    return KeyStore(store_path(tmp_path)).create("operator", "operator").token


def slug(response: httpx.Response) -> str:
    """Return which problem a response is."""
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["type"]).removeprefix("urn:tillhand:problem:")


# --- body ---


@pytest.mark.parametrize("path", ["/v1/notes", "/v1/raw", "/v1/stubborn"])
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_body_over_the_limit_is_refused_announced_or_streamed(
    tmp_path: Path, path: str, *, streamed: bool
) -> None:
    body = json.dumps({"text": "x" * LIMIT}).encode()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 100):
            yield body[start : start + 100]

    headers = {"content-type": "application/json"}
    async with running(service(tmp_path)) as base_url, httpx.AsyncClient(base_url=base_url) as http:
        response = await http.post(path, content=pieces() if streamed else body, headers=headers)
    assert (response.status_code, slug(response)) == (413, "body-too-large")
    assert response.json()["max_bytes"] == LIMIT
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_body_of_exactly_the_limit_is_read(tmp_path: Path, *, streamed: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"x" * (LIMIT - 1)
        yield b"y"

    async with client(service(tmp_path)) as http:
        response = await http.post("/v1/raw", content=pieces() if streamed else b"x" * LIMIT)
    assert response.json() == {"length": LIMIT}


async def test_a_client_that_goes_on_sending_still_reads_the_refusal(tmp_path: Path) -> None:
    async with running(service(tmp_path)) as base_url, asyncio.timeout(20):
        host, port = base_url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"POST /v1/raw HTTP/1.1\r\nhost: {host}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        for _ in range(100):  # 3 MiB, more than any buffer between the two
            writer.write(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        response = await reader.read()
        writer.close()
    assert response.startswith(b"HTTP/1.1 413 ")
    assert b"urn:tillhand:problem:body-too-large" in response


async def test_a_refused_body_does_not_harm_the_next_request(tmp_path: Path) -> None:
    async with running(service(tmp_path)) as base_url, httpx.AsyncClient(base_url=base_url) as http:
        assert (await http.post("/v1/raw", content=b"x" * (LIMIT + 1))).status_code == 413
        assert (await http.post("/v1/raw", content=b"x")).json() == {"length": 1}


# --- deadline ---


async def test_a_request_without_an_answer_in_time_gets_one_and_is_interrupted(tmp_path: Path) -> None:
    app = service(tmp_path, request_deadline_s=0.1)
    async with client(app) as http, asyncio.timeout(10):
        response = await http.get("/v1/hang")
        await app.state.interrupted.wait()
    assert (response.status_code, slug(response)) == (504, "deadline-exceeded")


async def test_a_route_knows_how_much_time_is_left(tmp_path: Path) -> None:
    async with client(service(tmp_path, request_deadline_s=7)) as http:
        assert 0 < (await http.get("/v1/ping")).json()["left_s"] <= 7


async def test_a_route_may_have_a_deadline_of_its_own(tmp_path: Path, operator: str) -> None:
    async with client(service(tmp_path, request_deadline_s=7), key=operator) as http:
        assert 7 < (await http.post("/v1/notes/3")).json()["left_s"] <= 90


def test_a_deadline_for_no_route_is_refused_at_once(tmp_path: Path) -> None:
    spec = ServiceSpec(
        name="sample",
        version="1",
        title="Sample",
        description="Sample.",
        settings=CommonSettings(data_dir=tmp_path),
        routers=(router,),
        deadlines={"POST /v1/nothing": 1},
    )
    with pytest.raises(ValueError, match="POST /v1/nothing"):
        create_app(spec)


async def test_a_response_that_has_begun_is_not_cut(tmp_path: Path) -> None:
    app = service(tmp_path, request_deadline_s=0.2)
    async with (
        running(app) as base_url,
        httpx.AsyncClient(base_url=base_url) as http,
        http.stream("GET", "/v1/stream") as response,
        asyncio.timeout(10),
    ):
        lines = response.aiter_lines()
        assert await anext(lines) == "first"
        # A request that came later meets the deadline, so the stream has outlived its own.
        assert (await http.get("/v1/hang")).status_code == 504
        app.state.go_on.set()
        assert await anext(lines) == "deadline None"


async def test_a_timeout_of_the_routes_own_is_not_the_deadline(tmp_path: Path) -> None:
    async with client(service(tmp_path)) as http:
        response = await http.get("/v1/own-timeout")
    assert (response.status_code, slug(response)) == (500, "internal-error")
