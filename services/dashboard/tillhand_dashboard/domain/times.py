"""Moments as people read them: how long ago, and exactly, with the zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

_STEPS: Final = ((60.0, "second"), (60.0, "minute"), (24.0, "hour"), (30.44, "day"), (12.0, "month"))
_JUST_NOW_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Told:
    """A moment: `relative` for the eye, `exact` for the title, `machine` for the attribute of `<time>`."""

    relative: str
    exact: str
    machine: str


def told(moment: datetime, now: datetime, zone: tzinfo) -> Told:
    """A moment with a time zone, as seen from now."""
    there = moment.astimezone(zone)
    offset = there.strftime("%z")
    exact = f"{there:%a %d %b %Y, %H:%M:%S} {there.tzname()} (UTC{offset[:3]}:{offset[3:5]})"
    return Told(relative((moment - now).total_seconds()), exact, moment.isoformat())


def relative(seconds: float) -> str:
    """Seconds from now in words: `3 minutes ago`, `in 2 hours`."""
    distance = abs(seconds)
    if distance < _JUST_NOW_S:
        return "just now"
    spoken = duration(distance)
    return f"in {spoken}" if seconds > 0 else f"{spoken} ago"


def duration(seconds: float) -> str:
    """A length of time in its largest unit, cut rather than rounded: nothing is said to be over before it is."""
    left = seconds
    for size, name in _STEPS:
        if left < size:
            return _counted(int(left), name)
        left /= size
    return _counted(int(left), "year")


def _counted(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"
