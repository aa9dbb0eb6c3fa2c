"""One subscription to the approvals' feed, relayed to any number of browsers.

What came last is kept encoded, and each browser reads on from the number that it had: there is no queue per browser, so
a slow one costs nothing, and is cut where it does not take a frame in time. At the start the newest records are read
first, so that browsers that were here before go on without a gap. A number that is too old is answered by `reset`: the
lists are to be read anew, and it goes on from there.

Frames: `record` (its id is its number; data: type and record), `position` (where a browser without a number begins),
`reset`, and `state` (`{"live": …}`: whether the console itself hears the feed).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from itertools import islice
from typing import Final

import structlog

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError
from tillhand_dashboard.ports.approvals import Relayed

KEPT: Final = 1_000
FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 1.0
"""However long the approvals were away, browsers are live again within two seconds of their return."""
RECHECK_S: Final = 20.0
"""How often a stream looks whether its session still holds."""
_OF_THE_STREAM: Final = frozenset({"heartbeat", "farewell", "position"})
_log: Final = structlog.get_logger(__name__)

Subscribe = Callable[[str | None], AsyncGenerator[Relayed | None, None]]
Holds = Callable[[], Awaitable[bool]]


class Relay:
    """Hears the feed in `run`, and lets browsers `follow`. Records are numbered without gaps, as the feed promises."""

    def __init__(self, subscribe: Subscribe, clock: Clock, *, kept: int = KEPT) -> None:
        self._subscribe = subscribe
        self._clock = clock
        self._frames: deque[bytes] = deque(maxlen=kept)
        self._heard: int | None = None
        """The number of the newest record that was heard; of none before the first position is known."""
        self._head = 0
        """Where the feed was at the start: until that is reached, nobody can be told what they have missed."""
        self._changed = asyncio.Event()
        self.live = False

    @property
    def newest(self) -> int:
        """The number of the newest record that was heard of; 0 before the first."""
        return max(self._head, self._heard or 0)

    async def run(self) -> None:
        """Hear the feed until cancelled; where it breaks, go on after what came last."""
        wait_s = FIRST_WAIT_S
        while True:
            try:
                if await self._hear():
                    wait_s = FIRST_WAIT_S
            except UpstreamError as error:
                _log.info("feed_lost", reason=error.slug)
            self._say(live=False)
            await self._clock.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    async def follow(self, cursor: int | None, holds: Holds) -> AsyncGenerator[bytes, None]:
        """Frames for one browser, from its number on; ends when `holds` says so."""
        told_live: bool | None = None
        checked_s = self._clock.monotonic()
        while True:
            changed = self._changed
            heard = self._heard
            if heard is not None and self._caught_up:
                for frame in self._after(cursor, heard):
                    yield frame
                cursor = heard
            if told_live is not self.live:
                told_live = self.live
                yield b'event: state\ndata: {"live":%s}\n\n' % (b"true" if told_live else b"false")
            if self._clock.monotonic() - checked_s >= RECHECK_S:
                if not await holds():
                    yield b"event: signed-out\ndata: {}\n\n"
                    return
                checked_s = self._clock.monotonic()
            await _within(changed, RECHECK_S)

    @property
    def _caught_up(self) -> bool:
        return self._heard is not None and self._heard >= self._head

    async def _hear(self) -> bool:
        """Hear one connection to its end; whether anything came."""
        if self._heard is None and not await self._begin():
            return False
        came = False
        async with aclosing(self._subscribe(str(self._heard))) as events:
            async for event in events:
                came = True
                if event is not None:
                    self._take(event)
                self._say(live=self._caught_up)
        return came

    async def _begin(self) -> bool:
        """Learn where the feed is, and begin a good while before."""
        async with aclosing(self._subscribe(None)) as events:
            async for event in events:
                if event is not None and event.id is not None:
                    self._head = int(event.id)
                    self._heard = max(0, self._head - (self._frames.maxlen or 0))
                    return True
        return False

    def _take(self, event: Relayed) -> None:
        if event.id is None or event.name in _OF_THE_STREAM:
            return
        number = int(event.id)
        if event.name == "reset":
            self._frames.clear()
            self._heard = self._head = number
        elif number > (self._heard or 0):
            self._frames.append(_record(event))
            self._heard = number
        self._wake()

    def _after(self, cursor: int | None, heard: int) -> Iterable[bytes]:
        if cursor is None:
            return (b"id: %d\nevent: position\ndata: {}\n\n" % heard,)
        missing = heard - cursor
        if not 0 <= missing <= len(self._frames):
            return (b"id: %d\nevent: reset\ndata: {}\n\n" % heard,)
        return list(islice(self._frames, len(self._frames) - missing, None))

    def _say(self, *, live: bool) -> None:
        if self.live is not live:
            self.live = live
            self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _record(event: Relayed) -> bytes:
    """A record's frame. Its data are JSON, in which a line end is nothing but space."""
    number, data = (event.id or "0").encode(), event.data.replace(b"\n", b" ")
    return b'id: %s\nevent: record\ndata: {"type":"%s","record":%s}\n\n' % (number, event.name.encode(), data)


async def _within(changed: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await changed.wait()
