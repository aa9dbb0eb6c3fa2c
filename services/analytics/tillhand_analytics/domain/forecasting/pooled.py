"""One linear regression for all series of a panel: what came after similar pasts, whichever series they were of.

For each step ahead its own coefficients. Features are the last values, and the same weeks of up to two seasons before,
all as distances from the last value, divided by the deviation within the window, so that series of any size are alike
(Montero-Manso and Hyndman 2021, Principles and algorithms for forecasting groups of time series). Large errors count
less, by iteratively reweighted least squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting.baseline import naive
from tillhand_analytics.domain.forecasting.panel import filled, lengths
from tillhand_analytics.domain.forecasting.seasonal import Forecast, Scale
from tillhand_analytics.domain.records import Floats

WINDOWS: Final = 60_000
"""Windows that are learned from, about; they are thinned evenly where there are more."""
LEAST_WINDOWS: Final = 200
_NEAR: Final = 20
_SIDE: Final = 4
_SHORT: Final = 26
_CLIP: Final = 20.0
_RIDGE: Final = 1e-3
_REWEIGHTED: Final = 3
_LEAST_ERROR: Final = 0.5
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a window is read: `lag` steps of it are the past, which reaches back `seasons` of `season` steps."""

    lag: int
    horizon: int
    season: int
    seasons: int

    def features(self, window: Floats) -> tuple[Floats, Floats, Floats]:
        """Features (k x f), deviation and last value (k x 1) of pasts (k x lag)."""
        last = window[:, -1:]
        deviation = window.std(axis=1, keepdims=True) + _TINY
        parts = [window[:, -min(_NEAR, self.lag) : -1] - last]
        for season in range(1, self.seasons + 1):
            same = self.lag - 1 - season * self.season
            around = window[:, max(same - _SIDE, 0) : same + self.horizon + _SIDE + 1]
            parts += [around - window[:, [same]], window[:, [same]] - last]
        scaled = np.concatenate(parts, axis=1) / deviation
        return np.clip(scaled, -2 * _CLIP, 2 * _CLIP), deviation, last


def pooled(period: int, seasons: int = 2, most_windows: int = WINDOWS) -> Forecast:
    """The forecast for a season of `period` steps; each series is read as far back as it and the panel allow.

    Series too short for any, and panels of too few windows, are forecast naively.
    """

    def forecast(panel: Floats, horizon: int) -> Floats:
        scale = Scale.of(panel)
        values = filled(scale.on(panel))
        found = scale.on(naive(panel, horizon))
        for shape in _shapes(period, seasons, horizon):
            long_enough = lengths(values) >= shape.lag
            windows = _windows(values, shape, most_windows)
            if len(windows) < LEAST_WINDOWS or not long_enough.any():
                continue
            features, deviation, last = shape.features(values[long_enough][:, -shape.lag :])
            found[long_enough] = features @ _coefficients(windows, shape) * deviation + last
        return scale.back(found)

    return forecast


def _shapes(period: int, seasons: int, horizon: int) -> list[_Shape]:
    """From the shortest past to the longest; a season is as many whole periods as the horizon needs."""
    season = -(-(horizon + _SIDE + 1) // period) * period
    long = seasons if period > 1 else 0
    reached = [_Shape(each * season + _SIDE + 1, horizon, season, each) for each in range(1, long + 1)]
    return [_Shape(_SHORT, horizon, season, 0), *reached]


def _windows(values: Floats, shape: _Shape, most: int) -> Floats:
    """Stretches of past and future (k x (lag + horizon)), every so many steps back from the end of each series."""
    width = shape.lag + shape.horizon
    places = np.maximum(lengths(values) - width + 1, 0)
    apart = max(1, -(-int(places.sum()) // most))
    ends = [(np.full(-(-count // apart), row), np.arange(0, count, apart)) for row, count in enumerate(places.tolist())]
    if not ends:
        return np.empty((0, width))
    rows, back = (np.concatenate(each) for each in zip(*ends, strict=True))
    begin = values.shape[1] - back - width
    found: Floats = values[rows[:, None], begin[:, None] + np.arange(width)]
    return found


def _coefficients(windows: Floats, shape: _Shape) -> Floats:
    """Coefficients (f x horizon)."""
    features, deviation, last = shape.features(windows[:, : shape.lag])
    wanted = np.clip((windows[:, shape.lag :] - last) / deviation, -_CLIP, _CLIP)
    found = _weighted(features, wanted, np.ones(len(windows)))
    for _ in range(_REWEIGHTED):
        error = np.abs(wanted - features @ found).mean(axis=1)
        found = _weighted(features, wanted, 1 / np.maximum(error, _LEAST_ERROR))
    return found


def _weighted(features: Floats, wanted: Floats, weight: Floats) -> Floats:
    heavy = features * weight[:, None]
    square = heavy.T @ features
    ridge = _RIDGE * np.trace(square) / len(square) + _TINY
    found: Floats = np.linalg.solve(square + ridge * np.eye(len(square)), heavy.T @ wanted)
    return found
