"""The bucket of points that queries are paid from; time fills it up again."""

from __future__ import annotations

from dataclasses import dataclass, field

from tillhand_common.clock import Clock


@dataclass(slots=True)
class Bucket:
    """Holds up to `maximum` points and gains `rate` of them each second."""

    clock: Clock
    maximum: float = 2000.0
    rate: float = 100.0
    _points: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin full."""
        self._points, self._at = self.maximum, self.clock.monotonic()

    @property
    def available(self) -> float:
        """How many points there are now."""
        now = self.clock.monotonic()
        self._points = min(self.maximum, self._points + (now - self._at) * self.rate)
        self._at = now
        return self._points

    def take(self, points: float) -> bool:
        """Take points out, unless there are fewer."""
        if points > self.available:
            return False
        self._points -= points
        return True

    def give_back(self, points: float) -> None:
        """Put back what was taken and not needed."""
        self._points = min(self.maximum, self.available + points)

    def status(self) -> dict[str, float]:
        """Return what an answer says about it."""
        available = int(self.available)
        return {"maximumAvailable": self.maximum, "currentlyAvailable": available, "restoreRate": self.rate}
