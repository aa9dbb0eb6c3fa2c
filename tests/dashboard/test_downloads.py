"""Files of other services: passed on piece by piece, and broken off where they break off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.fakes.visitor import Visitor
from tillhand_common.fake_upstream import FakeUpstream, Reply
from tillhand_common.testing import running
from tillhand_dashboard.app import create_app
from tillhand_dashboard.settings import DashboardSettings

BOUND_S = 20.0
CSV = "/figures/inventory/skus/export.csv"
LOG = "/audit/export.jsonl"
PIECE = b"x" * 65_536
ABOUT = {
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": 'attachment; filename="skus-2026-10-31-MOCK.csv"',
    "tillhand-rows": "1200",
    "tillhand-mode": "mock",
    "etag": '"abc"',
    "cache-control": "private, no-cache",
}


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    """Analytics and the approvals, as scripted; of the feed nothing is heard."""
    async with FakeUpstream.start(Reply(503)) as server:
        yield server


@pytest.fixture
async def visitor(tmp_path: Path, upstream: FakeUpstream) -> AsyncIterator[Visitor]:
    """The operator, on a socket."""
    settings = DashboardSettings(data_dir=tmp_path, analytics_url=upstream.base_url, approvals_url=upstream.base_url)
    async with running(create_app(settings)) as url, httpx.AsyncClient(base_url=url, timeout=BOUND_S) as http:
        operator = Visitor(http)
        await operator.enter(settings.link_file.read_text().strip())
        yield operator


@asynccontextmanager
async def reading(visitor: Visitor, path: str) -> AsyncIterator[httpx.Response]:
    """A file whose headers are here."""
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    async with asyncio.timeout(BOUND_S), visitor.http.stream("GET", path, headers={"cookie": cookie}) as answer:
        yield answer


def fixed(upstream: FakeUpstream, reply: Reply) -> None:
    """Have both files answered so."""
    for target in ("/v1/inventory/skus/export.csv", "/v1/audit/export"):
        upstream.fixed[target] = reply


@pytest.mark.parametrize("path", [CSV, LOG])
async def test_the_first_piece_is_here_before_the_last_is_there(
    visitor: Visitor, upstream: FakeUpstream, path: str
) -> None:
    rest = asyncio.Event()
    fixed(upstream, Reply(headers=ABOUT, pieces=[b"sku,on_hand\r\n", rest, b"A,1\r\n"]))
    async with reading(visitor, path) as answer:
        pieces = answer.aiter_bytes()
        assert await anext(pieces) == b"sku,on_hand\r\n"
        rest.set()
        assert [piece async for piece in pieces] == [b"A,1\r\n"]
    told = {name: answer.headers.get(name) for name in ABOUT}
    assert {**told, "content-disposition": ""} == {**ABOUT, "content-disposition": ""}
    assert answer.headers["content-disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize("path", [CSV, LOG])
async def test_what_breaks_off_there_breaks_off_here(visitor: Visitor, upstream: FakeUpstream, path: str) -> None:
    for reply in (Reply(pieces=[b"sku\r\n", b"A\r\n"]), Reply(body=b"sku\r\nA\r\n")):
        fixed(upstream, replace(reply, headers=ABOUT, failure="truncate"))
        async with reading(visitor, path) as answer:
            assert answer.status_code == 200
            with pytest.raises(httpx.RemoteProtocolError):
                await answer.aread()


async def test_of_a_file_without_end_no_more_is_read_than_its_reader_takes(
    visitor: Visitor, upstream: FakeUpstream
) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield PIECE

    fixed(upstream, Reply(headers=ABOUT, pieces=endless()))
    async with reading(visitor, CSV) as answer:
        pieces = answer.aiter_bytes(len(PIECE))
        taken = 0
        while taken < 400:
            await anext(pieces)
            taken += 1
        for _ in range(150):  # nobody takes more: what is under way comes to rest in the buffers of the sockets
            await visitor.http.get("/static/nothing")
        assert sent - taken < 400
    await upstream.left()


@pytest.mark.parametrize(("said", "told"), [(422, 400), (404, 404), (503, 503), (401, 503)])
async def test_a_file_that_is_refused_is_a_page_that_says_why(
    visitor: Visitor, upstream: FakeUpstream, said: int, told: int
) -> None:
    fixed(upstream, Reply.json({"detail": "There is no such column."}, said))
    page = await visitor.open(CSV)
    assert page.status_code == told
    assert page.headers["content-type"].startswith("text/html")
    assert "content-disposition" not in page.headers
