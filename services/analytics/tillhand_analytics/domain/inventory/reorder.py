"""Reorder points and safety stock, textbook and conformal, with the service level that each would have kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.inventory.conformal import (
    LEAST_SCORES,
    Calibration,
    Forecasts,
    Segments,
    forecasts_of,
)
from tillhand_analytics.domain.inventory.leads import LeadTimes
from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.inventory.past import Outcomes, Past, outcomes_of, past_of
from tillhand_analytics.domain.records import Bools, Floats

ReorderMethod = Literal["conformal", "textbook"]
BACKTEST_WEEKS: Final = 26


@dataclass(frozen=True, slots=True)
class Basis:
    """What reorder points are made of, at every origin: calculated once, whatever service level is asked for."""

    leads: LeadTimes
    past: Past
    outcomes: Outcomes
    forecasts: Forecasts
    calibration: Calibration
    now: Segments


@dataclass(frozen=True, slots=True)
class Points:
    """Reorder points in whole units, and of which method each is.

    Demand is whole units: the point is rounded down, which covers as much. `expected` is the demand over the lead time
    that is forecast, `safety` what the point adds to it.
    """

    units: Floats
    expected: Floats
    safety: Floats
    conformal: Bools


@dataclass(frozen=True, slots=True)
class Backtest:
    """What would have happened at weekly origins of the past, each judged with what was known then.

    n x origins: the point of either method, the demand that followed, and where both are known. `origins` are places
    in the features of the past.
    """

    origins: tuple[int, ...]
    conformal: Floats
    textbook: Floats
    demand: Floats
    counted: Bools

    def coverage(self, method: ReorderMethod) -> float:
        """The service level that was kept: the share of lead times in which the point sufficed; NaN without any."""
        points = self.conformal if method == "conformal" else self.textbook
        within = (self.demand <= points)[self.counted]
        return float(within.mean()) if within.size else float("nan")

    def stock(self, method: ReorderMethod) -> float:
        """The mean point in units; NaN without any."""
        points = (self.conformal if method == "conformal" else self.textbook)[self.counted]
        return float(points.mean()) if points.size else float("nan")


def basis_of(panel: Panel, leads: LeadTimes) -> Basis:
    """Features, outcomes and classes of a panel."""
    past, outcomes = past_of(panel), outcomes_of(panel, leads)
    forecasts = forecasts_of(past, leads.mean)
    calibration = Calibration(past, outcomes, forecasts)
    return Basis(leads, past, outcomes, forecasts, calibration, calibration.at(0))


def textbook_points(basis: Basis, level: float, weeks_ago: Sequence[int] = (0,)) -> Floats:
    """m L + z sqrt(L s^2 + m^2 l^2): mean m and deviation s of daily demand, mean L and deviation l of lead times.

    The formula of the textbooks (Silver, Pyke and Thomas 2017, section 6.10), which takes demand over the lead time
    as normal and its days as independent; m and s are those of 13 weeks. n x origins.
    """
    origins = [basis.past.origins - 1 - back for back in weeks_ago]
    mean, deviation = basis.past.long_rate[:, origins], basis.past.deviation[:, origins]
    lead, spread = basis.leads.mean[:, None], basis.leads.deviation[:, None]
    variance = lead * deviation**2 + (mean * spread) ** 2
    return np.floor(mean * lead + NormalDist().inv_cdf(level) * np.sqrt(variance) + _ROUNDING)


def conformal_points(basis: Basis, level: float, weeks_ago: Sequence[int] = (0,)) -> Floats:
    """Forecast plus quantile of its class; NaN where too little of the past is known. n x origins."""
    origins = [basis.past.origins - 1 - back for back in weeks_ago]
    least = max(LEAST_SCORES, math.ceil(1 / (1 - level)))  # fewer scores than that have no such quantile
    beyond = np.empty((basis.past.rate.shape[0], len(origins)))
    for place, back in enumerate(weeks_ago):
        beyond[:, place] = basis.calibration.quantile(back, level, least)
    points = basis.forecasts.centre[:, origins] + beyond * basis.forecasts.scale[:, origins]
    return np.maximum(np.floor(points + _ROUNDING), 0.0)


def points_of(basis: Basis, level: float, method: ReorderMethod = "conformal") -> Points:
    """The reorder point of every SKU; conformal ones fall back on the textbook where too little is known."""
    textbook, expected = textbook_points(basis, level)[:, 0], basis.forecasts.centre[:, -1]
    wanted = conformal_points(basis, level)[:, 0] if method == "conformal" else np.full_like(textbook, np.nan)
    known = ~np.isnan(wanted)
    units = np.where(known, wanted, textbook)
    return Points(units, expected, np.maximum(units - expected, 0.0), known)


def backtest_of(basis: Basis, level: float, weeks: int = BACKTEST_WEEKS, every: int = 1) -> Backtest:
    """Both methods at the origins of the last so many weeks whose lead time is over, every so many weeks."""
    ago = list(range(1, min(weeks, basis.past.origins - 1) + 1, every))
    origins = [basis.past.origins - 1 - back for back in ago]
    conformal, textbook = conformal_points(basis, level, ago), textbook_points(basis, level, ago)
    outcome = basis.outcomes.demand[:, origins]
    counted = basis.past.eligible[:, origins] & ~np.isnan(outcome) & ~np.isnan(conformal)
    return Backtest(tuple(origins), conformal, textbook, outcome, counted)


_ROUNDING: Final = 1e-9
