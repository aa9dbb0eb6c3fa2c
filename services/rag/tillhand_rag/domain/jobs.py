"""Jobs: work that outlives the request that asked for it, and may outlive the process that does it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

State = Literal["queued", "running", "done", "failed", "cancelled"]
"""`running` may also be what a process left behind that died or was stopped: the next one goes on with it."""

FINISHED: Final[frozenset[State]] = frozenset({"done", "failed", "cancelled"})

WINDOW_S: Final = 20.0
"""What the pace of the last seconds is taken over: long enough to be steady, short enough to follow the work."""
LEAST_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that a job could not do. `reason` is the slug of a problem, `detail` a plain sentence."""

    source: str
    reason: str
    detail: str


class Pace:
    """How fast work passes, and how long the rest will take; seconds come from whichever clock the caller has."""

    def __init__(self) -> None:
        self._passed: deque[tuple[float, int]] = deque()

    def note(self, at_s: float, done: int) -> None:
        """So much has been done at this moment; moments and amounts never go down."""
        self._passed.append((at_s, done))
        while len(self._passed) > 2 and at_s - self._passed[1][0] >= WINDOW_S:  # noqa: PLR2004  # a rate needs two points
            self._passed.popleft()

    def per_s(self) -> float | None:
        """What passes in a second, of late; None while too little time has gone by to tell."""
        if not self._passed:
            return None
        (first_s, before), (last_s, now) = self._passed[0], self._passed[-1]
        return (now - before) / (last_s - first_s) if last_s - first_s >= LEAST_S else None

    def left_s(self, total: int) -> float | None:
        """Seconds until `total` is done at this pace; None while nobody can say."""
        rate = self.per_s()
        return max(0, total - self._passed[-1][1]) / rate if rate else None
