"""Objectives as they are told. Shares are parts of 1."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tillhand_analytics.domain.slo.standing import State
from tillhand_analytics.models.base import Moment, Out
from tillhand_analytics.service.objectives import Measured
from tillhand_common.slo_burns import Severity


class BurnRateOut(Out):
    """How fast the error budget burnt over one window; 1 uses it up exactly at the end of the objective's window."""

    window: str = Field(description="Length, such as 5m, 1h or 3d.")
    rate: float | None = Field(description="Times the even rate; null without any event, or where nothing is known.")
    events: float | None = Field(description="Requests or looks in it; null where the source does not tell them.")
    covered_s: float = Field(description="Seconds of the window that were really measured.")


class StandingOut(Out):
    """One objective, and how it stands."""

    service: str
    id: str = Field(description="What the objective is called.")
    description: str
    route: str | None = Field(description="Method and path; null for all routes, or for data.")
    indicator: Literal["availability", "latency", "freshness"]
    promise: str = Field(description="The target in words.")
    target: float = Field(description="The share of good events that is promised.")
    window_days: int = Field(description="The rolling window over which it is kept.")
    state: State = Field(
        description="met; at_risk: less than a quarter of the budget is left; burning: an alert would fire; missed: "
        "the budget is overdrawn; no_data."
    )
    measured: float | None = Field(description="The share of good events that was measured.")
    budget_left: float | None = Field(description="The share of the error budget that is left; below 0 when missed.")
    covered_s: float = Field(description="Seconds of the window that were really measured.")
    covers_window: bool = Field(description="The whole window was measured.")
    burn_rates: list[BurnRateOut]
    alert: str | None = Field(description="The alert that would fire, the fastest one.")
    severity: Severity | None = Field(description="Whether that alert wakes somebody.")


class MeasuringOut(Out):
    """How one service is measured."""

    service: str
    looked_at: Moment | None = Field(description="When its counters were read last.")
    problem: str = Field(description="Why it is not measured now; empty where it is.")


class MeasurementOut(Out):
    """Where all of it comes from."""

    measured: Measured = Field(
        description="prometheus: by what the rules have recorded there; counters: by the services' own, since they "
        "began or were first looked at."
    )
    problem: str = Field(description="Why nothing better was asked; empty where nothing failed.")
    services: list[MeasuringOut]
    at: Moment


class SloOut(Out):
    """All objectives."""

    provenance: MeasurementOut
    objectives: list[StandingOut]
