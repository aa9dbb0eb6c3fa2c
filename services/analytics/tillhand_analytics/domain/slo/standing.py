"""Where an objective stands: what is left of its error budget, how fast it burns, and whether anybody should act.

Terms and burn factors are those of the Site Reliability Workbook, chapter 5
(https://sre.google/workbook/alerting-on-slos/): a burn of 1 uses the budget up exactly at the window's end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tillhand_analytics.domain.slo.history import NOTHING, Window
from tillhand_common.slo_burns import BURNS, MINUTES_PER_DAY, WINDOWS, Burn, Severity, span
from tillhand_common.slos import Objective, ServiceObjectives

State = Literal["met", "at_risk", "burning", "missed", "no_data"]
AT_RISK: Final = 0.25
"""The share of the budget below which what is left is at risk."""
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class BurnRate:
    """How fast the budget burnt over one window; `rate` is None where there was no event."""

    window: str
    rate: float | None
    events: float | None
    covered_s: float


@dataclass(frozen=True, slots=True)
class Standing:
    """One objective with what was measured of it.

    `budget_left` is the share of the error budget that is left, below 0 when the objective is missed, over the
    `covered_s` seconds of its window that were measured. `alert` names the alert that would fire, the fastest one.
    """

    service: str
    objective: Objective
    window_days: int
    state: State
    measured: float | None
    budget_left: float | None
    covered_s: float
    burn_rates: tuple[BurnRate, ...]
    alert: str | None
    severity: Severity | None

    @property
    def covers_window(self) -> bool:
        """Whether the whole window was measured, as nearly as looks now and then can tell."""
        return self.covered_s >= 0.95 * self.window_days * MINUTES_PER_DAY * _SECONDS


def lengths(slos: ServiceObjectives) -> tuple[int, ...]:
    """The windows that a standing is made of, in minutes: those of the alerts, and the objective's own."""
    return (*WINDOWS, slos.window_days * MINUTES_PER_DAY)


def standing(slos: ServiceObjectives, objective: Objective, windows: Mapping[int, Window]) -> Standing:
    """Where an objective stands by its `windows` of so many minutes; a missing one is as one without events."""
    whole = windows.get(slos.window_days * MINUTES_PER_DAY, NOTHING)
    budget = 1 - objective.target
    left = None if whole.bad_share is None else 1 - whole.bad_share / budget
    firing = next((burn for burn in BURNS if _fires(burn, objective, windows)), None)
    return Standing(
        service=slos.service,
        objective=objective,
        window_days=slos.window_days,
        state=_state(left, firing),
        measured=None if whole.bad_share is None else 1 - whole.bad_share,
        budget_left=left,
        covered_s=whole.covered_s,
        burn_rates=tuple(_rate(minutes, windows.get(minutes, NOTHING), budget) for minutes in WINDOWS),
        alert=firing.alert if firing else None,
        severity=firing.severity if firing else None,
    )


def standings(found: Mapping[str, ServiceObjectives], windows: Callable[[str, str, int], Window]) -> list[Standing]:
    """All objectives of all services; `windows` tells the window of a service, an objective and a number of minutes."""
    return [
        standing(slos, objective, {minutes: windows(service, objective.id, minutes) for minutes in lengths(slos)})
        for service, slos in sorted(found.items())
        for objective in slos.objectives
    ]


def _fires(burn: Burn, objective: Objective, windows: Mapping[int, Window]) -> bool:
    long, short = windows.get(burn.long_minutes, NOTHING), windows.get(burn.short_minutes, NOTHING)
    limit = burn.failing_share(objective.target)
    if long.bad_share is None or short.bad_share is None:
        return False
    return long.bad_share > limit and short.bad_share > limit and (short.events or 0.0) >= objective.min_requests


def _state(left: float | None, firing: Burn | None) -> State:
    if firing is not None:
        return "burning"
    if left is None:
        return "no_data"
    if left < 0:
        return "missed"
    return "at_risk" if left < AT_RISK else "met"


def _rate(minutes: int, window: Window, budget: float) -> BurnRate:
    rate = None if window.bad_share is None else window.bad_share / budget
    return BurnRate(span(minutes), rate, window.events, window.covered_s)
