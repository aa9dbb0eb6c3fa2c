"""The feed: whoever follows gets every record once, in order, from wherever they had got to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.fakes.waiting import until
from tillhand_approvals.ports.records import Row
from tillhand_approvals.service.feed import EVERYTHING, Feed, Wanted
from tillhand_common.sse import Event


class Log:
    """Records in memory; `broken` makes reading fail, `read` counts the pages."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.broken = False
        self.read = 0

    def append(self, type_: str = "tillhand.proposal.created", subject: str | None = "p1") -> None:
        sequence = len(self.rows) + 1
        self.rows.append(Row(sequence, type_, subject, f'{{"sequence":{sequence}}}'))

    async def head(self, tenant: str) -> int:
        return len(self.rows) if tenant == "shop" else 0

    async def after(self, tenant: str, sequence: int, limit: int) -> Sequence[Row]:
        self.read += 1
        if self.broken:
            raise ConnectionError("the database is away")
        return self.rows[sequence : sequence + limit] if tenant == "shop" else []


class Follower:
    """Follows and writes down what it is given."""

    def __init__(self, feed: Feed, after: int | None = None, wanted: Wanted = EVERYTHING) -> None:
        self.seen: list[int] = []
        self.frames: list[Event | bytes] = []
        self._task = asyncio.ensure_future(self._follow(feed.follow("shop", after, wanted)))

    async def _follow(self, frames: AsyncIterator[Event | bytes]) -> None:
        async with aclosing(frames):  # type: ignore[type-var]  # an async generator, as every follower is
            async for frame in frames:
                self.frames.append(frame)
                if isinstance(frame, bytes):  # not `position` and `reset`
                    self.seen.append(int(frame.split(b"id: ")[1].split(b"\n")[0]))

    async def has(self, *numbers: int) -> None:
        """Wait until it has seen exactly these."""
        await until(lambda: self.ended or self.seen == [*numbers])
        assert self.seen == [*numbers]

    @property
    def ended(self) -> bool:
        """Whether the feed let it go."""
        return self._task.done()

    async def stop(self) -> BaseException | None:
        """Hang up; what ended it before, if anything did."""
        ended = self._task.done()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return self._task.exception() if ended else None


async def test_a_follower_gets_what_it_missed_and_then_what_comes() -> None:
    log = Log()
    feed = Feed(log)
    for _ in range(3):
        log.append()
    late, fresh = Follower(feed, after=1), Follower(feed)
    await late.has(2, 3)
    log.append()
    feed.wake("shop")
    await late.has(2, 3, 4)
    await fresh.has(4)
    assert late.frames[0] == b'id: 2\nevent: tillhand.proposal.created\ndata: {"sequence":2}\n\n'
    for follower in (late, fresh):
        await follower.stop()
    assert feed.followed == 0


async def test_whoever_is_behind_the_tail_reads_pages_and_catches_up() -> None:
    log = Log()
    feed = Feed(log, kept=4)
    present = Follower(feed)
    await asyncio.sleep(0)
    for _ in range(40):
        log.append()
    feed.wake("shop")
    await present.has(*range(1, 41))
    behind = Follower(feed, after=0)
    await behind.has(*range(1, 41))
    for follower in (present, behind):
        await follower.stop()


@pytest.mark.parametrize(("after", "reason"), [(99, "ahead"), (0, "too-old")])
async def test_a_cursor_that_cannot_be_served_is_reset_to_the_end(after: int, reason: str) -> None:
    log = Log()
    feed = Feed(log, most_replayed=5)
    for _ in range(8):
        log.append()
    follower = Follower(feed, after=after)
    await until(lambda: bool(follower.frames))
    assert follower.frames == [Event({"reason": reason, "sequence": 8}, event="reset", id="8")]
    log.append()
    feed.wake("shop")
    await follower.has(9)
    await follower.stop()


async def test_followers_get_what_they_ask_for_alone() -> None:
    log = Log()
    feed = Feed(log)
    wanted = [Wanted(types=["tillhand.proposal.*"]), Wanted(subject="p2"), Wanted(types=["tillhand.policy.changed"])]
    followers = [Follower(feed, 0, each) for each in wanted]
    log.append("tillhand.proposal.created", "p1")
    log.append("tillhand.proposal.approved", "p2")
    log.append("tillhand.policy.changed", None)
    for follower, expected in zip(followers, ([1, 2], [2], [3]), strict=True):
        await follower.has(*expected)
        await follower.stop()


async def test_a_lost_notification_is_made_up_for() -> None:
    log = Log()
    feed = Feed(log, poll_s=0.01)
    follower = Follower(feed)
    await asyncio.sleep(0)
    log.append()
    await follower.has(1)
    await follower.stop()


async def test_a_database_that_is_away_ends_the_streams_and_the_next_follower_starts_afresh() -> None:
    log = Log()
    feed = Feed(log)
    follower = Follower(feed)
    await asyncio.sleep(0)
    log.append()
    log.broken = True
    feed.wake("shop")
    await until(lambda: follower.ended)
    assert isinstance(await follower.stop(), ConnectionError)
    log.broken = False
    again = Follower(feed, after=0)
    await again.has(1)
    await again.stop()


async def test_a_thousand_followers_share_what_is_read() -> None:
    log = Log()
    feed = Feed(log)
    followers = [Follower(feed) for _ in range(1_000)]
    await asyncio.sleep(0)
    log.append()
    feed.wake("shop")
    for follower in followers:
        await follower.has(1)
    assert log.read <= 4
    for follower in followers:
        await follower.stop()


class Replay(RuleBasedStateMachine):
    """Records come, followers come, hang up and come back: each has seen a run of numbers without a gap."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.log = Log()
        self.feed = Feed(self.log, kept=3)
        self.following: list[tuple[int, Follower]] = []
        self.gone: list[int] = []

    @rule(count=st.integers(1, 6), woken=st.booleans())
    def records_come(self, count: int, woken: bool) -> None:
        for _ in range(count):
            self.log.append()
        if woken:
            self.feed.wake("shop")
        self.turn()

    @precondition(lambda self: len(self.following) < 5)
    @rule(back=st.integers(0, 10))
    def somebody_comes(self, back: int) -> None:
        after = max(0, len(self.log.rows) - back)
        self.follow(after)

    @precondition(lambda self: self.gone)
    @rule(data=st.data())
    def somebody_comes_back(self, data: st.DataObject) -> None:
        self.follow(self.gone.pop(data.draw(st.integers(0, len(self.gone) - 1))))

    @precondition(lambda self: self.following)
    @rule(data=st.data())
    def somebody_hangs_up(self, data: st.DataObject) -> None:
        after, follower = self.following.pop(data.draw(st.integers(0, len(self.following) - 1)))
        self.loop.run_until_complete(follower.stop())
        self.gone.append(follower.seen[-1] if follower.seen else after)

    @invariant()
    def nothing_is_missed_or_repeated(self) -> None:
        for after, follower in self.following:
            assert follower.seen == [*range(after + 1, after + 1 + len(follower.seen))]

    def follow(self, after: int) -> None:
        async def begin() -> Follower:
            return Follower(self.feed, after)

        self.following.append((after, self.loop.run_until_complete(begin())))
        self.turn()

    def turn(self) -> None:
        async def turns() -> None:
            for _ in range(5):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turns())

    def teardown(self) -> None:
        self.feed.wake("shop")
        for after, follower in self.following:
            self.loop.run_until_complete(follower.has(*range(after + 1, len(self.log.rows) + 1)))
            self.loop.run_until_complete(follower.stop())
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()


TestReplay = Replay.TestCase
TestReplay.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
