"""Theta (Assimakopoulos and Nikolopoulos 2000), as the M4 competition had it for a benchmark."""

from __future__ import annotations

import numpy as np

from tillhand_analytics.domain.forecasting.panel import begins, lengths, not_below_zero
from tillhand_analytics.domain.forecasting.smoothing import ses
from tillhand_analytics.domain.records import Floats


def theta(panel: Floats, horizon: int) -> Floats:
    """The mean of a straight line (theta 0) and of what simple smoothing makes of twice its distance (theta 2).

    A panel (n x t) to n x horizon; nothing below zero is expected of a series that was never below it.
    """
    level, slope = _line(panel)
    time = np.arange(1, panel.shape[1] + 1) - begins(panel)[:, None]
    beyond = lengths(panel)[:, None] + np.arange(1, horizon + 1)
    straight = level[:, None] + slope[:, None] * time
    ahead = level[:, None] + slope[:, None] * beyond
    found = (ahead + ses(2 * panel - straight, horizon)) / 2
    return not_below_zero(panel, found)


def _line(panel: Floats) -> tuple[Floats, Floats]:
    """Level at step 0, and slope, of the least squares through the known values; NaN without any."""
    known = np.isfinite(panel)
    count = np.where(known.any(axis=1), known.sum(axis=1), np.nan)
    time = np.arange(1, panel.shape[1] + 1) - begins(panel)[:, None].astype(np.float64)
    values = np.where(known, panel, 0.0)
    mean_time, mean = np.where(known, time, 0.0).sum(axis=1) / count, values.sum(axis=1) / count
    away = np.where(known, time - mean_time[:, None], 0.0)
    spread = (away**2).sum(axis=1)
    slope = (away * values).sum(axis=1) / np.where(spread > 0, spread, 1.0)
    return mean - slope * mean_time, slope
