"""One arm beside the control: the difference, the lift, and how sure both are at every look at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.experiments.arms import Arm
from tillhand_analytics.domain.experiments.bounds import chance, evidence, radius
from tillhand_analytics.domain.records import Bools, Floats

LEAST_CONVERSIONS: Final = 25
"""Conversions in each arm before which a variance is no more than a guess, and nothing is told."""
_STEPS: Final = 60
_HIGHEST: Final = 1e3


@dataclass(frozen=True, slots=True)
class Measured:
    """A mean for each visitor, and its variance for one visitor, at each look."""

    mean: Floats
    variance: Floats
    visitors: Floats


@dataclass(frozen=True, slots=True)
class Comparison:
    """Arrays of one entry a look. `low` and `high` bound the difference of the means, `lift_low` and `lift_high` the
    lift (treatment / control - 1); they hold at all looks at once, and are infinite before there is enough. `chance`
    is the always-valid chance that there is no difference.
    """

    control: Floats
    treatment: Floats
    difference: Floats
    low: Floats
    high: Floats
    lift: Floats
    lift_low: Floats
    lift_high: Floats
    chance: Floats
    enough: Bools


def conversion(arm: Arm) -> Measured:
    """The conversion rate. Half a conversion is added to both sides of the variance, which is never 0 then."""
    visitors = arm.visitors.astype(np.float64)
    smoothed = (arm.conversions + 0.5) / (visitors + 1)
    return Measured(arm.conversions / np.maximum(visitors, 1), smoothed * (1 - smoothed), visitors)


def revenue_per_visitor(arm: Arm) -> Measured:
    """Revenue of a visitor, those who bought nothing among them, in minor units. Raises ValueError without revenue."""
    if arm.revenue is None or arm.revenue_squares is None:
        raise ValueError(f"{arm.name}: has no revenue")
    visitors = arm.visitors.astype(np.float64)
    several = np.maximum(visitors, 2)
    mean = arm.revenue / np.maximum(visitors, 1)
    variance = np.maximum(arm.revenue_squares - visitors * mean**2, 0.0) / (several - 1)
    return Measured(mean, variance, visitors)


def compare(control: Measured, treatment: Measured, enough: Bools, planned: float, alpha: float) -> Comparison:
    """The treatment beside the control; `planned` is how many visitors each arm is planned to get."""
    visitors = (np.maximum(control.visitors, 1), np.maximum(treatment.visitors, 1))
    variance = control.variance / visitors[0] + treatment.variance / visitors[1]
    at_end = (control.variance + treatment.variance) / planned
    difference = treatment.mean - control.mean
    reach = np.where(enough, radius(variance, at_end, alpha), np.inf)
    ratio = np.where(enough, evidence(difference, variance, at_end, alpha), 0.0)
    lift_low, lift_high = _lifts(control, treatment, enough, planned, alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = np.where(control.mean > 0, treatment.mean / control.mean - 1, np.nan)
    return Comparison(
        control=control.mean,
        treatment=treatment.mean,
        difference=difference,
        low=difference - reach,
        high=difference + reach,
        lift=lift,
        lift_low=lift_low,
        lift_high=lift_high,
        chance=chance(ratio),
        enough=enough,
    )


def _lifts(
    control: Measured, treatment: Measured, enough: Bools, planned: float, alpha: float
) -> tuple[Floats, Floats]:
    """The lifts that the data do not exclude: those t for which treatment - (1 + t) control may be 0 (Fieller 1954,
    J. R. Stat. Soc. B 16). At no lift that is the bound of the difference, so that both always say the same.
    """

    def excluded(times: Floats) -> Bools:
        own, other = times**2 * control.variance, treatment.variance
        variance = own / np.maximum(control.visitors, 1) + other / np.maximum(treatment.visitors, 1)
        off = np.abs(treatment.mean - times * control.mean)
        found: Bools = off > radius(variance, (own + other) / planned, alpha)
        return found

    known = enough & (control.mean > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.where(known, treatment.mean / control.mean, 1.0)
    low = _edge(np.zeros_like(centre), centre, excluded)
    far = np.full_like(centre, _HIGHEST)
    high = np.where(excluded(far), _edge(far, centre, excluded), np.inf)
    return np.where(known, low - 1, -1.0), np.where(known, high - 1, np.inf)


def _edge(outside: Floats, inside: Floats, excluded: Callable[[Floats], Bools]) -> Floats:
    """The border between a factor that is excluded, or the end of all, and one that is not, by halving."""
    for _ in range(_STEPS):
        middle = (outside + inside) / 2
        out = excluded(middle)
        outside, inside = np.where(out, middle, outside), np.where(out, inside, middle)
    return inside
