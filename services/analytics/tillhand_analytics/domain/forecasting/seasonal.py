"""Seasons: whether there is one, and series without it.

Two ways to take a season out: that of the M4 competition (a classical decomposition where a test says seasonal), by
which published figures are reproduced, and one of our own for what comes in many seasons, such as weeks of a year.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting.panel import filled, lengths
from tillhand_analytics.domain.records import Bools, Floats

Forecast = Callable[[Floats, int], Floats]
"""A panel (n x t) and a horizon to forecasts (n x horizon)."""
_T_90: Final = 1.645
_LEAST_CYCLES: Final = 3
_SHRINK: Final = 0.8
"""How much of a season that was found is believed: the rest is what made it look larger than it is."""
_MOST_LOG: Final = 700.0
_SMOOTHED: Final = 26
"""A season of so many steps is smoothed over one neighbour on each side, of twice as many over two."""


def m4_adjusted(forecast: Forecast, period: int) -> Forecast:
    """A forecast of what a multiplicative season leaves, where the autocorrelation at `period` says that there is one.

    As the benchmarks of the M4 competition (Makridakis, Spiliotis and Assimakopoulos 2020).
    """
    if period == 1:
        return forecast

    def adjusted(panel: Floats, horizon: int) -> Floats:
        index = np.where(is_seasonal(panel, period)[:, None], classical_indices(panel, period), 1.0)
        place = (np.arange(panel.shape[1]) - panel.shape[1]) % period
        ahead: Floats = forecast(panel / index[:, place], horizon) * index[:, np.arange(horizon) % period]
        return ahead

    return adjusted


def is_seasonal(panel: Floats, period: int) -> Bools:
    """Whether the autocorrelation at `period` is beyond chance at 90 %, by Bartlett's formula."""
    long_enough = lengths(panel) >= _LEAST_CYCLES * period
    if panel.shape[1] <= period:
        return np.zeros(len(panel), np.bool_)
    known = np.isfinite(panel)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, panel, 0.0).sum(axis=1) / count
    away = np.where(known, panel - mean[:, None], 0.0)
    spread = (away**2).sum(axis=1)
    lags = [(away[:, lag:] * away[:, :-lag]).sum(axis=1) for lag in range(1, period + 1)]
    correlation = np.stack(lags, axis=1) / np.where(spread > 0, spread, 1.0)[:, None]
    limit = _T_90 / np.sqrt(count) * np.sqrt(1 + 2 * (correlation[:, :-1] ** 2).sum(axis=1))
    seasonal: Bools = long_enough & (spread > 0) & (np.abs(correlation[:, -1]) > limit)
    return seasonal


def classical_indices(panel: Floats, period: int) -> Floats:
    """Multiplicative indices (n x period), beginning with the first step ahead; 1 where nothing can be told."""
    trend = centred_average(panel, period)
    ratio = panel / np.where(trend != 0, trend, np.nan)
    index = _by_place(ratio, period)
    index = np.where(np.isfinite(index), index, 1.0)
    mean = index.mean(axis=1, keepdims=True)
    return np.where(mean != 0, index / np.where(mean != 0, mean, 1.0), 1.0)


def centred_average(panel: Floats, period: int) -> Floats:
    """The mean over one season around each step, both ends by half for an even season; NaN where it is not whole."""
    average = np.full_like(panel, np.nan)
    half = period // 2
    if panel.shape[1] <= 2 * half:
        return average
    weights = np.full(2 * half + 1, 1.0 / period)
    if period % 2 == 0:
        weights[[0, -1]] /= 2
    whole = np.lib.stride_tricks.sliding_window_view(filled(panel), len(weights), axis=1)
    average[:, half : panel.shape[1] - half] = whole @ weights
    return average


def adjusted(forecast: Forecast, period: int) -> Forecast:
    """A forecast of what a shrunken, smoothed season leaves, for series of at least three seasons.

    The season is multiplicative where a series is positive throughout, additive elsewhere.
    """

    def without_season(panel: Floats, horizon: int) -> Floats:
        scale = Scale.of(panel)
        season = _season(scale.on(panel), period)
        place = (np.arange(panel.shape[1]) - panel.shape[1]) % period
        ahead = forecast(scale.moved(panel, -season[:, place]), horizon)
        return scale.moved(ahead, season[:, np.arange(horizon) % period])

    return without_season


def _season(values: Floats, period: int) -> Floats:
    found = _by_place(values - centred_average(values, period), period)
    found = np.where(np.isfinite(found), found, 0.0)
    found = (found - found.mean(axis=1, keepdims=True)) * _SHRINK
    side = period // _SMOOTHED
    if side:
        turns = [np.roll(found, turn, axis=1) for turn in range(-side, side + 1)]
        found = np.mean(turns, axis=0)
    return np.where((lengths(values) >= _LEAST_CYCLES * period)[:, None], found, 0.0)


def _by_place(values: Floats, period: int) -> Floats:
    """The mean at each place of the season (n x period), the first of which is that of the first step ahead."""
    cycles = -(-max(values.shape[1], 1) // period)
    padded = np.full((len(values), cycles * period), np.nan)
    if values.shape[1]:
        padded[:, -values.shape[1] :] = values
    placed = padded.reshape(len(values), cycles, period)
    known = np.isfinite(placed)
    count = known.sum(axis=1)
    total = np.where(known, placed, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


class Scale:
    """Logarithms for series that are positive throughout, the values themselves for others."""

    def __init__(self, logged: Bools) -> None:
        self._logged = logged[:, None]

    @classmethod
    def of(cls, panel: Floats) -> Scale:
        """The scale on which a panel is treated."""
        known = np.isfinite(panel)
        return cls((known & (panel > 0)).sum(axis=1) == known.sum(axis=1))

    def on(self, values: Floats) -> Floats:
        """Values on this scale."""
        positive = np.where(self._logged & (values > 0), values, 1.0)
        unknown = self._logged & ~(values > 0)
        return np.where(self._logged, np.where(unknown, np.nan, np.log(positive)), values)

    def back(self, values: Floats) -> Floats:
        """Values as they were."""
        return np.where(self._logged, np.exp(np.where(self._logged, np.minimum(values, _MOST_LOG), 0.0)), values)

    def moved(self, values: Floats, by: Floats) -> Floats:
        """Values as they were, moved on this scale."""
        return np.where(self._logged, values * np.exp(np.where(self._logged, by, 0.0)), values + by)
