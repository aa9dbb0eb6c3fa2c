"""The doors for tests do what tests trust them to do."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from tillhand_common.clock import SystemClock, rfc3339
from tillhand_common.testing import FakeClock, FakeUpstream, Reply


async def test_a_fake_clock_wakes_sleepers_in_their_order_and_no_earlier() -> None:
    clock, woken = FakeClock(), list[str]()

    async def sleeper(name: str, *naps: float) -> None:
        for nap in naps:
            await clock.sleep(nap)
            woken.append(f"{name} {clock.monotonic():g}")

    tasks = [asyncio.create_task(sleeper("a", 5, 1)), asyncio.create_task(sleeper("b", 2, 2))]
    await clock.advance(1.9)
    assert woken == []
    await clock.advance(10)
    assert woken == ["b 2", "b 4", "a 5", "a 6"]
    assert clock.monotonic() == pytest.approx(11.9)
    assert clock.now() - FakeClock().now() == timedelta(seconds=11.9)
    await asyncio.gather(*tasks)


async def test_the_system_clock_agrees_with_the_event_loop() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0)
    assert before <= asyncio.get_running_loop().time() <= clock.monotonic() + 1
    assert rfc3339(clock.now()).endswith("Z")


async def test_a_fake_upstream_answers_as_scripted_and_remembers_what_it_was_asked() -> None:
    async with FakeUpstream.start(Reply.json({"tide": "low"})) as upstream:
        upstream.script(Reply(503, headers={"retry-after": "1"}), Reply.json({"tide": "high"}))
        async with httpx.AsyncClient(base_url=upstream.base_url) as http:
            answers = [await http.post("/tide", json={"day": n}) for n in range(3)]
        await upstream.received(3)
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert answers[0].headers["retry-after"] == "1"
    assert [answer.json() for answer in answers[1:]] == [{"tide": "high"}, {"tide": "low"}]
    assert [request.body for request in upstream.requests] == [b'{"day":0}', b'{"day":1}', b'{"day":2}']
    assert upstream.connections == 1


async def test_a_fake_upstream_misbehaves_on_the_wire() -> None:
    async with FakeUpstream.start() as upstream:
        upstream.script(Reply(failure="reset"), Reply(body=b"half of this", failure="truncate"), Reply(failure="hang"))
        async with httpx.AsyncClient(base_url=upstream.base_url, timeout=0.2) as http:
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                await http.get("/")
            with pytest.raises(httpx.RemoteProtocolError):
                await http.get("/")
            with pytest.raises(httpx.ReadTimeout):
                await http.get("/")


async def test_a_fake_upstream_holds_an_answer_back_until_it_is_told() -> None:
    go = asyncio.Event()
    async with FakeUpstream.start() as upstream:
        upstream.script(Reply.json({}, status=201).held(go))
        async with httpx.AsyncClient(base_url=upstream.base_url) as http:
            request = asyncio.create_task(http.get("/"))
            await upstream.received(1)
            assert not request.done()
            go.set()
            assert (await asyncio.wait_for(request, 5)).status_code == 201
