"""Medians and scales that leave out what is missing, row by row."""

from __future__ import annotations

from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Floats, Ints

_MEDIAN_TO_SD: Final = 1.4826
"""The standard deviation of normal values whose median absolute deviation is 1."""
_MEAN_TO_SD: Final = 1.2533
"""The same of their mean absolute deviation."""


def present(values: Floats) -> Ints:
    """How many values of the last axis are there."""
    counted: Ints = np.count_nonzero(~np.isnan(values), axis=-1)
    return counted


def median(values: Floats) -> Floats:
    """The median over the last axis of those that are there; NaN without any."""
    return midmean(values, 0.5)


def midmean(values: Floats, cut: float = 0.25) -> Floats:
    """The mean over the last axis without the lowest and highest share `cut` of the values that are there.

    A cut of a half is the median. The number that is cut off on each side is rounded down, but for the median.
    """
    ordered = np.sort(values, axis=-1)
    count = present(values)
    low = (count - 1) // 2 if cut == 0.5 else (count * cut).astype(np.int64)  # noqa: PLR2004  # the median
    high = count - low
    places = np.arange(values.shape[-1])
    inside = (places >= low[..., np.newaxis]) & (places < high[..., np.newaxis])
    sums: Floats = np.where(inside, ordered, 0.0).sum(axis=-1)
    return np.where(count > 0, sums / np.maximum(high - low, 1), np.nan)


def deviation(away: Floats) -> Floats:
    """The robust standard deviation over the last axis, by how far values are `away` from their middle.

    That of the median, and at least half of what the mean says: where most days hold nothing, the median is 0.
    """
    by_mean = _MEAN_TO_SD * np.nansum(away, axis=-1) / np.maximum(present(away), 1)
    robust: Floats = np.fmax(_MEDIAN_TO_SD * median(away), by_mean / 2)
    return robust


def repeated_median_slope(values: Floats) -> Floats:
    """Siegel's slope over the last axis, its points one apart: the median over points of their median slope to others.

    Up to half of the points may be anything (Siegel 1982, Biometrika 69, "Robust regression using repeated medians").
    """
    points = values.shape[-1]
    rise = values[..., np.newaxis, :] - values[..., :, np.newaxis]
    run = np.arange(points)[np.newaxis, :] - np.arange(points)[:, np.newaxis]
    slopes = np.where(run == 0, np.nan, rise / np.where(run == 0, 1, run))
    return median(median(slopes))
