"""Demand that comes now and then: its size and its spacing are smoothed apart (Croston 1972)."""

from __future__ import annotations

from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Floats

ALPHA: Final = 0.1


def croston(panel: Floats, horizon: int, alpha: float = ALPHA) -> Floats:
    """Croston's method: a panel (n x t) to n x horizon, 0 where nothing was ever wanted, NaN where nothing is known."""
    return np.repeat(_rate(panel, alpha)[:, None], horizon, axis=1)


def sba(panel: Floats, horizon: int, alpha: float = ALPHA) -> Floats:
    """Croston's method without its bias, by the factor 1 - alpha / 2 (Syntetos and Boylan 2005)."""
    return croston(panel, horizon, alpha) * (1 - alpha / 2)


def tsb(panel: Floats, horizon: int, alpha: float = ALPHA, beta: float = ALPHA) -> Floats:
    """Size by `alpha`, and the chance of any demand by `beta`, which falls while nothing is wanted.

    Teunter, Syntetos and Babai 2011: goods that die are forecast to.
    """
    size, chance, begun, seen = np.zeros((4, len(panel)))
    for now in panel.T:
        known = np.isfinite(now)
        wanted = known & (now != 0)
        size = np.where(wanted, np.where(begun > 0, size + alpha * (now - size), now), size)
        chance = np.where(known, np.where(seen > 0, chance + beta * (wanted - chance), wanted), chance)
        begun, seen = np.maximum(begun, wanted), np.maximum(seen, known)
    return np.repeat(np.where(seen > 0, size * chance, np.nan)[:, None], horizon, axis=1)


def _rate(panel: Floats, alpha: float) -> Floats:
    """Demand for each step. A step that is missing is no part of a spacing."""
    size, spacing, since, begun, seen = np.zeros((5, len(panel)))
    for now in panel.T:
        known = np.isfinite(now)
        since += known
        wanted = known & (now != 0)
        size = np.where(wanted, np.where(begun > 0, size + alpha * (now - size), now), size)
        spacing = np.where(wanted, np.where(begun > 0, spacing + alpha * (since - spacing), since), spacing)
        since = np.where(wanted, 0.0, since)
        begun, seen = np.maximum(begun, wanted), np.maximum(seen, known)
    rate = size / np.where(spacing > 0, spacing, 1.0)
    return np.where(seen > 0, rate, np.nan)
