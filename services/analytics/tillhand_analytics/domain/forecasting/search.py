"""Finds the least of a function of a few parameters near a start, for many series at once.

A compass search with a memory (Hooke and Jeeves 1961): look one step up and down along each parameter, and once more
along the last move; where nothing is better, halve the step. All series take their step in the same call of the
function, so that what a call costs beyond its arithmetic is paid once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Floats

Objective = Callable[[Floats], Floats]
"""Candidates (d x k x n) to values (k x n)."""
ROUNDS: Final = 32
_FIRST_STEP: Final = 0.8
_GROWTH: Final = 1.3
_LEAST_STEP: Final = 5e-3
_GAIN: Final = 1e-9
_EDGE: Final = 9.0
"""Where a parameter on the logistic scale counts as at its bound."""


def least(objective: Objective, start: Floats, rounds: int = ROUNDS) -> Floats:
    """The parameters (d x n) of the least value near `start` (d x n), on a scale that runs from -9 to 9."""
    at, value = start.copy(), objective(start[:, None])[0]
    axes = np.concatenate([np.eye(len(at)), -np.eye(len(at))], axis=1)[:, :, None]
    step, moved, every = np.full(at.shape[1], _FIRST_STEP), np.zeros_like(at), np.arange(at.shape[1])
    for _ in range(rounds):
        candidates = np.concatenate([at[:, None] + axes * step, (at + moved)[:, None]], axis=1)
        candidates = np.clip(candidates, -_EDGE, _EDGE)
        values = objective(candidates)
        best = values.argmin(axis=0)
        better = values[best, every] < value - _GAIN
        moved = np.where(better, candidates[:, best, every] - at, 0.0)
        at, value = at + moved, np.where(better, values[best, every], value)
        step = np.where(better, step * _GROWTH, step / 2)
        if (step < _LEAST_STEP).all():
            break
    return at
