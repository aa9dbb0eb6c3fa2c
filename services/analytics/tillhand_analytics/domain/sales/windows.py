"""Windows of days, what they are compared with, and how days become weeks and months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

import numpy as np

from tillhand_analytics.domain.records import Days, Ints, Moments, Shop
from tillhand_analytics.errors import BadFigure

Step = Literal["day", "week", "month"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
YEAR_DAYS: Final = 364
"""Last year is 52 weeks ago, so that weekdays are compared with their like."""
DAY: Final = np.timedelta64(1, "D")
NOWHERE: Final = -1
_QUARTER_HOUR_S: Final = 900
_THURSDAY: Final = 3


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `first` to `last`, both in it, counted from the first day of the shop: -1 is the day before that."""

    first: int
    last: int

    @property
    def days(self) -> int:
        """How many."""
        return self.last - self.first + 1

    def before(self) -> Window:
        """As many days, right before."""
        return Window(self.first - self.days, self.first - 1)

    def last_year(self) -> Window:
        """The same days, 52 weeks ago."""
        return Window(self.first - YEAR_DAYS, self.last - YEAR_DAYS)

    def whole(self, days: int) -> bool:
        """Whether a shop that is known for so many days is known for all of these."""
        return self.first >= 0 and self.last < days

    def known(self, days: int) -> bool:
        """Whether a shop that is known for so many days is known for any of these."""
        return self.last >= 0 and self.first < days


def length(shop: Shop) -> int:
    """For how many days a shop is known."""
    return max(int((shop.last_day - shop.first_day) / DAY) + 1, 0)


def window(shop: Shop, first_day: np.datetime64 | None, last_day: np.datetime64 | None, *, default_days: int) -> Window:
    """The days asked for; without a first day the last `default_days`, as far as the shop is known.

    Raises `BadFigure` where they are none, or outside the days that are known.
    """
    days = length(shop)
    last = days - 1 if last_day is None else int((last_day - shop.first_day) / DAY)
    first = max(last - default_days + 1, 0) if first_day is None else int((first_day - shop.first_day) / DAY)
    known = f"The shop is known from {shop.first_day} to {shop.last_day}"
    if not 0 <= last < days:
        raise BadFigure(f"{known}.", field="query.last_day")
    if not 0 <= first < days:
        raise BadFigure(f"{known}.", field="query.first_day")
    if last < first:
        raise BadFigure(f"{known}, and a window ends no earlier than it begins.", field="query.last_day")
    return Window(first, last)


def place(shop: Shop, days: Days) -> Ints:
    """Days as whole numbers from the first day of the shop on; NOWHERE for what is outside, or never."""
    moved = (days.astype("datetime64[D]") - shop.first_day.astype("datetime64[D]")).astype(np.int64)
    outside = np.isnat(days) | (moved < 0) | (moved >= length(shop))
    return np.where(outside, NOWHERE, moved)


def day_of(shop: Shop, moments: Moments) -> Days:
    """The days of moments in the shop's time zone, NaT for never."""
    seconds = moments.astype("datetime64[s]").astype(np.int64)
    found = ~np.isnat(moments)
    quarters, back = np.unique(seconds[found] // _QUARTER_HOUR_S, return_inverse=True)
    zone = ZoneInfo(shop.time_zone)
    # Offsets change at quarters of an hour at the finest, and there are far fewer quarters than moments to ask about.
    offsets = np.array([_offset_s(zone, int(quarter)) for quarter in quarters], dtype=np.int64)
    local = np.full(len(moments), np.datetime64("NaT", "D"))
    local[found] = (seconds[found] + offsets[back]).astype("datetime64[s]").astype("datetime64[D]")
    return local


@lru_cache(maxsize=65_536)
def _offset_s(zone: ZoneInfo, quarter: int) -> int:
    offset = datetime.fromtimestamp(quarter * _QUARTER_HOUR_S, UTC).astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


@dataclass(frozen=True, slots=True)
class Periods:
    """Steps that a window is cut into. `of_day` names the step of each of its days.

    `first` and `last` are the days of the calendar; `whole` says whether the window holds all of them.
    """

    labels: tuple[str, ...]
    first: Days
    last: Days
    whole: np.ndarray[tuple[int], np.dtype[np.bool_]]
    of_day: Ints


def periods(shop: Shop, asked: Window, step: Step) -> Periods:
    """Every step that a window touches, whether or not anything was sold. Weeks are those of ISO 8601."""
    begin = shop.first_day.astype("datetime64[D]") + asked.first
    days = begin + np.arange(asked.days)
    starts = _starts(days, step)
    first, of_day = np.unique(starts, return_inverse=True)
    last = _ends(first, step)
    whole = (first >= days[0]) & (last <= days[-1])
    return Periods(tuple(_label(day, step) for day in first), first, last, whole, of_day.astype(np.int64))


def _starts(days: Days, step: Step) -> Days:
    if step == "month":
        return days.astype("datetime64[M]").astype("datetime64[D]")
    if step == "week":
        # The epoch was a Thursday.
        back: Days = days - ((days.astype(np.int64) + _THURSDAY) % 7).astype("timedelta64[D]")
        return back
    return days


def _ends(first: Days, step: Step) -> Days:
    if step == "month":
        next_month: Days = (first.astype("datetime64[M]") + 1).astype("datetime64[D]")
        return next_month - DAY
    return first + (6 if step == "week" else 0)


def _label(day: np.datetime64, step: Step) -> str:
    if step == "week":
        year, week, _ = day.astype("datetime64[D]").item().isocalendar()
        return f"{year}-W{week:02d}"
    return str(day.astype("datetime64[M]" if step == "month" else "datetime64[D]"))
