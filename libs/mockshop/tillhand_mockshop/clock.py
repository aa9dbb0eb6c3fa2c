"""The shop's clock: when in a day people buy, and which moment of UTC that is."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from tillhand_mockshop.words import TIME_ZONE

HOUR_S: Final = 3600
_CHANGE_S: Final = 2 * HOUR_S
_SHOP_HOURS: Final = (0,) * 9 + (3, 6, 8, 9, 7, 8, 9, 10, 10, 6) + (0,) * 5
_WEB_HOURS: Final = (2, 1, 0.5, 0.4, 0.4, 0.8, 2, 4, 5, 6, 7, 7, 7, 7, 6, 6, 6, 7, 8, 10, 12, 11, 8, 4)
_STEPS: Final = {
    "pos": tuple(accumulate(_SHOP_HOURS)),
    "web": tuple(accumulate(_WEB_HOURS)),
    "marketplace": tuple(accumulate(_WEB_HOURS)),
}


def second_of_day(random: Random, channel: str) -> int:
    """When in a day, on the shop's clock, somebody buys in a channel."""
    steps = _STEPS[channel]
    hour = bisect_right(steps, random.random() * steps[-1])
    return int((hour + random.random()) * HOUR_S)


class Clock:
    """Turns seconds of the shop's days into moments of UTC, by day index from the first day."""

    def __init__(self, first_day: date, days: int) -> None:
        zone = ZoneInfo(TIME_ZONE)
        dates = [first_day + timedelta(days=index) for index in range(days + 1)]
        self._midnights = [int(datetime.combine(day, time(0), zone).timestamp()) for day in dates]
        self._noons = [int(datetime.combine(day, time(12), zone).timestamp()) for day in dates]

    def stamp(self, day: int, second: int) -> int:
        """The second of the epoch. Clocks change at two or three, so the afternoon is counted from noon."""
        if second < _CHANGE_S:
            return self._midnights[day] + second
        return self._noons[day] - 12 * HOUR_S + second

    @property
    def start(self) -> int:
        """The first second of the first day."""
        return self._midnights[0]

    @property
    def end(self) -> int:
        """The first second after the last day."""
        return self._midnights[-1]


def moment(stamp: int) -> datetime:
    """The second of the epoch as a moment."""
    return datetime.fromtimestamp(stamp, UTC)
