"""One pass of exponential smoothing over a panel, for several candidates of its parameters at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting.panel import Steps
from tillhand_analytics.domain.records import Floats

_BLOCK: Final = 32
"""Steps whose errors are kept before their products are summed."""
_LEAST: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Pass:
    """What came of each candidate (k x n): the sum of squared errors, and level and trend after the last step."""

    squares: Floats
    level: Floats
    trend: Floats


def smooth_level(steps: Steps, alpha: Floats) -> Pass:
    """Simple smoothing, l += alpha * e, from the level that leaves the least squares; `alpha` is k x n.

    Errors are linear in the level before the first step: those from nothing, and that level times what a level of one
    leaves in a series of zeros. Both obey the same recursion, so that the best level comes from a regression.
    """
    level = np.zeros((2, *alpha.shape))
    level[1] = 1.0
    sums = _Sums(steps, 2, len(alpha))
    for step in np.flatnonzero(steps.active):
        active = int(steps.active[step])
        error = sums.next(active)
        now = level[:, :, :active]
        np.negative(now, out=error)
        error[0] += steps.values[step, :active]
        if steps.known is not None:
            error *= steps.known[step, :active]
        now += alpha[:, :active] * error
    products = sums.total()
    begin = -products[0, 1] / np.maximum(products[1, 1], _LEAST)
    return Pass(products[0, 0] + begin * products[0, 1], level[0] + begin * level[1], np.zeros_like(alpha))


def smooth_trend(steps: Steps, alpha: Floats, beta: Floats, phi: Floats) -> Pass:
    """Smoothing with a trend: l = l + phi * b + alpha * e, b = phi * b + beta * e; all parameters are k x n.

    It begins with the line through the first values of each series.
    """
    level, trend = (np.repeat(each[None], len(alpha), axis=0) for each in (steps.level, steps.trend))
    sums = _Sums(steps, 1, len(alpha))
    for step in np.flatnonzero(steps.active):
        active = int(steps.active[step])
        error = sums.next(active)[0]
        now, rising = level[:, :active], trend[:, :active]
        rising *= phi[:, :active]
        now += rising
        np.subtract(steps.values[step, :active], now, out=error)
        if steps.known is not None:
            error *= steps.known[step, :active]
        now += alpha[:, :active] * error
        rising += beta[:, :active] * error
    return Pass(sums.total()[0, 0], level, trend)


class _Sums:
    """Adds up the products of errors, a block of steps at a time: to call numpy for each step would take longer."""

    def __init__(self, steps: Steps, parts: int, candidates: int) -> None:
        shape = (candidates, steps.series)
        self._errors = np.zeros((_BLOCK, parts, *shape))
        self._products = np.zeros((parts, parts, *shape))
        self._filled = 0

    def next(self, active: int) -> Floats:
        """Where the errors of the next step go (parts x k x active)."""
        if self._filled == _BLOCK:
            self._add()
        self._filled += 1
        return self._errors[self._filled - 1, :, :, :active]

    def total(self) -> Floats:
        """The products (parts x parts x k x n, upper half) of all steps."""
        self._add()
        return self._products

    def _add(self) -> None:
        errors = self._errors[: self._filled]
        parts = self._products.shape[0]
        for one in range(parts):
            for other in range(one, parts):
                self._products[one, other] += np.einsum("tkn,tkn->kn", errors[:, one], errors[:, other])
        self._filled = 0
