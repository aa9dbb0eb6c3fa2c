"""What was counted of one objective over time: enough of it to answer for every window, and no more.

A window of length L is answered from the point that lies L before the last one. Old points are only asked for long
windows, so they may lie further apart: with gaps of up to one twentieth of their age, every window is answered within
5 % of its length and a look, and four weeks of looks each minute are some 200 points.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Final

from tillhand_analytics.domain.slo.counting import Events
from tillhand_analytics.domain.slo.kept import Point

_AT, _SEEN = 0, 3
"""Where a point holds its moment, and the seconds that were seen up to it."""
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


class History:
    """Running totals of one objective, the oldest first. Times are seconds of the epoch; `keep_s` is how far back.

    Of some stretches nothing is known: nobody looked, and what was counted then is lost. They lie between the last
    point and the one at which counting began again, and are no part of what a window covers.
    """

    def __init__(self, keep_s: float, points: Iterable[Point] = ()) -> None:
        self._keep_s = keep_s
        self._points = list(points)

    @property
    def points(self) -> tuple[Point, ...]:
        """All points."""
        return tuple(self._points)

    def begin(self, at_s: float) -> None:
        """Count from this moment on; what lies between the last point and it was seen by nobody."""
        if not self._points:
            self._points.append((at_s, 0.0, 0.0, 0.0))
        elif at_s > self._points[-1][_AT]:
            self._points.append((at_s, *self._points[-1][1:]))

    def add(self, at_s: float, grown: Events) -> None:
        """Add what was counted since the last point. A moment that is not after it changes that point."""
        if not self._points:
            self.begin(at_s)
        last_s, total, bad, seen_s = self._points[-1]
        if at_s <= last_s:
            self._points[-1] = (last_s, total + grown.total, bad + grown.bad, seen_s)
            return
        self._points.append((at_s, total + grown.total, bad + grown.bad, seen_s + at_s - last_s))
        self._thin(at_s)

    def window(self, now_s: float, length_s: float) -> Window:
        """What was counted in the last `length_s` seconds; less of them where less was seen."""
        begin_s = now_s - length_s
        if not self._points or self._points[-1][_AT] <= begin_s:
            return NOTHING
        first = self._points[self._first(begin_s)]
        if now_s - first[_AT] > length_s * (1 + _TOLERATED):
            return NOTHING
        total, bad, covered_s = (last - before for last, before in zip(self._points[-1][1:], first[1:], strict=True))
        return Window(bad / total if total > 0 else None, total, covered_s)

    def _first(self, begin_s: float) -> int:
        """The place of the last point up to a moment, or that of the one after it where nobody looked between them."""
        place = max(bisect_right(self._points, begin_s, key=itemgetter(_AT)) - 1, 0)
        is_gap = place + 1 < len(self._points) and self._points[place + 1][_SEEN] == self._points[place][_SEEN]
        return place + 1 if is_gap else place

    def _thin(self, now_s: float) -> None:
        kept = [self._points[0]]
        for point, following in pairwise(self._points[1:]):
            if following[_AT] - kept[-1][_AT] > (now_s - following[_AT]) * _GAP:
                kept.append(point)
        kept.append(self._points[-1])
        expired = bisect_right(kept, now_s - self._keep_s, key=itemgetter(_AT)) - 1
        self._points = kept[max(expired, 0) :]
