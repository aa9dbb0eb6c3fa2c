"""Which model to take, from how all did in a backtest: for a panel as a whole, and for each series.

Nothing is preferred that loses to a naive forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.forecasting import measures
from tillhand_analytics.domain.forecasting.backtest import Backtest
from tillhand_analytics.domain.forecasting.models import NAIVE, SEASONAL_NAIVE
from tillhand_analytics.domain.records import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model did over all series and origins of a backtest."""

    model: str
    smape: float
    mase: float
    owa: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that did best, and how all did; `beats_naive` is False where none did better than the naive one."""

    model: str
    beats_naive: bool
    standings: tuple[Standing, ...]


def chosen(tried: Backtest, naive: str = NAIVE) -> Choice:
    """The model of the least OWA; the naive one where none is below 1."""
    standings = tuple(sorted((_standing(tried, name, naive) for name in tried.forecasts), key=lambda each: each.owa))
    better = [each for each in standings if each.owa < 1 and each.model != naive]
    return Choice(better[0].model if better else naive, bool(better), standings)


def _standing(tried: Backtest, name: str, naive: str) -> Standing:
    ours, theirs = (_pooled(tried, each) for each in (name, naive))
    owa = measures.owa(*ours, *theirs)
    return Standing(name, float(measures.mean_over(ours[0])), float(measures.mean_over(ours[1])), owa)


def _pooled(tried: Backtest, name: str) -> tuple[Floats, Floats]:
    """sMAPE and MASE of each series at each origin."""
    forecast = tried.forecasts[name]
    return (
        measures.smape(tried.came, forecast).ravel(),
        measures.mase(tried.came, forecast, tried.scale).ravel(),
    )


@dataclass(frozen=True, slots=True)
class Record:
    """How models did for each series (m x n), in the order of `models`: WAPE, MASE and bias over all origins."""

    models: tuple[str, ...]
    wape: Floats
    mase: Floats
    bias: Floats
    error: Floats
    """The mean absolute error, in the unit of the series."""


@dataclass(frozen=True, slots=True)
class Preference:
    """For each series (n) the place of the preferred model in `models`, and whether it beats both naive forecasts.

    Where none does the naive one is preferred, or the seasonal naive one if that is better; where there was nothing to
    compare, the naive one, and `compared` is False.
    """

    models: tuple[str, ...]
    preferred: Ints
    beats_naive: Bools
    compared: Bools

    def reason(self, series: int) -> str:
        """Why that model."""
        name = self.models[int(self.preferred[series])]
        if not self.compared[series]:
            return "Too short for a backtest: nothing is known to be better than the naive forecast."
        if self.beats_naive[series]:
            return f"{name} had the least error in the backtest, and less than both naive forecasts."
        return f"No model beat {name} in the backtest."


def record(tried: Backtest, models: Sequence[str] | None = None) -> Record:
    """The record of every series."""
    names = tuple(tried.forecasts if models is None else models)
    came, scale = tried.flat(tried.came), measures.mean_over(tried.scale, axis=0)
    flat = [tried.flat(tried.forecasts[name]) for name in names]
    return Record(
        models=names,
        wape=np.array([measures.wape(came, each) for each in flat]),
        mase=np.array([measures.mase(came, each, scale) for each in flat]),
        bias=np.array([measures.bias(came, each) for each in flat]),
        error=np.array([measures.mean_over(np.abs(came - each)) for each in flat]),
    )


def preferred(found: Record) -> Preference:
    """The model of the least error for each series, if it is less than that of every naive forecast.

    Raises ValueError where the naive forecast was not tried.
    """
    naive = [place for place, name in enumerate(found.models) if name in {NAIVE, SEASONAL_NAIVE}]
    if NAIVE not in found.models:
        raise ValueError("The naive forecast was not tried.")
    error = np.where(np.isfinite(found.error), found.error, np.inf)
    best, best_naive = error.argmin(axis=0), np.array(naive)[error[naive].argmin(axis=0)]
    every = np.arange(error.shape[1])
    better = error[best, every] < error[best_naive, every]
    compared = np.isfinite(error[found.models.index(NAIVE)])
    place = np.where(compared, np.where(better, best, best_naive), found.models.index(NAIVE))
    return Preference(found.models, place, better & compared, compared)
