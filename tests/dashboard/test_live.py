"""The live feed for browsers: every record once, in order, through restarts of either side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.dashboard.platform import Beside, beside_approvals, console
from tests.fakes.visitor import Visitor
from tillhand_common.errors import UpstreamUnavailable
from tillhand_common.sse_reader import EventDecoder, ReceivedEvent
from tillhand_common.testing import FakeClock
from tillhand_dashboard.ports.approvals import Relayed
from tillhand_dashboard.service.relay import Relay

WITHIN_S = 20.0


async def stays() -> bool:
    """A session that holds."""
    return True


async def heard(visitor: Visitor, url: str, *, after: str | None = None) -> AsyncGenerator[ReceivedEvent, None]:
    """What a browser hears, heartbeats left out."""
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    headers = {"cookie": cookies, **({} if after is None else {"last-event-id": after})}
    decoder = EventDecoder()
    async with asyncio.timeout(WITHIN_S), visitor.http.stream("GET", f"{url}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers
        async for chunk in answer.aiter_bytes():
            for event in decoder.feed(chunk):
                if event.name != "heartbeat":
                    yield event


async def until_live(events: AsyncIterator[ReceivedEvent]) -> str:
    """Wait until the console hears the feed; the number from which the browser goes on."""
    number = ""
    async for event in events:
        number = event.id or number
        if event.name == "state" and b"true" in event.data:
            break
    return number


@pytest.fixture
async def beside(tmp_path: Path) -> AsyncIterator[Beside]:
    """The console beside the approvals."""
    async with beside_approvals(tmp_path) as running_beside:
        yield running_beside


async def test_a_browser_hears_a_proposal_as_it_is_made(beside: Beside) -> None:
    async with aclosing(heard(beside.visitor, beside.url)) as events:
        await until_live(events)
        made = await beside.approvals.propose()
        async for event in events:
            if event.name == "record" and made["id"].encode() in event.data:
                assert event.data.startswith(b'{"type":"proposal.created","record":{')
                assert b"ann@example.com" not in event.data
                break


async def test_what_was_missed_comes_first_once_and_in_order(beside: Beside) -> None:
    async with aclosing(heard(beside.visitor, beside.url)) as events:
        number = await until_live(events)
    made = [(await beside.approvals.propose())["id"] for _ in range(3)]
    numbers: list[int] = []
    seen: list[str] = []
    async with aclosing(heard(beside.visitor, beside.url, after=number)) as events:
        async for event in events:
            if event.name == "record":
                numbers.append(int(event.id or 0))
                seen += [each for each in made if each.encode() in event.data and b"proposal.created" in event.data]
            if len(seen) == len(made):
                break
    assert seen == made
    assert numbers == list(range(int(number) + 1, int(number) + 1 + len(numbers)))


async def test_a_restart_of_the_console_loses_and_doubles_nothing(beside: Beside, tmp_path: Path) -> None:
    async with aclosing(heard(beside.visitor, beside.url)) as events:
        number = await until_live(events)
    made = [(await beside.approvals.propose())["id"] for _ in range(2)]
    folder = tmp_path / "another"  # two consoles never share a folder; the keys are those of the platform
    settings = {
        "approvals_url": str(beside.approvals.http.base_url),
        "dashboard_key": beside.approvals.tokens["service"],
    }
    async with console(folder, beside.approvals, settings) as again:
        seen: list[str] = []
        async with aclosing(heard(again.visitor, again.url, after=number)) as events:
            async for event in events:
                assert event.name != "reset"
                seen += [each for each in made if each.encode() in event.data and b"proposal.created" in event.data]
                if len(seen) == len(made):
                    break
        assert seen == made


@pytest.fixture
def clock() -> FakeClock:
    """Time that nobody waits for."""
    return FakeClock()


class Feed:
    """Approvals whose feed a test plays: connections, one after the other."""

    def __init__(self, *connections: list[Relayed | None]) -> None:
        self.asked: list[str | None] = []
        self._connections = list(connections)
        self.silence = asyncio.Event()

    async def subscribe(self, after: str | None) -> AsyncGenerator[Relayed | None, None]:
        """The next connection; after the last, none can be had."""
        self.asked.append(after)
        if not self._connections:
            self.silence.set()
            raise UpstreamUnavailable("approvals")
        for event in self._connections.pop(0):
            yield event


def record(number: int) -> Relayed:
    """A record of the feed."""
    return Relayed(str(number), "note.added", b'{"n":%d}' % number)


POSITION = Relayed("7", "position", b"{}")


async def relayed(relay: Relay, cursor: int | None, count: int) -> list[str]:
    """The first frames for a browser, as `name id`."""
    frames: list[str] = []
    async with aclosing(relay.follow(cursor, stays)) as following:
        async for frame in following:
            frames.append(" ".join(line.split(": ")[1] for line in frame.decode().splitlines()[:2]))
            if len(frames) == count:
                break
    return frames


async def played(feed: Feed, clock: FakeClock, kept: int = 5) -> Relay:
    """A relay that has heard all of a feed."""
    relay = Relay(feed.subscribe, clock, kept=kept)
    running = asyncio.create_task(relay.run())
    async with asyncio.timeout(WITHIN_S):
        while not feed.silence.is_set():
            await clock.advance(5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return relay


async def test_the_newest_records_before_the_start_are_heard_first(clock: FakeClock) -> None:
    feed = Feed([POSITION], [None, *map(record, range(3, 10))])
    relay = await played(feed, clock)
    assert feed.asked[:2] == [None, "2"]
    assert await relayed(relay, 6, 4) == ["7 record", "8 record", "9 record", 'state {"live":false}']


async def test_a_connection_that_breaks_goes_on_after_what_came_last(clock: FakeClock) -> None:
    feed = Feed([POSITION], [*map(record, range(3, 8))], [record(7), record(8)])
    relay = await played(feed, clock)
    assert feed.asked[:3] == [None, "2", "7"]
    assert await relayed(relay, 6, 3) == ["7 record", "8 record", 'state {"live":false}']


@pytest.mark.parametrize("cursor", [1, 99])
async def test_a_number_that_is_too_old_or_unknown_is_answered_by_reset_once(clock: FakeClock, cursor: int) -> None:
    relay = await played(Feed([POSITION], [*map(record, range(3, 10))]), clock)
    assert await relayed(relay, cursor, 2) == ["9 reset", 'state {"live":false}']


async def test_a_browser_without_a_number_begins_now(clock: FakeClock) -> None:
    relay = await played(Feed([POSITION], [*map(record, range(3, 10))]), clock)
    assert await relayed(relay, None, 2) == ["9 position", 'state {"live":false}']


async def test_a_reset_of_the_feed_resets_the_browsers(clock: FakeClock) -> None:
    reset = Relayed("50", "reset", b"{}")
    relay = await played(Feed([POSITION], [*map(record, range(3, 8)), reset, record(51)]), clock)
    assert await relayed(relay, 7, 1) == ["51 reset"]
    assert await relayed(relay, 50, 1) == ["51 record"]


async def test_a_stream_ends_when_its_session_does(clock: FakeClock) -> None:
    relay = await played(Feed([POSITION], [*map(record, range(3, 8))]), clock)

    async def over() -> bool:
        return False

    following = relay.follow(None, over)
    assert [(await anext(following)).split(b"\n")[0] for _ in range(2)] == [b"id: 7", b"event: state"]
    await clock.advance(30)
    relay._wake()  # noqa: SLF001  # what a record does
    assert b"signed-out" in await anext(following)
    assert await anext(following, None) is None
