"""Where rate limits count, for the library `limits`.

Its own in-memory storages cost too much on the path of every request: the synchronous one starts a thread up to a
hundred times a second (about 600 µs for the request that does), the asynchronous one walks all keys after each hit
(45 µs with one key, 300 µs with a thousand). This one counts in a dict, and cleans up when the dict has doubled.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from limits.storage import MemoryStorage


@dataclass(slots=True)
class _Windows:
    """The counts of two neighbouring windows; `index` numbers the current one."""

    index: int
    expiry: int
    previous: int = 0
    current: int = 0

    def advance(self, index: int) -> None:
        if index != self.index:
            self.previous = self.current if index == self.index + 1 else 0
            self.current = 0
            self.index = index


class WindowStorage(MemoryStorage):
    """Sliding-window counters in memory, for one event loop. `now` returns seconds."""

    STORAGE_SCHEME = ["tillhand+memory"]  # noqa: RUF012  # the library's registry reads it

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._now = now
        self._windows: dict[str, _Windows] = {}
        self._sweep_at = 1024

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` if the weighted count of both windows then stays within `limit`; tell whether it does."""
        now = self._now()
        windows = self._at(key, expiry, now)
        weighted = windows.previous * _left_s(now, expiry) / expiry + windows.current
        if int(weighted) + amount > limit:
            return False
        windows.current += amount
        return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return count and remaining seconds of the previous window, then of the current one."""
        now = self._now()
        windows, left_s = self._at(key, expiry, now), _left_s(now, expiry)
        return windows.previous, left_s, windows.current, left_s + expiry

    def left(self, key: str, limit: int, expiry: int) -> tuple[int, int]:
        """Return how many are left of `limit`, and the whole seconds until one more comes back."""
        previous, left_s, current, _ = self.get_sliding_window(key, expiry)
        wait_s = left_s % (expiry / previous) if previous else left_s
        return max(0, limit - int(previous * left_s / expiry + current)), int(wait_s) + 1

    def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002  # the library's signature
        """Forget what was counted for a key."""
        self._windows.pop(key, None)

    def _at(self, key: str, expiry: int, now: float) -> _Windows:
        index = int(now // expiry)
        windows = self._windows.get(key)
        if windows is None:
            if len(self._windows) >= self._sweep_at:
                self._sweep(now)
            windows = self._windows[key] = _Windows(index, expiry)
        else:
            windows.advance(index)
        return windows

    def _sweep(self, now: float) -> None:
        self._windows = {key: kept for key, kept in self._windows.items() if kept.index >= now // kept.expiry - 1}
        self._sweep_at = max(1024, 2 * len(self._windows))


def _left_s(now: float, expiry: int) -> float:
    return expiry - now % expiry
