"""What goes on beside requests goes on whatever happens to it."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from tillhand_common.beside import AGAIN_S, beside
from tillhand_common.testing import FakeClock, settle


async def test_what_breaks_is_told_without_its_words_and_begun_again() -> None:
    clock, begun = FakeClock(), []

    async def broken() -> None:
        begun.append(1)
        raise ExceptionGroup("several", [ValueError("somebody@customers.example")])

    with capture_logs() as told:
        async with beside({"feed": broken}, clock):
            await settle()
            assert len(begun) == 1
            await clock.advance(AGAIN_S)
            assert len(begun) == 2
    assert [(each["event"], each["work"], each["reason"]) for each in told] == [
        ("background_work_broke", "feed", "ValueError")
    ] * 2
    assert "somebody" not in str(told)


async def test_where_it_broke_is_told() -> None:
    async def broken() -> None:
        raise KeyError("secret")

    with capture_logs() as told:
        async with beside({"feed": broken}, FakeClock()):
            await settle()
    assert told[0]["place"].startswith("test_beside:") or ".test_beside:" in told[0]["place"]


async def test_one_that_breaks_does_not_stop_another_and_all_end_at_the_end() -> None:
    ended = asyncio.Event()

    async def broken() -> None:
        raise OSError

    async def steady() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with beside({"one": broken, "other": steady}, FakeClock()):
        await settle()
        assert not ended.is_set()
    assert ended.is_set()


async def test_the_end_comes_through_an_error_too() -> None:
    ended = asyncio.Event()

    async def steady() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def service() -> None:
        async with beside({"steady": steady}, FakeClock()):
            await settle()
            raise RuntimeError("the service")

    with pytest.raises(RuntimeError, match="the service"):
        await service()
    assert ended.is_set()
