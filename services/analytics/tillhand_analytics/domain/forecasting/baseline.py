"""What any forecast has to beat, and plain means, which are hard to beat for the daily demand of one SKU."""

from __future__ import annotations

from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting.panel import filled, last_values
from tillhand_analytics.domain.records import Floats

MONTH_DAYS: Final = 28
_LEAST_CYCLES: Final = 4
"""So many values at a place of the season are needed to tell its share."""
_SHARE_CYCLES: Final = 26


def naive(panel: Floats, horizon: int) -> Floats:
    """The last known value of each series: a panel (n x t) to n x horizon."""
    return np.repeat(last_values(panel)[:, None], horizon, axis=1)


def seasonal_naive(panel: Floats, horizon: int, period: int) -> Floats:
    """The value of one season before, or the last one that is known at that place of the season.

    A series that has none there goes on with its last value.
    """
    long = -(-max(panel.shape[1], 1) // period) * period
    cycles = _padded(panel, long).reshape(len(panel), -1, period)
    season = np.stack([last_values(cycles[:, :, place]) for place in range(period)], axis=1)
    season = np.where(np.isfinite(season), season, last_values(panel)[:, None])
    return np.resize(season.T, (horizon, len(panel))).T.copy() if len(panel) else np.empty((0, horizon))


def moving_average(panel: Floats, horizon: int, window: int = MONTH_DAYS) -> Floats:
    """The mean of the last `window` steps; missing values count for nothing, and a longer past fills in for none."""
    return np.repeat(_recent_mean(panel, window)[:, None], horizon, axis=1)


def seasonal_average(panel: Floats, horizon: int, period: int, window: int = MONTH_DAYS) -> Floats:
    """The moving average, spread by the share of each place of the season in the last 26 seasons.

    Shares are drawn towards one another by as much as four seasons weigh, for few sales tell little of a weekday.
    """
    mean = _recent_mean(panel, window)
    long = _SHARE_CYCLES * period
    recent = _padded(panel[:, -long:], long).reshape(len(panel), _SHARE_CYCLES, period)
    known = np.isfinite(recent)
    seasons = known.sum(axis=1)
    total = np.where(known, recent, 0.0).sum(axis=1)
    overall = total.sum(axis=1, keepdims=True) / np.maximum(seasons.sum(axis=1, keepdims=True), 1)
    drawn = (total + _LEAST_CYCLES * overall) / (seasons + _LEAST_CYCLES)
    level = drawn.mean(axis=1, keepdims=True)
    share = np.where(level > 0, drawn / np.where(level > 0, level, 1.0), 1.0)
    return mean[:, None] * share[:, np.arange(horizon) % period]


def _recent_mean(panel: Floats, window: int) -> Floats:
    recent = panel[:, -window:]
    known = np.isfinite(recent)
    count = known.sum(axis=1)
    mean = np.where(known, recent, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, mean, last_values(filled(panel)))


def _padded(panel: Floats, width: int) -> Floats:
    padded = np.full((len(panel), width), np.nan)
    if panel.shape[1]:
        padded[:, width - panel.shape[1] :] = panel
    return padded
