"""How the objectives stand, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from tillhand_analytics import errors
from tillhand_analytics.domain.slo.standing import Standing
from tillhand_analytics.models.slo import BurnRateOut, MeasurementOut, MeasuringOut, SloOut, StandingOut
from tillhand_analytics.routes.dependencies import Parts, Reads
from tillhand_common.problems import responses

router = APIRouter(prefix="/v1/slo", tags=["slo"], dependencies=[Reads])


@router.get("", responses=responses(errors.NoObjectives))
async def show_objectives(parts: Parts) -> SloOut:
    """Every objective of every service: what is left of its error budget, how fast that burns, and which part of the
    window was really measured.
    """
    found = await parts.objectives.stand()
    return SloOut(
        provenance=MeasurementOut(
            measured=found.measured,
            problem=found.problem,
            services=[MeasuringOut.model_validate(each) for each in found.services],
            at=found.at,
        ),
        objectives=[_standing(each) for each in found.standings],
    )


def _standing(standing: Standing) -> StandingOut:
    objective = standing.objective
    return StandingOut(
        service=standing.service,
        id=objective.id,
        description=objective.description,
        route=objective.route,
        indicator=objective.indicator.kind,
        promise=objective.promise,
        target=objective.target,
        window_days=standing.window_days,
        state=standing.state,
        measured=standing.measured,
        budget_left=standing.budget_left,
        covered_s=standing.covered_s,
        covers_window=standing.covers_window,
        burn_rates=[BurnRateOut.model_validate(each) for each in standing.burn_rates],
        alert=standing.alert,
        severity=standing.severity,
    )
