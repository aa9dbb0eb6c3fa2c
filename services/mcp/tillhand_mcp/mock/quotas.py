"""What the vendors count: budgets that are spent and come back with the next minute, hour, day or month."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from tillhand_common.clock import Clock

Period = Literal["minute", "hour", "day", "month"]

# Google and Bing both count their days on the Pacific coast.
PACIFIC: Final = ZoneInfo("America/Los_Angeles")
LENGTHS: Final[dict[Period, str]] = {
    "minute": "%Y-%m-%dT%H:%M%z",
    "hour": "%Y-%m-%dT%H%z",
    "day": "%Y-%m-%d",
    "month": "%Y-%m",
}
BUDGETS: Final[dict[str, tuple[int, Period]]] = {
    "ga4.tokensPerDay": (200_000, "day"),
    "ga4.tokensPerHour": (40_000, "hour"),
    "ga4.tokensPerProjectPerHour": (14_000, "hour"),
    "ga4.serverErrorsPerProjectPerHour": (10, "hour"),
    "ga4.potentiallyThresholdedRequestsPerHour": (120, "hour"),
    "ga4.concurrentRequests": (10, "minute"),
    "search_console.rowsPerDay": (50_000, "day"),
    "search_console.queriesPerMinute": (1_200, "minute"),
    "search_console.inspectionsPerDay": (2_000, "day"),
    "search_console.inspectionsPerMinute": (600, "minute"),
    "bing.urlsPerDay": (100, "day"),
    "bing.urlsPerMonth": (2_800, "month"),
}


@dataclass(slots=True)
class Quotas:
    """All budgets of one mock server, by name and by whom they are kept for."""

    clock: Clock
    limits: dict[str, int] = field(default_factory=lambda: {name: limit for name, (limit, _) in BUDGETS.items()})
    spent: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def limit(self, name: str, limit: int) -> None:
        """Set another limit; KeyError when no budget has that name."""
        if name not in BUDGETS:
            raise KeyError(name)
        self.limits[name] = limit

    def remaining(self, name: str, subject: str = "") -> int:
        """Return what is left in this period, never less than nothing."""
        return max(0, self.limits[name] - self.consumed(name, subject))

    def consumed(self, name: str, subject: str = "") -> int:
        """Return what has been spent in this period."""
        return self.spent[self._key(name, subject)]

    def spend(self, name: str, amount: int = 1, subject: str = "") -> None:
        """Take from a budget, even more than there is: what a call costs is known when it is done."""
        self.spent[self._key(name, subject)] += amount

    def reset(self) -> None:
        """Give everything back, and set the vendors' limits again."""
        self.spent.clear()
        self.limits = {name: limit for name, (limit, _) in BUDGETS.items()}

    def _key(self, name: str, subject: str) -> tuple[str, str, str]:
        return name, subject, _period(self.clock.now(), BUDGETS[name][1])


def _period(moment: datetime, period: Period) -> str:
    return moment.astimezone(PACIFIC).strftime(LENGTHS[period])
