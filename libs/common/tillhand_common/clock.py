"""Time as a port, so that nothing in a test has to sleep."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the platform needs to know about time."""

    def now(self) -> datetime:
        """Return the wall-clock time in UTC, with its zone."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go backwards, comparable only with themselves."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    __slots__ = ()

    def now(self) -> datetime:
        """Return the wall-clock time in UTC, with its zone."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return `time.monotonic()` in seconds, the same clock that the event loop's timers use."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`; other tasks run meanwhile."""
        await asyncio.sleep(seconds)


def rfc3339(moment: datetime) -> str:
    """Format a moment as RFC 3339 in UTC with milliseconds, such as `2026-11-23T06:42:13.120Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
