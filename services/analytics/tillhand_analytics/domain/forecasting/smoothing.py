"""Exponential smoothing: simple, with a trend (Holt), and with a damped trend.

Parameters are those of the least squared errors of one step, within the bounds of the `forecast` package for R
(Hyndman and Khandakar 2008), and searched from where it begins, because some series have several optima; the M4
competition published its benchmarks so. As there, a trend begins with the line through the first ten values.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting.panel import Steps, steps_of
from tillhand_analytics.domain.forecasting.recursion import Pass, smooth_level, smooth_trend
from tillhand_analytics.domain.forecasting.search import least
from tillhand_analytics.domain.records import Floats

LOW: Final = 1e-4
HIGH: Final = 1 - LOW
LEAST_PHI: Final = 0.8
MOST_PHI: Final = 0.98
_ROUNDS: Final = ((8, 1), (5, 2))
"""Candidates of a round, and how many such rounds."""
_START_ALPHA: Final = 0.2
_START_BETA_SHARE: Final = 0.1
_START_PHI_SHARE: Final = 0.99
_TINY: Final = 1e-300
_UNDAMPED: Final = 2
"""Parameters without phi."""


def ses(panel: Floats, horizon: int) -> Floats:
    """Simple exponential smoothing: a panel (n x t) to n x horizon, NaN for a series without values."""
    steps = steps_of(panel)
    level = steps.restored(fitted_level(steps))
    return np.repeat(level[:, None], horizon, axis=1)


def holt(panel: Floats, horizon: int) -> Floats:
    """Holt's linear trend (2004, reprint of 1957)."""
    return _with_trend(panel, horizon, damped=False)


def damped(panel: Floats, horizon: int) -> Floats:
    """A trend that levels off (Gardner and McKenzie 1985)."""
    return _with_trend(panel, horizon, damped=True)


def fitted_level(steps: Steps) -> Floats:
    """The last level (n) with the best alpha of each series: a grid, twice refined around its best."""
    low, high = np.full((2, steps.series), LOW)
    high[:] = HIGH
    every = np.arange(steps.series)
    for candidates, rounds in _ROUNDS:
        for _ in range(rounds):
            alpha = low + (high - low) * np.linspace(0, 1, candidates)[:, None]
            found = smooth_level(steps, alpha)
            best = found.squares.argmin(axis=0)
            low, high = alpha[np.maximum(best - 1, 0), every], alpha[np.minimum(best + 1, candidates - 1), every]
    level: Floats = smooth_level(steps, _vertex(alpha, found.squares, best)[None]).level[0]
    return level


def _vertex(alpha: Floats, squares: Floats, best: Floats) -> Floats:
    """The least of the parabola through the best candidate and its neighbours."""
    every = np.arange(alpha.shape[1])
    inner = np.clip(best, 1, len(alpha) - 2)
    left, middle, right = (squares[inner + shift, every] for shift in (-1, 0, 1))
    bend = left - 2 * middle + right
    width = alpha[inner + 1, every] - alpha[inner, every]
    shift = np.where(bend > 0, (left - right) / (2 * np.where(bend > 0, bend, 1.0)), 0.0)
    vertex: Floats = alpha[inner, every] + width * np.clip(shift, -1.0, 1.0)
    return vertex


def _with_trend(panel: Floats, horizon: int, *, damped: bool) -> Floats:
    steps = steps_of(panel)
    start = np.array([_START_ALPHA, _START_BETA_SHARE, _START_PHI_SHARE][: 3 if damped else 2])
    begin = np.repeat(_logit(start)[:, None], steps.series, axis=1)

    def objective(at: Floats) -> Floats:
        return np.log(np.maximum(_smoothed(steps, at).squares, _TINY))

    best = least(objective, begin)
    found = _smoothed(steps, best[:, None])
    phi = _parameters(best)[2]
    ahead = np.cumsum(phi[:, None] ** np.arange(1, horizon + 1), axis=1)
    return steps.restored(found.level[0][:, None] + found.trend[0][:, None] * ahead)


def _smoothed(steps: Steps, at: Floats) -> Pass:
    return smooth_trend(steps, *_parameters(at))


def _parameters(at: Floats) -> tuple[Floats, Floats, Floats]:
    """Alpha, beta and phi of places on the logistic scale; without a third, the trend is not damped."""
    share = 1 / (1 + np.exp(-at))
    alpha = LOW + (HIGH - LOW) * share[0]
    beta = LOW + (alpha - LOW) * share[1]
    phi = np.ones_like(alpha) if len(at) == _UNDAMPED else LEAST_PHI + (MOST_PHI - LEAST_PHI) * share[2]
    return alpha, beta, phi


def _logit(share: Floats) -> Floats:
    return np.log(share / (1 - share))
