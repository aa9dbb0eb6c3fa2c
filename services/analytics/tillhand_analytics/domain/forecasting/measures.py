"""How far forecasts were from what came.

sMAPE, MASE, OWA and MSIS as the M4 competition defined them (Makridakis, Spiliotis and Assimakopoulos 2020, The M4
Competition: 100,000 time series and 61 forecasting methods). Forecasts and what came are n x h; NaN in either is left
out. Each returns one figure for each series (n), NaN where nothing can be said.
"""

from __future__ import annotations

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats


def mean_over(values: Floats, axis: int = -1) -> Floats:
    """The mean of what is known along an axis, NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    mean: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean


def least(values: Floats) -> Floats:
    """The least of each column that is known, NaN where none is."""
    found: Floats = np.where(np.isfinite(values), values, np.inf).min(axis=0)
    return np.where(np.isfinite(found), found, np.nan)


def change(panel: Floats, steps: int = 1) -> Floats:
    """The mean absolute change over so many steps within each series (n): what the seasonal naive forecast missed."""
    if panel.shape[1] <= steps:
        return np.full(len(panel), np.nan)
    return mean_over(np.abs(panel[:, steps:] - panel[:, :-steps]))


def smape(came: Floats, forecast: Floats) -> Floats:
    """Symmetric mean absolute percentage error, in percent; 0 where both are 0."""
    size = np.abs(came) + np.abs(forecast)
    error = 200 * np.abs(came - forecast) / np.where(size > 0, size, 1.0)
    return mean_over(error)


def mase(came: Floats, forecast: Floats, scale: Floats) -> Floats:
    """Mean absolute error, in units of `scale` (n), which is `change` of the past over one season."""
    return mean_over(np.abs(came - forecast)) / np.where(scale > 0, scale, np.nan)


def owa(smapes: Floats, mases: Floats, naive_smapes: Floats, naive_mases: Floats) -> float:
    """The mean of relative sMAPE and relative MASE over all series, 1 for the naive forecast (Naive2)."""
    relative = [
        float(mean_over(ours)) / float(mean_over(naive))
        for ours, naive in ((smapes, naive_smapes), (mases, naive_mases))
    ]
    return sum(relative) / 2


def msis(came: Floats, low: Floats, high: Floats, scale: Floats, level: float = 0.95) -> Floats:
    """Mean scaled interval score: width, and 2 / (1 - level) times what came beyond it, in units of `scale`."""
    beyond = np.maximum(low - came, 0) + np.maximum(came - high, 0)
    return mean_over(high - low + 2 / (1 - level) * beyond) / np.where(scale > 0, scale, np.nan)


def coverage(came: Floats, low: Floats, high: Floats) -> Floats:
    """The share of what came that lay within the interval, both ends in it."""
    known = np.isfinite(came) & np.isfinite(low) & np.isfinite(high)
    return mean_over(np.where(known, (came >= low) & (came <= high), np.nan))


def wape(came: Floats, forecast: Floats) -> Floats:
    """Absolute errors as a share of all that came; NaN where nothing came."""
    error, size = _both(came, forecast, np.abs(came - forecast)), _both(came, forecast, np.abs(came))
    return _share(error, size)


def bias(came: Floats, forecast: Floats) -> Floats:
    """Forecast less what came, as a share of all that came: above 0 where too much was expected."""
    return _share(_both(came, forecast, forecast - came), _both(came, forecast, np.abs(came)))


def _both(came: Floats, forecast: Floats, values: Floats) -> Floats:
    known: Bools = np.isfinite(came) & np.isfinite(forecast)
    total: Floats = np.where(known, values, 0.0).sum(axis=-1)
    return total


def _share(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)
