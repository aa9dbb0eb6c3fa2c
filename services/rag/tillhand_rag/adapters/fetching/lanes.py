"""Politeness: few connections to a host at a time, and a pause between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tillhand_common.clock import Clock

_KEPT_LANES = 1_000


@dataclass(slots=True)
class _Lane:
    slots: asyncio.Semaphore
    users: int = 0
    free_at: float = 0.0


class HostLanes:
    """Gives out turns, per host: at most `connections` at once, begun at least a gap apart."""

    def __init__(self, connections: int, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, host: str, gap_s: float) -> AsyncIterator[None]:
        """Wait for a turn with `host` and hold it."""
        lane = self._lane(host)
        lane.users += 1
        try:
            async with lane.slots:
                now = self._clock.monotonic()
                begin = max(now, lane.free_at)
                lane.free_at = begin + gap_s
                if begin > now:
                    await self._clock.sleep(begin - now)
                yield
        finally:
            lane.users -= 1

    def _lane(self, host: str) -> _Lane:
        if host not in self._lanes:
            self._forget_idle()
            self._lanes[host] = _Lane(asyncio.Semaphore(self._connections))
        return self._lanes[host]

    def _forget_idle(self) -> None:
        if len(self._lanes) < _KEPT_LANES:
            return
        now = self._clock.monotonic()
        self._lanes = {host: lane for host, lane in self._lanes.items() if lane.users or lane.free_at > now}
