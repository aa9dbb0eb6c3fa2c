"""How a load run sends: closed and open loops, time limits, and services that fail or ask to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tillhand_cli.bench.load import Load, Measured, load_client
from tillhand_cli.bench.pace import Pace
from tillhand_cli.bench.plan import LIST, SEARCH_NEW, Request
from tillhand_common.testing import FakeClock, FakeUpstream, Reply

WITHIN_S = 10
READ = Request(LIST, "/v1/documents")
SEARCH = Request(SEARCH_NEW, "/v1/search", {"query": "x"})


@pytest.fixture
async def service() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream.start() as upstream:
        yield upstream


def start(
    service: FakeUpstream,
    pace: Pace,
    clock: FakeClock,
    requests: list[Request],
    *,
    clients: int = 1,
) -> asyncio.Task[Measured]:
    """Begin a run in which time passes only when the test says so."""

    async def run() -> Measured:
        async with asyncio.timeout(WITHIN_S), load_client(service.base_url, "a-key", connections=clients) as client:
            return await Load(client, pace, clock=clock).run(requests, [LIST, SEARCH_NEW], clients=clients)

    return asyncio.create_task(run())


async def test_every_request_is_sent_once_and_counted(service: FakeUpstream) -> None:
    clock = FakeClock()
    run = await start(service, Pace(clock, limit_s=60), clock, [READ, SEARCH] * 10, clients=4)
    assert {kind.id: len(tally.times_ms) for kind, tally in run.tallies.items()} == {"list": 10, "search-new": 10}
    assert len(service.requests) == 20
    assert service.connections <= 4
    assert run.unsent == 0
    assert {request.headers["authorization"] for request in service.requests} == {"Bearer a-key"}
    assert {request.body for request in service.requests if request.method == "POST"} == {b'{"query":"x"}'}


async def test_in_a_closed_loop_a_stall_shows_in_the_one_request_that_met_it(service: FakeUpstream) -> None:
    clock, stalled = FakeClock(), asyncio.Event()
    service.script(Reply.json({}).held(stalled))
    running = start(service, Pace(clock, limit_s=60), clock, [READ] * 5)
    await service.received(1)
    await clock.advance(10)
    stalled.set()
    run = await running
    assert run.tallies[LIST].times_ms == [10_000, 0, 0, 0, 0]


async def test_in_an_open_loop_a_stall_shows_in_every_request_that_was_due_meanwhile(service: FakeUpstream) -> None:
    clock, stalled = FakeClock(), asyncio.Event()
    service.script(Reply.json({}).held(stalled))
    running = start(service, Pace(clock, limit_s=60, rate_per_s=1), clock, [READ] * 5)
    await service.received(1)
    await clock.advance(10)
    stalled.set()
    run = await running
    assert run.tallies[LIST].times_ms == [10_000, 9_000, 8_000, 7_000, 6_000]


async def test_in_an_open_loop_no_request_goes_before_it_is_due() -> None:
    clock = FakeClock()
    pace = Pace(clock, limit_s=60, rate_per_s=2)
    assert await pace.turn() == 0
    second = asyncio.create_task(pace.turn())
    await clock.advance(0.4)
    assert not second.done()
    await clock.advance(0.1)
    assert await second == 0.5


async def test_a_429_is_waited_for_by_all_and_in_no_time(service: FakeUpstream) -> None:
    clock = FakeClock()
    service.script(Reply(429, headers={"retry-after": "7"}))
    running = start(service, Pace(clock, limit_s=1e9), clock, [READ] * 3)
    await service.received(1)
    while not running.done():  # bounded by the run's own timeout, in real time
        await clock.advance(0.5)
    run = await running
    assert len(service.requests) == 4
    assert run.tallies[LIST].throttled == 1
    assert run.tallies[LIST].failures.total() == 0
    assert run.held_s == 7
    assert run.elapsed_s >= 7
    assert len(run.tallies[LIST].times_ms) == 3


async def test_what_is_due_during_a_wait_is_due_so_much_later() -> None:
    clock = FakeClock()
    pace = Pace(clock, limit_s=60, rate_per_s=1)
    await pace.turn()
    pace.hold(5)
    pace.hold(3)
    assert pace.held_s == 5, "waits at the same time are one wait"
    second = asyncio.create_task(pace.turn())
    await clock.advance(5)
    assert not second.done()
    await clock.advance(1)
    assert await second == 6


async def test_a_service_that_only_puts_off_ends_with_the_time(service: FakeUpstream) -> None:
    clock = FakeClock()
    service.default = Reply(429, headers={"retry-after": "3600"})
    run = await start(service, Pace(clock, limit_s=30), clock, [READ] * 5, clients=2)
    assert run.unsent == 5
    assert run.held_s == 30
    assert len(service.requests) <= 2


async def test_after_the_time_is_over_nothing_is_sent_and_what_is_on_its_way_still_counts(
    service: FakeUpstream,
) -> None:
    clock, stalled = FakeClock(), asyncio.Event()
    service.script(Reply.json({}).held(stalled))
    running = start(service, Pace(clock, limit_s=30), clock, [READ] * 5)
    await service.received(1)
    await clock.advance(31)
    stalled.set()
    run = await running
    assert run.tallies[LIST].times_ms == [31_000]
    assert run.unsent == 4
    assert len(service.requests) == 1


async def test_failures_are_counted_by_what_they_were_and_never_repeated(service: FakeUpstream) -> None:
    clock = FakeClock()
    service.script(Reply(500), Reply(404), Reply(failure="reset"), Reply(failure="reset"), Reply(503))
    run = await start(service, Pace(clock, limit_s=60), clock, [READ, READ, READ, SEARCH, SEARCH, READ])
    assert run.tallies[LIST].failures == {"500": 1, "404": 1, "upstream-unavailable": 1}
    assert run.tallies[SEARCH_NEW].failures == {"upstream-unavailable": 1, "503": 1}
    assert len(run.tallies[LIST].times_ms) == 1
    assert len(service.requests) == 6
