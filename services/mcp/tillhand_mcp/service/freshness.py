"""Answers given again while fresh, asked for once by many at a time, and given stale when an upstream fails."""

from __future__ import annotations

import asyncio
import functools
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError, UpstreamRejected, UpstreamTimeout
from tillhand_common.retry import remaining_s
from tillhand_mcp.ports.connector import Answer

MOST: Final = 1_000
STALE_TIMES: Final = 20
"""How many times its freshness an answer may be old that stands in for one that cannot be had."""


Route = Literal["answered", "cached", "stale"]


@dataclass(slots=True)
class _Kept:
    answer: Answer
    at_s: float


@dataclass(slots=True)
class _Flight:
    task: asyncio.Task[Answer]
    waiting: int = 0


class Freshness:
    """Keeps the newest answers, `MOST` of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._flights: dict[str, _Flight] = {}
        self._writes = 0

    @property
    def kept(self) -> int:
        """How many answers are kept."""
        return len(self._kept)

    async def get(self, key: str, fresh_s: float, ask: Callable[[], Awaitable[Answer]]) -> tuple[Answer, Route]:
        """The kept answer while it is fresh, or a new one, and which of them it is.

        Raises what `ask` does, unless a stale one can stand in.
        """
        kept = self._kept.get(key)
        if kept is not None and self._clock.monotonic() - kept.at_s < fresh_s:
            self._kept.move_to_end(key)
            return kept.answer, "cached"
        writes = self._writes
        try:
            answer = await self._joined(key, ask)
        except UpstreamRejected:
            raise
        except UpstreamError:
            kept = self._kept.get(key)  # as it is by now: a write may have ended meanwhile
            if kept is not None and self._clock.monotonic() - kept.at_s < fresh_s * STALE_TIMES:
                return replace(kept.answer, origin=replace(kept.answer.origin, stale=True)), "stale"
            raise
        if not fresh_s or writes != self._writes:  # never given again; or what was read may be from before the write
            return answer, "answered"
        self._kept[key] = _Kept(answer, self._clock.monotonic())
        self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return answer, "answered"

    def forget(self) -> None:
        """Give nothing again, and let nobody join a call that began before: something has been written."""
        self._writes += 1
        self._kept.clear()
        self._flights.clear()

    async def _joined(self, key: str, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Like `_flown`; a call that ended in time for whoever began it is made again for one who came later."""
        joined = key in self._flights
        try:
            return await self._flown(key, ask)
        except UpstreamTimeout:
            if not joined or remaining_s() <= 0:
                raise
        return await self._flown(key, ask)

    async def _flown(self, key: str, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """One call for everybody who asks meanwhile; it is broken off when the last of them has left."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.ensure_future(_called(ask)))
            flight.task.add_done_callback(functools.partial(self._landed, key, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                flight.task.cancel()
                self._landed(key, flight)

    def _landed(self, key: str, flight: _Flight, _: object = None) -> None:
        """It can be joined no longer; another one of the same key can."""
        if self._flights.get(key) is flight:
            del self._flights[key]


async def _called(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    return await ask()
