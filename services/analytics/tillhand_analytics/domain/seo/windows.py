"""Which days are compared with which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Bools, Days

MONTH_DAYS: Final = 365 / 12
_DAY: Final = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Window:
    """Whole days, the first and the last one in it. Raises ValueError where it ends before it begins."""

    first_day: np.datetime64
    last_day: np.datetime64

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError(f"days: a window from {self.first_day} to {self.last_day} holds none")

    @property
    def days(self) -> int:
        """How many days it holds."""
        return int((self.last_day - self.first_day) / _DAY) + 1

    @property
    def per_month(self) -> float:
        """What a sum over the window is multiplied by to be one over a mean month of a year."""
        return MONTH_DAYS / self.days

    @property
    def before(self) -> Window:
        """The window of equal length that ends on the day before."""
        return Window(self.first_day - self.days * _DAY, self.first_day - _DAY)

    def holds(self, day: Days) -> Bools:
        """Which of the days are in it."""
        inside: Bools = (day >= self.first_day) & (day <= self.last_day)
        return inside


def ending(last_day: np.datetime64, days: int) -> Window:
    """The window of `days` that ends on `last_day`. Raises ValueError where `days` is below 1."""
    return Window(last_day - (days - 1) * _DAY, last_day)


def whole_through(last_day: np.datetime64, complete_through: np.datetime64 | None) -> np.datetime64:
    """The last day that may be judged: Search Console is two to three days behind, and fills its last days late."""
    return last_day if complete_through is None else np.minimum(last_day, complete_through)
