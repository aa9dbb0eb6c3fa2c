"""The scripted upstream where it answers bit by bit, answers outside its script, and notices who leaves."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tillhand_common.errors import UpstreamUnavailable
from tillhand_common.http import UpstreamClient
from tillhand_common.testing import FakeUpstream, Reply


@asynccontextmanager
async def conversation() -> AsyncIterator[tuple[FakeUpstream, UpstreamClient]]:
    """An upstream and a client of it."""
    async with (
        asyncio.timeout(10),
        FakeUpstream.start() as upstream,
        UpstreamClient("tide", upstream.base_url) as client,
    ):
        yield upstream, client


async def test_a_body_in_pieces_waits_at_each_event() -> None:
    more = asyncio.Event()
    async with conversation() as (upstream, client):
        upstream.script(Reply(pieces=[b"low ", more, b"tide"]))
        async with client.stream("GET", "/") as stream:
            chunks = stream.chunks()
            assert await anext(chunks) == b"low "
            more.set()
            assert [chunk async for chunk in chunks] == [b"tide"]
        await client.request("GET", "/")
    assert (upstream.connections, upstream.abandoned) == (1, 0)


async def test_pieces_that_are_truncated_end_in_a_lost_connection() -> None:
    async with conversation() as (upstream, client):
        upstream.script(Reply(pieces=[b"low "], failure="truncate"))
        async with client.stream("GET", "/") as stream:
            chunks = stream.chunks()
            assert await anext(chunks) == b"low "
            with pytest.raises(UpstreamUnavailable):
                await anext(chunks)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(pieces=[b"low", asyncio.Event()]),
        Reply(pieces=[b"low"], failure="hang"),
        Reply(pieces=itertools.repeat(b"low tide, high tide; " * 100)),
    ],
    ids=["pause", "hang", "endless"],
)
async def test_a_client_that_leaves_in_the_middle_is_noticed(reply: Reply) -> None:
    async with conversation() as (upstream, client):
        upstream.script(reply)
        async with client.stream("GET", "/") as stream:
            await anext(stream.chunks())
        await upstream.left()
    assert upstream.abandoned == 1


async def test_a_fixed_answer_takes_nothing_from_the_script() -> None:
    async with conversation() as (upstream, client):
        upstream.fixed["/ready"] = Reply.json("yes")
        upstream.script(Reply.json("scripted"))
        answers = [(await client.request("GET", target)).json() for target in ("/ready", "/tide", "/ready")]
    assert answers == ["yes", "scripted", "yes"]
