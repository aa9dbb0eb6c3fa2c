"""The year: how much of a mean day each day asks for, by season of goods, day of the week, holidays and promotions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from tillhand_mockshop.dice import between, dice, pick, spread
from tillhand_mockshop.known import Promotion

# By month from January, in any unit: each row is brought to a mean of 1.
_MONTHS: Final[Mapping[str, tuple[float, ...]]] = {
    "flat": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    "spring": (4, 7, 15, 20, 19, 13, 9, 7, 8, 6, 4, 3),
    "summer": (2, 3, 6, 11, 17, 22, 22, 17, 8, 4, 2, 3),
    "autumn": (11, 8, 6, 5, 4, 4, 5, 7, 12, 16, 17, 14),
    "winter": (13, 11, 8, 6, 5, 4, 4, 5, 8, 12, 15, 18),
    "gifts": (8, 9, 9, 9, 10, 8, 8, 8, 9, 10, 13, 16),
    "bikes": (4, 6, 11, 14, 15, 14, 12, 11, 9, 6, 4, 4),
    "sledge": (25, 14, 4, 0.5, 0.2, 0.2, 0.2, 0.3, 1, 4, 16, 34),
}
_WEEK: Final = (1.06, 0.99, 0.96, 0.96, 0.98, 1.02, 1.03)
_MIDDLE: Final = 15.2
_YEAR: Final = 365
_BLACK_FRIDAY_WEEK: Final = range(23, 31)
_NOVEMBER: Final = 11
_DECEMBER: Final = 12
LOOK_AHEAD: Final = 60


def _curve(months: Sequence[float]) -> tuple[float, ...]:
    """One value for each day of a year, lines from the middle of one month to that of the next."""
    values = []
    for day in range(_YEAR + 1):
        place = (day - _MIDDLE) / (_YEAR / 12)
        whole = math.floor(place)
        before, after = months[whole % 12], months[(whole + 1) % 12]
        values.append(before + (after - before) * (place - whole))
    mean = math.fsum(values) / len(values)
    return tuple(value / mean for value in values)


_CURVES: Final = {season: _curve(months) for season, months in _MONTHS.items()}


def season_factor(season: str, day: date) -> float:
    """What a season asks for on a day, where the mean day of a year is 1."""
    return _CURVES[season][day.timetuple().tm_yday - 1]


def season_amplitude(season: str) -> float:
    """Half of the way from a season's lowest to its highest day."""
    return (max(_CURVES[season]) - min(_CURVES[season])) / 2


def holiday_factor(day: date) -> float:
    """The peak before Christmas, the days on which nobody shops, and the tired January."""
    if day.month == _NOVEMBER:
        return 1.5 if day.day in _BLACK_FRIDAY_WEEK else 1.1
    if day.month == _DECEMBER:
        return 1.4 if day.day < 20 else 0.75  # noqa: PLR2004  # parcels sent later come too late
    return 0.9 if day.month == 1 else 1.0


def shop_factor(day: date) -> float:
    """What a day brings to the whole shop, whatever the goods."""
    return _WEEK[day.weekday()] * holiday_factor(day)


def promotions(seed: int, first_day: date, days: int, departments: Sequence[str]) -> tuple[Promotion, ...]:
    """A promotion about every three weeks, on a department each."""
    random = dice(seed, "promotions")
    found = []
    start = between(random, 5, 20)
    while start + 6 < days:
        day = first_day + timedelta(days=start)
        last = day + timedelta(days=between(random, 3, 6))
        percent = pick(random, (10, 15, 20, 25))
        uplift = round(1.0 + percent / 100 * spread(random, 3.0, 5.0), 2)
        found.append(Promotion(pick(random, departments), day, last, percent, uplift))
        start += between(random, 14, 28)
    return tuple(found)


class Calendar:
    """The factors of all days of a shop, and of the days of look-ahead after them, by season and department."""

    def __init__(self, first_day: date, days: int, running: tuple[Promotion, ...]) -> None:
        self.days = days
        self.dates = tuple(first_day + timedelta(days=index) for index in range(days + LOOK_AHEAD))
        self.promotions = running
        self._shop = tuple(shop_factor(day) for day in self.dates)
        self._percents: dict[str, tuple[int, ...]] = {}
        self._factors: dict[tuple[str, str], tuple[float, ...]] = {}
        self._sums: dict[tuple[str, str], tuple[float, ...]] = {}

    def _running(self, department: str, day: date) -> Promotion | None:
        fitting = (p for p in self.promotions if p.department == department and p.first_day <= day <= p.last_day)
        return next(fitting, None)

    def percent(self, department: str, index: int) -> int:
        """The discount of the promotion that runs on a department on a day, or 0."""
        if department not in self._percents:
            running = (self._running(department, day) for day in self.dates)
            self._percents[department] = tuple(promotion.percent if promotion else 0 for promotion in running)
        return self._percents[department][index]

    def _uplift(self, department: str, day: date) -> float:
        promotion = self._running(department, day)
        return promotion.uplift if promotion else 1.0

    def factors(self, season: str, department: str) -> tuple[float, ...]:
        """The factor of each day."""
        key = season, department
        if key not in self._factors:
            self._factors[key] = tuple(
                shop * season_factor(season, day) * self._uplift(department, day)
                for shop, day in zip(self._shop, self.dates, strict=True)
            )
        return self._factors[key]

    def sums(self, season: str, department: str) -> tuple[float, ...]:
        """What all days before a day ask for together; the last entry is behind the last day of look-ahead."""
        key = season, department
        if key not in self._sums:
            self._sums[key] = tuple(accumulate(self.factors(season, department), initial=0.0))
        return self._sums[key]
