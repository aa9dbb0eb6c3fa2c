"""What was counted of one objective over time: enough of it to answer for every window, and no more.

A window of length L is answered from the point that lies L before the last one. Old points are only asked for long
windows, so they may lie further apart: with gaps of up to one twentieth of their age, every window is answered within
5 % of its length and a look, and four weeks of looks each minute are some 200 points.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from tillhand_analytics.domain.slo.counting import Events

_GAP: Final = 1 / 20
_TOLERATED: Final = 0.25
"""By what share a window may be longer than asked for; then what was counted is of another window."""


@dataclass(frozen=True, slots=True)
class Window:
    """One window of an objective: the share of bad events, of how many events, and the seconds that are really covered.

    `bad_share` is None without any event; `events` is None where the source does not tell them.
    """

    bad_share: float | None
    events: float | None
    covered_s: float


NOTHING: Final = Window(bad_share=None, events=0.0, covered_s=0.0)
"""A window of which nothing is known."""


@dataclass(slots=True)
class History:
    """Running totals of one objective, the oldest first. Times are seconds of the epoch; `keep_s` is how far back."""

    keep_s: float
    _times: list[float] = field(default_factory=list)
    _totals: list[float] = field(default_factory=list)
    _bads: list[float] = field(default_factory=list)

    def begin(self, at_s: float) -> None:
        """Count from this moment on, where nothing has been counted yet."""
        if not self._times:
            self._append(at_s, Events(0.0, 0.0))

    def add(self, at_s: float, grown: Events) -> None:
        """Add what was counted since the last point. A moment that is not after it changes that point."""
        self.begin(at_s)
        if at_s <= self._times[-1]:
            self._totals[-1] += grown.total
            self._bads[-1] += grown.bad
            return
        self._append(at_s, Events(self._totals[-1] + grown.total, self._bads[-1] + grown.bad))
        self._thin(at_s)

    def window(self, now_s: float, length_s: float) -> Window:
        """What was counted in the last `length_s` seconds; less of them where the history is shorter."""
        begin_s = now_s - length_s
        if not self._times or self._times[-1] <= begin_s:
            return NOTHING
        first = max(bisect_right(self._times, begin_s) - 1, 0)
        covered_s = self._times[-1] - self._times[first]
        if now_s - self._times[first] > length_s * (1 + _TOLERATED):
            return NOTHING
        total = self._totals[-1] - self._totals[first]
        bad = self._bads[-1] - self._bads[first]
        return Window(bad / total if total > 0 else None, total, covered_s)

    def _append(self, at_s: float, running: Events) -> None:
        self._times.append(at_s)
        self._totals.append(running.total)
        self._bads.append(running.bad)

    def _thin(self, now_s: float) -> None:
        kept = [0]
        for place in range(1, len(self._times) - 1):
            gap_s = self._times[place + 1] - self._times[kept[-1]]
            if gap_s > (now_s - self._times[place + 1]) * _GAP:
                kept.append(place)
        kept.append(len(self._times) - 1)
        expired = bisect_right([self._times[place] for place in kept], now_s - self.keep_s) - 1
        kept = kept[max(expired, 0) :]
        self._times = [self._times[place] for place in kept]
        self._totals = [self._totals[place] for place in kept]
        self._bads = [self._bads[place] for place in kept]
