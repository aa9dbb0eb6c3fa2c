"""How models, and the whole procedure, did on the past: one row for each that was tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting.backtest import Backtest
from tillhand_analytics.domain.forecasting.choosing import NAIVES, record
from tillhand_analytics.domain.sales_forecast.expected import Expected
from tillhand_analytics.domain.sales_forecast.walking import RECONCILED, Tried
from tillhand_analytics.domain.tables import Column, Table

AS_FORECAST: Final = "as_forecast"


@dataclass(frozen=True, slots=True)
class _Row:
    """How something did for the series of a level."""

    level: str
    model: str
    chosen: bool
    series: int
    origins: int
    wape: float
    against_naive: float
    bias: float
    mase: float


def backtest_table(found: Expected) -> Table:
    """What was tried on the past: every model by level, and the whole procedure as it would have forecast."""
    walk, heads = found.walk, found.history.heads
    lines = [
        *_of_models("total", walk.total),
        *_of_models("category", walk.groups),
        *_of_models("sku", walk.members),
        *_of_procedure("total", walk.past, slice(0, 1)),
        *_of_procedure("category", walk.past, slice(1, heads)),
        *_of_procedure("sku", walk.past, slice(heads, None)),
    ]
    return Table(
        "sales-forecast-backtest",
        (
            Column("level", "text", "What was forecast.", [each.level for each in lines]),
            Column(
                "model",
                "text",
                "The model; `as_forecast` is the whole procedure, whose models were chosen from what was known then.",
                [each.model for each in lines],
            ),
            Column("chosen", "boolean", "Forecasts are made with it now.", np.array([each.chosen for each in lines])),
            Column(
                "wape",
                "number",
                "What sums over the horizon were off by, as a share of what came, over all series.",
                np.array([each.wape for each in lines]),
            ),
            Column(
                "against_naive",
                "number",
                "That error as a multiple of the better naive forecast's; below 1 is better.",
                np.array([each.against_naive for each in lines]),
            ),
            Column(
                "bias",
                "number",
                "Forecast less what came, as a share of that.",
                np.array([each.bias for each in lines]),
            ),
            Column(
                "mase",
                "number",
                "Mean absolute scaled error of days, the mean over all series.",
                np.array([each.mase for each in lines]),
            ),
            Column("series", "integer", "How many series.", np.array([each.series for each in lines])),
            Column(
                "origins",
                "integer",
                "Points of the past at which it was tried.",
                np.array([each.origins for each in lines]),
            ),
        ),
    )


def _of_models(level: str, tried: Tried) -> list[_Row]:
    rows = _compared(level, tried.days, tried.leader.model)
    return sorted(rows, key=lambda each: (np.isnan(each.wape), each.wape))


def _of_procedure(level: str, past: Backtest, rows: slice) -> list[_Row]:
    return [each for each in _compared(level, past.of(rows), RECONCILED) if each.model == AS_FORECAST]


def _compared(level: str, days: Backtest, chosen: str) -> list[_Row]:
    """Every model of a backtest, pooled over its series."""
    sums, scores = days.summed(), record(days)
    pooled = {name: _pooled(sums, name) for name in sums.forecasts}
    naive = min((error for name, (error, _) in pooled.items() if name in NAIVES), default=np.nan)
    return [
        _Row(
            level=level,
            model=AS_FORECAST if name == RECONCILED else name,
            chosen=name == chosen,
            series=days.came.shape[1],
            origins=len(days.origins),
            wape=error,
            against_naive=error / naive if naive > 0 else np.nan,
            bias=bias,
            mase=float(np.nanmean(mase)) if np.isfinite(mase).any() else np.nan,
        )
        for (name, (error, bias)), mase in zip(pooled.items(), scores.mase, strict=True)
    ]


def _pooled(sums: Backtest, name: str) -> tuple[float, float]:
    """WAPE and bias over all series and origins for which every forecast is known."""
    known = np.isfinite(sums.came)
    for values in sums.forecasts.values():
        known &= np.isfinite(values)
    came, forecast = sums.came[known], sums.forecasts[name][known]
    size = float(np.abs(came).sum())
    if not size:
        return np.nan, np.nan
    return float(np.abs(forecast - came).sum()) / size, float((forecast - came).sum()) / size
