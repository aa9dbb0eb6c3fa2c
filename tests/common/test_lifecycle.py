"""Leaving: what a service still does after SIGTERM."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.common.sample_service import create
from tillhand_common.lifecycle import Drain
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import ServiceProcess, client, service_process, settle

SAMPLE = Path(__file__).with_name("sample_service.py")
STREAMS = 200
REQUESTS = 50


@asynccontextmanager
async def sample(tmp_path: Path, **env: str) -> AsyncIterator[tuple[ServiceProcess, httpx.AsyncClient]]:
    """Run the sample service as a process, and open a client with room for all requests."""
    limits = httpx.Limits(max_connections=REQUESTS + 10)
    async with (
        asyncio.timeout(90),
        service_process(SAMPLE, {"TILLHAND_DATA_DIR": str(tmp_path), "TILLHAND_RATE_LIMIT": "off", **env}) as service,
        httpx.AsyncClient(base_url=service.base_url, timeout=30, limits=limits) as http,
    ):
        yield service, http


async def open_stream(service: ServiceProcess) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open an event stream and read until its first event is there."""
    host, port = service.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET /v1/events HTTP/1.1\r\nhost: {host}:{port}\r\n\r\n".encode())
    await reader.readuntil(b"event: tide")
    return reader, writer


async def until_in_flight(http: httpx.AsyncClient, count: int) -> None:
    """Return once the service serves this many requests, the one that asks for it left out."""
    while True:
        found = re.search(r"^http_requests_in_flight (\d+)", (await http.get("/metrics")).text, re.MULTILINE)
        if found and int(found[1]) == count + 1:
            return


async def test_sigterm_finishes_requests_and_says_farewell_to_streams_within_three_seconds(tmp_path: Path) -> None:
    async with sample(tmp_path) as (service, http):
        streams = [await open_stream(service) for _ in range(STREAMS)]
        requests = [asyncio.create_task(http.get("/v1/slow?seconds=0.5")) for _ in range(REQUESTS)]
        await until_in_flight(http, STREAMS + REQUESTS)
        service.sigterm()
        code = await service.wait(3.0)
        answers = await asyncio.gather(*requests)
        farewells = [await reader.read() for reader, _ in streams]
        for _, writer in streams:
            writer.close()
    assert code == 0
    assert [answer.status_code for answer in answers] == [200] * REQUESTS
    assert all(b"event: farewell" in frames and b"retry: " in frames for frames in farewells)
    assert "Traceback" not in service.output
    assert not [line for line in service.lines if '"level":"error"' in line]


async def test_ready_turns_503_at_once_while_the_listener_stays_and_serves(tmp_path: Path) -> None:
    async with sample(tmp_path, TILLHAND_DRAIN_DELAY_S="300") as (service, http):
        assert (await http.get("/ready")).status_code == 200
        _, writer = await open_stream(service)
        service.sigterm()
        await _until_draining(http)
        async with httpx.AsyncClient(base_url=service.base_url) as newcomer:
            assert (await newcomer.get("/v1/boats/argo")).status_code == 200
            assert (await newcomer.get("/health")).status_code == 200
            refusal = (await newcomer.get("/ready")).json()
        writer.close()
        service.sigterm()  # a second signal skips the delay
        assert await service.wait(5.0) == 0
    assert (refusal["type"], refusal["readiness"]) == ("urn:tillhand:problem:draining", "draining")


async def test_what_outlasts_the_drain_timeout_is_cut_without_a_traceback(tmp_path: Path) -> None:
    async with sample(tmp_path, TILLHAND_DRAIN_TIMEOUT_S="0.5") as (service, http):
        request = asyncio.create_task(http.get("/v1/slow?seconds=25"))
        await until_in_flight(http, 1)
        service.sigterm()
        answer = await request
        assert await service.wait(5.0) == 0
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:tillhand:problem:draining"
    assert "Traceback" not in service.output


async def test_a_thread_that_nobody_can_interrupt_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async with sample(tmp_path, TILLHAND_DRAIN_TIMEOUT_S="1") as (service, http):
        request = asyncio.create_task(http.get("/v1/stuck"))
        await until_in_flight(http, 1)
        service.sigterm()
        answer = await request
        assert await service.wait(15.0) == 0  # the thread takes a minute
    assert answer.status_code == 503
    assert [event["reason"] for event in service.events("cut")] == ["drain timeout"]
    assert (tmp_path / "sample.lock").read_text() == ""
    assert "Traceback" not in service.output


async def test_what_is_awaited_inside_an_interruptible_block_ends_with_the_drain() -> None:
    drain = Drain()
    waiting = asyncio.Event()

    async def wait() -> bool:
        with drain.interruptible() as block:
            waiting.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)  # nothing of the cancellation is left
        return block.interrupted

    task = asyncio.create_task(wait())
    await waiting.wait()
    drain.begin()
    drain.begin()
    assert await asyncio.wait_for(task, 5)
    await asyncio.wait_for(drain.wait(), 5)


async def test_an_interruptible_block_does_not_begin_to_wait_once_the_drain_has_begun() -> None:
    drain = Drain()
    drain.begin()
    with drain.interruptible() as block:
        await asyncio.wait_for(asyncio.Event().wait(), 5)
    assert block.interrupted


async def test_an_interruptible_block_that_awaits_nothing_is_left_in_peace() -> None:
    drain = Drain()
    drain.begin()
    with drain.interruptible() as block:
        pass
    await settle()
    assert not block.interrupted


async def test_who_cancels_an_interrupted_task_is_not_ignored() -> None:
    drain = Drain()

    async def wait() -> None:
        with drain.interruptible():
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await settle()
    drain.begin()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


async def test_a_request_that_comes_after_the_listener_is_refused_but_for_the_probes(tmp_path: Path) -> None:
    app = create(CommonSettings(data_dir=tmp_path))
    async with client(app) as http:
        app.state.chassis.drain.close()
        refusal = await http.get("/v1/boats/argo")
        assert (await http.get("/health")).status_code == 200
    assert refusal.status_code == 503
    assert refusal.json()["type"] == "urn:tillhand:problem:draining"
    assert (refusal.headers["connection"], refusal.headers["retry-after"]) == ("close", "1")


async def test_a_service_that_is_still_starting_stops_at_once(tmp_path: Path) -> None:
    async with asyncio.timeout(30):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(SAMPLE),
            env={"TILLHAND_DATA_DIR": str(tmp_path), "TILLHAND_PORT": "0", "TILLHAND_SAMPLE_SLOW_START": "true"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdout is not None
        await process.stdout.readuntil(b"opening_slowly")
        process.terminate()
        rest = (await process.stdout.read()).decode()
        code = await process.wait()
    assert code == 0
    assert "stopped_while_starting" in rest
    assert "Traceback" not in rest


async def _until_draining(http: httpx.AsyncClient) -> None:
    while (await http.get("/ready")).status_code != 503:
        pass
