"""Experiments over HTTP: both calls calculate from their body, and keep nothing."""

from typing import Any

import numpy as np
from fastapi import APIRouter

from tillhand_analytics import errors
from tillhand_analytics.domain.experiments.arms import Arm
from tillhand_analytics.domain.experiments.imbalance import IMBALANCE
from tillhand_analytics.domain.experiments.lift import Comparison
from tillhand_analytics.domain.experiments.plan import Baseline
from tillhand_analytics.domain.experiments.readout import Readout, Terms, Treatment
from tillhand_analytics.models.experiments import (
    ArmIn,
    BoundsOut,
    GivenOut,
    PlanIn,
    PlanOut,
    ReadoutIn,
    ReadoutOut,
    SplitOut,
    TreatmentOut,
)
from tillhand_analytics.models.provenance import MethodOut
from tillhand_analytics.routes.dependencies import Parts, Reads
from tillhand_analytics.service.experiments import Given
from tillhand_common.problems import responses

router = APIRouter(prefix="/v1/experiments", tags=["experiments"], dependencies=[Reads])
REFUSED = responses(errors.BadFigure)


@router.post("/readout", responses=REFUSED)
def read_experiment(body: ReadoutIn, parts: Parts) -> ReadoutOut:
    """The verdict on an experiment at any moment, however often it is asked for; nothing is kept."""
    arms = [_arm(arm) for arm in body.arms]
    terms = Terms(body.primary, body.planned_visitors, body.minimal_lift, body.alpha)
    given = parts.experiments.read(arms, terms, body.model_dump(mode="json"))
    found = given.value
    return ReadoutOut(
        provenance=_provenance(given),
        verdict=found.verdict,
        reason=found.reason,
        control=found.control,
        treatments=[_treatment(each) for each in found.treatments],
        split=_split(found),
        visitors=found.visitors,
        alpha=found.alpha,
    )


@router.post("/plan", responses=REFUSED)
def plan_experiment(body: PlanIn, parts: Parts) -> PlanOut:
    """How many visitors an experiment needs that may be read at any time, and how long they take to come."""
    given = parts.experiments.plan(
        Baseline(body.baseline, body.deviation),
        body.minimal_lift,
        body.model_dump(mode="json"),
        arms=body.arms,
        alpha=body.alpha,
        power=body.power,
        visitors_per_day=body.visitors_per_day,
    )
    found = given.value
    return PlanOut(
        provenance=_provenance(given),
        visitors_per_arm=found.sequential,
        visitors_per_arm_one_look=found.fixed,
        minimal_difference=found.minimal_difference,
        days=found.days,
        weeks=found.weeks,
    )


def _arm(arm: ArmIn) -> Arm:
    visitors = np.array([look.visitors for look in arm.looks], dtype=np.int64)
    conversions = np.array([look.conversions for look in arm.looks], dtype=np.int64)
    given = [look.revenue_minor is not None for look in arm.looks]
    spread = [look.revenue_deviation_minor is not None for look in arm.looks]
    if not any((*given, *spread)):
        return Arm(arm.name, visitors, conversions, share=arm.share)
    missing = float("nan")  # refused with its look
    revenue = np.array([missing if look.revenue_minor is None else look.revenue_minor for look in arm.looks])
    deviation = np.array(
        [missing if look.revenue_deviation_minor is None else look.revenue_deviation_minor for look in arm.looks]
    )
    squares = np.maximum(visitors - 1, 0) * deviation**2 + revenue**2 / np.maximum(visitors, 1)
    return Arm(arm.name, visitors, conversions, revenue, squares, arm.share)


def _provenance(given: Given[Any]) -> GivenOut:
    return GivenOut(
        input="request",
        digest=given.digest,
        method=MethodOut.model_validate(given.method),
        computed_at=given.computed_at,
    )


def _treatment(found: Treatment) -> TreatmentOut:
    takings = found.revenue_per_visitor
    return TreatmentOut(
        name=found.name,
        verdict=found.verdict,
        reason=found.reason,
        conversion=_bounds(found.conversion),
        revenue_per_visitor=None if takings is None else _bounds(takings),
    )


def _bounds(found: Comparison) -> BoundsOut:
    """At the last look."""

    def last(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float | None:
        value = float(values[-1])
        return value if np.isfinite(value) else None

    return BoundsOut(
        control=float(found.control[-1]),
        treatment=float(found.treatment[-1]),
        difference=float(found.difference[-1]),
        low=last(found.low),
        high=last(found.high),
        lift=last(found.lift),
        lift_low=last(found.lift_low) if found.enough[-1] else None,
        lift_high=last(found.lift_high),
        chance=float(found.chance[-1]),
        enough=bool(found.enough[-1]),
    )


def _split(found: Readout) -> SplitOut:
    return SplitOut(chance=found.split_chance, chance_always=found.split_always, invalid_below=IMBALANCE)
