"""How fast an error budget may burn before somebody is told, and what that means in minutes.

Factors and windows are those of the Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"
(https://sre.google/workbook/alerting-on-slos/). A burn of 1 uses up the budget exactly at the end of the objective's
window. The long window says that enough of it is gone to matter, the short one that it is still going on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from tillhand_common.slos import FASTEST_BURN

MINUTES_PER_HOUR: Final = 60
MINUTES_PER_DAY: Final = 24 * MINUTES_PER_HOUR

Severity = Literal["page", "ticket"]


@dataclass(frozen=True, slots=True)
class Burn:
    """One alert of every objective: it fires when both windows burn the budget `factor` times as fast as allowed."""

    name: str
    factor: float
    long_minutes: int
    short_minutes: int
    severity: Severity

    @property
    def alert(self) -> str:
        """The alert's name in Prometheus."""
        return f"TillhandErrorBudgetBurn{self.name}"

    def failing_share(self, target: float) -> float:
        """The share of bad requests above which the alert fires."""
        return round(self.factor * (1 - target), 10)

    def budget_share(self, window_days: int) -> float:
        """The share of the whole budget that is used up once a burn of this factor has filled the long window."""
        return self.factor * self.long_minutes / (window_days * MINUTES_PER_DAY)

    def outage_minutes(self, target: float) -> float:
        """Minutes of a total outage until both windows pass, after an even traffic without failures."""
        return self.long_minutes * self.failing_share(target)

    def requests_per_hour(self, min_requests: int) -> float:
        """The even traffic below which the alert stays silent, whatever fails."""
        return min_requests * MINUTES_PER_HOUR / self.short_minutes


BURNS: Final = (
    Burn("Fast", FASTEST_BURN, 1 * MINUTES_PER_HOUR, 5, "page"),
    Burn("Brisk", 6, 6 * MINUTES_PER_HOUR, 30, "page"),
    Burn("Slow", 3, 1 * MINUTES_PER_DAY, 2 * MINUTES_PER_HOUR, "ticket"),
    Burn("Creeping", 1, 3 * MINUTES_PER_DAY, 6 * MINUTES_PER_HOUR, "ticket"),
)
"""The fastest first."""

WINDOWS: Final = tuple(sorted({minutes for burn in BURNS for minutes in (burn.long_minutes, burn.short_minutes)}))
"""Every window that an alert looks at, in minutes."""


def span(minutes: int) -> str:
    """Minutes as Prometheus writes a duration, in the largest unit that divides them."""
    for unit, length in (("d", MINUTES_PER_DAY), ("h", MINUTES_PER_HOUR)):
        if minutes % length == 0:
            return f"{minutes // length}{unit}"
    return f"{minutes}m"
