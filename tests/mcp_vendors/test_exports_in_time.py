"""A file that comes too slowly, or not at all, holds nobody up beyond the deadline."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.mcp_vendors.conftest import Connect
from tests.mcp_vendors.stage import How, QuickClock, deadline, read
from tillhand_common.errors import UpstreamError, UpstreamTimeout
from tillhand_common.testing import FakeClock, FakeUpstream, Reply
from tillhand_mcp.adapters.shopify.bulk import SPARE_S
from tillhand_mcp.adapters.shopify.exports import Exports

DONE = {"id": "gid://shopify/BulkOperation/1", "status": "COMPLETED", "objectCount": "1"}


@pytest.mark.parametrize("how", ["endless", "silence"])
async def test_a_file_that_does_not_come_in_time_is_given_up(connect: Connect, folder: Path, how: str) -> None:
    async with FakeUpstream.start() as upstream:
        url = f"{upstream.base_url}/bulk/1.jsonl"
        upstream.default = Reply.json({"data": {"bulkOperation": {**DONE, "url": url}}})
        endless = Reply(pieces=itertools.repeat(b'{"id": 1}\n'))
        upstream.fixed["/bulk/1.jsonl"] = endless if how == "endless" else Reply(failure="hang")
        made = connect.shopify(upstream.base_url)
        with deadline(0.5), pytest.raises(UpstreamTimeout):
            async with asyncio.timeout(1.5):
                await read(made, "shopify_bulk_export", kind="orders", export_id=DONE["id"])
        assert list((folder / "exports").iterdir() if (folder / "exports").exists() else ()) == []


async def test_an_export_that_is_not_ready_in_time_can_be_gone_on_with(connect: Connect) -> None:
    running = {**DONE, "status": "RUNNING", "objectCount": "7", "url": None}
    async with FakeUpstream.start(Reply.json({"data": {"bulkOperation": running}})) as upstream:
        made = connect.shopify(upstream.base_url)
        with deadline(SPARE_S + 0.1):
            answer = await read(made, "shopify_bulk_export", kind="orders", export_id=DONE["id"])
        found = answer.data.model_dump()
        assert (found["status"], found["export_id"], answer.origin.truncated) == ("running", DONE["id"], True)


async def test_an_export_that_nobody_waits_for_any_more_is_cancelled(connect: Connect) -> None:
    started = {"bulkOperationRunQuery": {"bulkOperation": {"id": DONE["id"], "status": "CREATED"}, "userErrors": []}}
    running = {**DONE, "status": "RUNNING", "url": None}
    async with FakeUpstream.start(Reply.json({"data": {"bulkOperation": running}})) as upstream:
        upstream.script(Reply.json({"data": started}))
        made = connect.shopify(upstream.base_url, How(FakeClock()))
        call = asyncio.ensure_future(read(made, "shopify_bulk_export", kind="orders"))
        await upstream.received(2)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await upstream.received(3)
        assert b"bulkOperationCancel" in upstream.requests[-1].body


async def test_a_beginning_whose_answer_is_lost_is_not_repeated(connect: Connect) -> None:
    async with FakeUpstream.start(Reply(failure="reset")) as upstream:
        made = connect.shopify(upstream.base_url, How(QuickClock()))
        with pytest.raises(UpstreamError):
            await read(made, "shopify_bulk_export", kind="orders")
        assert len(upstream.requests) == 1


async def test_two_who_fetch_the_same_export_at_once_both_get_it_whole(folder: Path) -> None:
    async def slowly(steps: int) -> AsyncIterator[bytes]:
        for number in range(3):
            for _ in range(steps):
                await asyncio.sleep(0)
            yield b'{"number":%d}\n' % number

    exports = Exports(folder)
    first, second = await asyncio.gather(exports.keep("products-1", slowly(1)), exports.keep("products-1", slowly(9)))
    assert first == second
    content = await asyncio.to_thread((folder / "products-1.jsonl").read_bytes)
    assert (first.size_bytes, first.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert await asyncio.to_thread(os.listdir, folder) == ["products-1.jsonl"]
