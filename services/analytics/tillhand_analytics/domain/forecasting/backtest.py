"""What models would have forecast at points of the past, each knowing only what came before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting import measures
from tillhand_analytics.domain.forecasting.models import Menu, Model
from tillhand_analytics.domain.forecasting.panel import lengths, shortened
from tillhand_analytics.domain.records import Floats

LEAST_STEPS: Final = 40
"""A series counts at an origin that so much of it lies before."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """Forecasts of every model, and what came (o x n x h), at origins so many steps ago, the latest first.

    NaN where a series was too short at an origin. `scale` (o x n) is the change over one `period` before each origin.
    """

    panel: Floats
    origins: tuple[int, ...]
    period: int
    came: Floats
    scale: Floats
    forecasts: Mapping[str, Floats]

    @property
    def horizon(self) -> int:
        """Steps ahead."""
        return int(self.came.shape[2])

    def flat(self, values: Floats) -> Floats:
        """Origins one after the other: o x n x h to n x (o h)."""
        return values.transpose(1, 0, 2).reshape(values.shape[1], -1)

    def since(self, place: int) -> Backtest:
        """What was known before the origins that come before `place` in the order: those from it on."""
        forecasts = {name: values[place:] for name, values in self.forecasts.items()}
        return replace(
            self,
            origins=self.origins[place:],
            came=self.came[place:],
            scale=self.scale[place:],
            forecasts=forecasts,
        )

    def of(self, rows: slice) -> Backtest:
        """Some of the series."""
        forecasts = {name: values[:, rows] for name, values in self.forecasts.items()}
        return replace(
            self, panel=self.panel[rows], came=self.came[:, rows], scale=self.scale[:, rows], forecasts=forecasts
        )

    def summed(self) -> Backtest:
        """The same with all steps ahead as one: the sum of those that are known, NaN where that is less than half."""
        known = np.isfinite(self.came)
        enough = known.sum(axis=2) * 2 >= max(self.horizon, 1)

        def sums(values: Floats) -> Floats:
            total = np.where(known, values, 0.0).sum(axis=2)
            return np.where(enough, total, np.nan)[:, :, None]

        forecasts = {name: sums(values) for name, values in self.forecasts.items()}
        return replace(self, came=sums(self.came), forecasts=forecasts)


def backtest(
    panel: Floats, menu: Menu, horizon: int, origins: Sequence[int], *, period: int = 1, least_steps: int = LEAST_STEPS
) -> Backtest:
    """Try a menu at origins, each at least `horizon` steps ago.

    Models that look at one series alone take all origins at a time; those that learn across series take one after the
    other, so that none knows the future of another.
    """
    pasts = [_enough(shortened(panel, back), least_steps) for back in origins]
    stacked = np.concatenate(pasts) if pasts else np.empty((0, panel.shape[1]))
    shape = (len(origins), len(panel), horizon)
    found = {model.name: _tried(model, pasts, stacked, horizon).reshape(shape) for model in menu.models}
    came = [_after(panel, back, horizon) for back in origins]
    return Backtest(
        panel=panel,
        origins=tuple(origins),
        period=period,
        came=np.array(came).reshape(shape),
        scale=np.array([measures.change(past, period) for past in pasts]).reshape(shape[:2]),
        forecasts=menu.joined(found),
    )


def rolling(horizon: int, count: int, apart: int | None = None) -> tuple[int, ...]:
    """Origins from one horizon ago backwards, so many steps apart (a horizon, where that is not said)."""
    return tuple(horizon + place * (apart or horizon) for place in range(count))


def _tried(model: Model, pasts: Sequence[Floats], stacked: Floats, horizon: int) -> Floats:
    if not model.across:
        return model.forecast(stacked, horizon)
    return np.array([model.forecast(past, horizon) for past in pasts])


def _enough(past: Floats, least_steps: int) -> Floats:
    return np.where((lengths(past) >= least_steps)[:, None], past, np.nan)


def _after(panel: Floats, back: int, horizon: int) -> Floats:
    came = np.full((len(panel), horizon), np.nan)
    begin = panel.shape[1] - back
    if begin >= 0:
        known = panel[:, begin : begin + horizon]
        came[:, : known.shape[1]] = known
    return came
