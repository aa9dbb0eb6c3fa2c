"""Which model to take for a panel, from how all did in a backtest, and how each did for each series.

Nothing is preferred that loses to a naive forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting import measures
from tillhand_analytics.domain.forecasting.backtest import Backtest
from tillhand_analytics.domain.forecasting.models import NAIVE, SEASONAL_NAIVE
from tillhand_analytics.domain.records import Floats

NAIVES: Final = frozenset({NAIVE, SEASONAL_NAIVE})


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

    def pooled(self) -> Floats:
        """The error of each model (m) over all series that every model was tried on, the larger ones counting more."""
        known = np.isfinite(self.error).all(axis=0)
        total: Floats = self.error[:, known].sum(axis=1)
        return total


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


@dataclass(frozen=True, slots=True)
class Leader:
    """The model that a panel is forecast with, and by how much its error differs from that of the best naive one.

    `beats_naive` is False where no model did better than every naive forecast, or where there was nothing to compare.
    """

    model: str
    beats_naive: bool
    against_naive: float
    reason: str


def leader(found: Record, otherwise: str = SEASONAL_NAIVE) -> Leader:
    """The model of the least pooled error, if that is less than that of every naive forecast, which is taken else.

    One model for all series of a panel: a few origins tell much of a panel and little of one series. Raises ValueError
    where no naive forecast was tried.
    """
    naive = [place for place, name in enumerate(found.models) if name in NAIVES]
    if not naive:
        raise ValueError("No naive forecast was tried.")
    error = found.pooled()
    best, best_naive = int(error.argmin()), naive[int(error[naive].argmin())]
    if not error[best_naive] > 0:
        return Leader(otherwise, False, np.nan, "Too short a past for a backtest: nothing is known to do better.")
    against = float(error[best] / error[best_naive])
    if against < 1:
        said = (
            f"It had the least error in the backtest: {against:.2f} times that of the {_said(found, best_naive)} one."
        )
        return Leader(found.models[best], True, against, said)
    said = "No model beat it in the backtest, and none that loses to a naive forecast is preferred."
    return Leader(found.models[best_naive], False, 1.0, said)


def _said(found: Record, place: int) -> str:
    return found.models[place].replace("_", " ")
