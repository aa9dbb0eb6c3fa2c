"""Experiments as they come in and are told. Rates and lifts are parts of 1, money is in minor units."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tillhand_analytics.domain.experiments.readout import Primary, Verdict
from tillhand_analytics.models.base import In, Moment, Out
from tillhand_analytics.models.provenance import MethodOut

_MOST = 2**53
Count = Annotated[int, Field(ge=0, le=_MOST)]


class LookIn(In):
    """Running totals of an arm at one look."""

    visitors: Count = Field(description="Visitors that were assigned to the arm so far.")
    conversions: Count = Field(description="Those of them that converted.")
    revenue_minor: float | None = Field(
        default=None, ge=0, le=1e15, description="Revenue of all of them, in minor units."
    )
    revenue_deviation_minor: float | None = Field(
        default=None,
        ge=0,
        le=1e12,
        description="Standard deviation of a visitor's revenue, those who bought nothing among them.",
    )


class ArmIn(In):
    """One arm; the first one of an experiment is its control."""

    name: str = Field(min_length=1, max_length=100, description="What the arm is called.")
    share: float = Field(default=1.0, gt=0, le=1e6, description="Its part of the visitors, beside those of the others.")
    looks: list[LookIn] = Field(
        min_length=1, max_length=1_000, description="Running totals at each look, the oldest first; one is enough."
    )


class ReadoutIn(In):
    """What an experiment has shown so far."""

    arms: list[ArmIn] = Field(min_length=2, max_length=10, description="The control first.")
    primary: Primary = Field(default="conversion", description="What decides.")
    planned_visitors: int = Field(
        default=10_000, ge=1, le=_MOST, description="Visitors that were planned for each arm, before it began."
    )
    minimal_lift: float = Field(default=0.0, ge=0, lt=10, description="The least lift that is worth the change.")
    alpha: float = Field(default=0.05, gt=0, le=0.5, description="Chance of a false verdict, over all looks and arms.")


class BoundsOut(Out):
    """A measure of an arm beside the control. Bounds hold at every look at once; missing before there is enough."""

    control: float = Field(description="Mean of a visitor of the control.")
    treatment: float = Field(description="Mean of a visitor of the arm.")
    difference: float = Field(description="By how much the arm has more.")
    low: float | None = Field(description="Lower bound of the difference.")
    high: float | None = Field(description="Upper bound of the difference.")
    lift: float | None = Field(description="The difference as a part of the control.")
    lift_low: float | None = Field(description="Lower bound of the lift.")
    lift_high: float | None = Field(description="Upper bound of the lift; missing where it has none.")
    chance: float = Field(description="Always-valid chance that there is no difference.")
    enough: bool = Field(description="There are enough conversions in both arms.")


class TreatmentOut(Out):
    """One arm beside the control."""

    name: str
    verdict: Verdict = Field(description="Ship it, keep what was there, go on, or invalid.")
    reason: str = Field(description="Why, in words.")
    conversion: BoundsOut
    revenue_per_visitor: BoundsOut | None = Field(description="Missing where no revenue was given.")


class SplitOut(Out):
    """Whether visitors were split as intended."""

    chance: float = Field(description="Chance of a split as uneven, at this look alone (chi-square).")
    chance_always: float = Field(description="The same, valid at every look.")
    invalid_below: float = Field(description="The chance below which nothing is read.")


class GivenOut(Out):
    """Where a figure comes from that rests on what was asked, and on no source."""

    input: Literal["request"]
    digest: str = Field(description="SHA-256 of the request as it was read, in hex.")
    method: MethodOut
    computed_at: Moment


class ReadoutOut(Out):
    """What an experiment shows now."""

    provenance: GivenOut
    verdict: Verdict = Field(description="Of the whole experiment.")
    reason: str
    control: str
    treatments: list[TreatmentOut]
    split: SplitOut
    visitors: int = Field(description="Of all arms.")
    alpha: float = Field(description="Of each arm beside the control.")


class PlanIn(In):
    """What is to be shown, and how surely."""

    baseline: float = Field(gt=0, le=1e12, description="Conversion rate of today, or mean revenue of a visitor.")
    deviation: float | None = Field(
        default=None, gt=0, le=1e12, description="Standard deviation of a visitor's revenue; left out for a rate."
    )
    minimal_lift: float = Field(gt=0, le=100, description="The least lift that is worth the change.")
    arms: int = Field(default=2, ge=2, le=10, description="Arms, the control among them.")
    alpha: float = Field(default=0.05, gt=0, le=0.5, description="Chance of a false verdict, over all looks and arms.")
    power: float = Field(default=0.8, ge=0.5, lt=1, description="Chance to show the least lift.")
    visitors_per_day: float | None = Field(
        default=None, gt=0, le=1e12, description="Visitors a day that take part, of all arms."
    )


class PlanOut(Out):
    """How much an experiment needs."""

    provenance: GivenOut
    visitors_per_arm: int = Field(description="Enough for looks at any time.")
    visitors_per_arm_one_look: int = Field(description="Enough for a single look at the end, and for no other.")
    minimal_difference: float = Field(description="The least lift as a difference of means.")
    days: int | None = Field(description="Until so many have come; missing where visitors a day are.")
    weeks: int | None = Field(description="The same in whole weeks, so that each weekday counts alike.")
