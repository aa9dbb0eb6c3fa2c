"""How many visitors an experiment needs, and for how long it has to run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri

from tillhand_analytics.domain.experiments.arms import FEWEST_ARMS, MOST_ARMS
from tillhand_analytics.domain.experiments.bounds import radius
from tillhand_analytics.errors import BadFigure

_WEEK: Final = 7
_MOST: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a visitor brings without the change: the mean and its standard deviation; of a rate, the rate alone."""

    mean: float
    deviation: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Visitors for each arm, and days where it is known how many come a day.

    `sequential` is enough for a look at any time, with `power` by the planned end alone, so that it is reached earlier
    most times; `fixed` would be enough for a single look at the end, and holds for no other.
    """

    sequential: int
    fixed: int
    minimal_difference: float
    days: int | None
    weeks: int | None


def plan(
    baseline: Baseline,
    minimal_lift: float,
    *,
    arms: int = 2,
    alpha: float = 0.05,
    power: float = 0.8,
    visitors_per_day: float | None = None,
) -> Plan:
    """The visitors that show a lift of `minimal_lift` with a chance of `power`. Raises BadFigure naming the field.

    Fixed: n = (v0 + v1) (z_alpha/2 + z_power)² / difference². Sequential: the same, with the bound at the planned end
    in place of z_alpha/2 (`bounds.radius`).
    """
    _check(baseline, minimal_lift, arms=arms, alpha=alpha, power=power, visitors_per_day=visitors_per_day)
    each = alpha / (arms - 1)
    difference = baseline.mean * minimal_lift
    variance = _variance(baseline, 0.0) + _variance(baseline, minimal_lift)
    ahead = float(ndtri(power))
    noise = math.sqrt(variance) / difference if difference > 0 else math.inf
    unit = noise * noise  # a product becomes infinite where a power is an error
    reach = float(radius(np.array(1.0), np.array(1.0), each))
    sequential = _whole(unit * (reach + ahead) ** 2, "minimal_lift")
    fixed = _whole(unit * (float(ndtri(1 - each / 2)) + ahead) ** 2, "minimal_lift")
    days = None if visitors_per_day is None else _whole(sequential * arms / visitors_per_day, "visitors_per_day")
    weeks = None if days is None else math.ceil(days / _WEEK)
    return Plan(sequential, fixed, difference, days, weeks)


def _whole(needed: float, field: str) -> int:
    """Rounded up. Raises BadFigure where nobody could wait for so many."""
    if not needed <= _MOST:
        raise BadFigure("It would take more visitors, or days, than can be counted.", field=f"body.{field}")
    return math.ceil(needed)


def _variance(baseline: Baseline, lift: float) -> float:
    """Of one visitor with that lift; revenue is taken to spread as it grows."""
    if baseline.deviation is not None:
        return (baseline.deviation * (1 + lift)) ** 2
    rate = baseline.mean * (1 + lift)
    return rate * (1 - rate)


def _check(
    baseline: Baseline, minimal_lift: float, *, arms: int, alpha: float, power: float, visitors_per_day: float | None
) -> None:
    rate = baseline.deviation is None
    wrong = {
        "baseline": not (0 < baseline.mean < (1 if rate else math.inf)),
        "deviation": baseline.deviation is not None and not 0 < baseline.deviation < math.inf,
        "minimal_lift": not 0 < minimal_lift < math.inf or (rate and baseline.mean * (1 + minimal_lift) >= 1),
        "arms": not FEWEST_ARMS <= arms <= MOST_ARMS,
        "alpha": not 0 < alpha <= 0.5,  # noqa: PLR2004  # a coin
        "power": not 0.5 <= power < 1,  # noqa: PLR2004  # a coin
        "visitors_per_day": visitors_per_day is not None and not 0 < visitors_per_day < math.inf,
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            raise BadFigure(_REASONS[field], field=f"body.{field}")


_REASONS: Final = {
    "baseline": "The baseline must be above 0; a rate is below 1 too.",
    "deviation": "The deviation must be above 0.",
    "minimal_lift": "The least lift must be above 0, and no rate may reach 1 by it.",
    "arms": f"There must be {FEWEST_ARMS} to {MOST_ARMS} arms.",
    "alpha": "alpha must be above 0 and at most 0.5.",
    "power": "power must be from 0.5 up, and below 1.",
    "visitors_per_day": "Visitors a day must be above 0.",
}
