"""The live feed: every record of a tenant, in order, to everyone who follows, from wherever they had got to.

A follower is nothing but a number: the last record that it has been given. What comes next is in the tail, the newest
records of the tenant, encoded once for all followers; whoever has fallen behind it reads pages of the log until it has
caught up. So a slow follower costs no memory, and none can be given a record twice or miss one: records are numbered
without gaps, in the order in which they were committed.

One task for each tenant that is followed reads what is new, when it is woken (by a commit here, by a notification from
another replica) and, should a notification be lost, every `poll_s`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from tillhand_approvals.ports.records import Records, Row
from tillhand_common.sse import Event

KEPT: Final = 4_096
"""Records of the tail."""
PAGE: Final = 512
MOST_REPLAYED: Final = 100_000
"""Whoever is further behind than this is told to read the lists anew instead."""
POLL_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records a follower asks for: all, or those of some types, or of a subject. `proposal.*` is a type too."""

    types: Collection[str] = ()
    subject: str | None = None

    def fits(self, row: Row) -> bool:
        """Whether this record is one of them."""
        if self.subject is not None and row.subject != self.subject:
            return False
        return not self.types or any(_matches(row.type, wanted) for wanted in self.types)


def _matches(given: str, wanted: str) -> bool:
    return given.startswith(wanted[:-1]) if wanted.endswith("*") else given == wanted


EVERYTHING: Final = Wanted()


@dataclass(frozen=True, slots=True)
class _Framed:
    row: Row
    frame: bytes


class _Tail:
    """The newest records of a tenant. `last` is the number of the newest that was read, also while it is empty."""

    def __init__(self, last: int, kept: int) -> None:
        self.last = last
        self.followers = 0
        self.awake = asyncio.Event()
        self.pump: asyncio.Task[None] | None = None
        self._kept: deque[_Framed] = deque(maxlen=kept)
        self._news: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def append(self, rows: Sequence[Row]) -> None:
        """Add what follows, and tell everybody."""
        if not rows:
            return
        self._kept.extend(map(_framed, rows))
        self.last = rows[-1].sequence
        news, self._news = self._news, asyncio.get_running_loop().create_future()
        news.set_result(None)

    def after(self, sequence: int) -> list[_Framed] | None:
        """What follows this number, or None where the tail no longer holds all of it."""
        missing = max(0, self.last - sequence)
        if missing > len(self._kept):
            return None
        return list(islice(self._kept, len(self._kept) - missing, None))

    async def news(self) -> None:
        """Wait until more is appended. Raises what ended the reading."""
        await asyncio.shield(self._news)

    def fail(self, error: BaseException) -> None:
        """End everybody's waiting."""
        if not self._news.done():
            self._news.set_exception(error)
            self._news.exception()  # whoever waits gets it; nobody waiting is no loss


class Feed:
    """Gives records to followers."""

    def __init__(
        self, records: Records, *, kept: int = KEPT, most_replayed: int = MOST_REPLAYED, poll_s: float = POLL_S
    ) -> None:
        self._records = records
        self._kept = kept
        self._most_replayed = most_replayed
        self._poll_s = poll_s
        self._tails: dict[str, _Tail] = {}
        self._opening = asyncio.Lock()

    @property
    def followed(self) -> int:
        """How many follow."""
        return sum(tail.followers for tail in self._tails.values())

    def wake(self, tenant: str) -> None:
        """There may be more of this tenant: called after each commit, from the event loop."""
        if tail := self._tails.get(tenant):
            tail.awake.set()

    async def follow(
        self, tenant: str, after: int | None = None, wanted: Wanted = EVERYTHING
    ) -> AsyncIterator[Event | bytes]:
        """Frames of everything after this number, then of what comes; without one a `position`, then what comes.

        The first is a `reset` where the number is beyond the log, or so old that reading the lists anew is quicker:
        its id is the number from which the feed goes on.
        """
        tail = await self._joined(tenant)
        try:
            cursor = tail.last if after is None else after
            if after is None:  # so that whoever is cut off before the first record knows where to go on
                yield Event({"sequence": cursor}, event="position", id=str(cursor))
            if cursor > tail.last:  # from another replica, which has read further than this one
                tail.awake.set()
                head = await self._records.head(tenant)
            else:
                head = tail.last
            if not head - self._most_replayed <= cursor <= head:
                reason = "ahead" if cursor > head else "too-old"
                cursor = head
                yield Event({"reason": reason, "sequence": cursor}, event="reset", id=str(cursor))
            while True:
                for framed in await self._following(tail, tenant, cursor):
                    cursor = framed.row.sequence
                    if wanted.fits(framed.row):
                        yield framed.frame
        finally:
            self._left(tenant, tail)

    async def _following(self, tail: _Tail, tenant: str, cursor: int) -> Sequence[_Framed]:
        """What comes next; nothing where the tail has just been told of what a page has held already."""
        if cursor >= tail.last:
            await tail.news()
        held = tail.after(cursor)
        return [*map(_framed, await self._records.after(tenant, cursor, PAGE))] if held is None else held

    async def _joined(self, tenant: str) -> _Tail:
        async with self._opening:  # so that two first followers make one tail
            tail = self._tails.get(tenant)
            if tail is None:
                tail = self._tails[tenant] = _Tail(await self._records.head(tenant), self._kept)
                tail.pump = asyncio.create_task(self._pump(tenant, tail), name=f"feed {tenant}")
            tail.followers += 1
            return tail

    def _left(self, tenant: str, tail: _Tail) -> None:
        tail.followers -= 1
        if not tail.followers and self._tails.get(tenant) is tail:
            del self._tails[tenant]
            if tail.pump is not None:
                tail.pump.cancel()

    async def _pump(self, tenant: str, tail: _Tail) -> None:
        """Read what is new for as long as anybody follows. What fails ends the streams: they come back and replay."""
        try:
            while True:
                tail.awake.clear()
                while rows := await self._records.after(tenant, tail.last, PAGE):
                    tail.append(rows)
                try:
                    async with asyncio.timeout(self._poll_s):
                        await tail.awake.wait()
                except TimeoutError:
                    continue
        except Exception as error:  # noqa: BLE001  # the boundary of a task: its followers get the error
            self._tails.pop(tenant, None)
            tail.fail(error)


def _framed(row: Row) -> _Framed:
    return _Framed(row, Event(row.line, event=row.type, id=str(row.sequence)).encode())
