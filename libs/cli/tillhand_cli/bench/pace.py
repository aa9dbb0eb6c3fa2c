"""When requests may go, and from when their time counts.

In a *closed loop* a request goes as soon as a client is free. A service that stalls is then asked less, and the waiting
of requests that were never sent shows in no figure ("coordinated omission"). In an *open loop* requests are due at
a constant rate whatever the service does, and the time of each counts from when it was due, queueing included.
"""

from __future__ import annotations

import math

from tillhand_common.clock import Clock


class Pace:
    """Lets requests go until `limit_s` is over; at `rate_per_s` in an open loop, in a closed one without it."""

    def __init__(self, clock: Clock, *, limit_s: float, rate_per_s: float | None = None) -> None:
        self._clock = clock
        self._rate_per_s = rate_per_s
        self._due = 0
        self._began = self._origin = self._held_until = clock.monotonic()
        self._end = self._began + limit_s
        self.held_s = 0.0

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, holds included."""
        return self._clock.monotonic() - self._began

    def hold(self, seconds: float) -> None:
        """Let nothing go for so long, because the service asked for it; what is due later is due so much later."""
        now = self._clock.monotonic()
        until = min(now + seconds, self._end)
        longer_s = max(0.0, until - max(self._held_until, now))
        self._held_until = max(self._held_until, until)
        self._origin += longer_s
        self.held_s += longer_s

    async def turn(self) -> float | None:
        """Wait until the next request may go; the second from which its time counts, None when the run is over."""
        number, self._due = self._due, self._due + 1
        return await self._released(number)

    async def again(self) -> float | None:
        """As `turn`, for a request that the service has put off: its time counts from when it may go."""
        return await self._released(None)

    async def _released(self, number: int | None) -> float | None:
        while (now := self._clock.monotonic()) < (may_go := max(self._due_at(number), self._held_until)):
            if may_go >= self._end:
                return None
            await self._clock.sleep(may_go - now)
        if now >= self._end:
            return None
        due = self._due_at(number)
        return now if due == -math.inf else due

    def _due_at(self, number: int | None) -> float:
        if number is None or self._rate_per_s is None:
            return -math.inf
        return self._origin + number / self._rate_per_s
