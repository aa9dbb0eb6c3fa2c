"""Maximum likelihood over positive parameters, and how sure it is: errors, intervals, and whether it ran to an edge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize

from tillhand_analytics.domain.chance import Z_95
from tillhand_analytics.domain.records import Bools, Floats


class TooFew(ValueError):
    """There are too few customers to learn from; the text says how many are needed."""


Cost = Callable[[Floats], tuple[float, Floats]]
"""Minus the log-likelihood at the logarithms of the parameters, and its gradient there."""

_EDGE: Final = np.log(1e4)
_TOO_VAGUE: Final = np.log(10)
_STEP: Final = 1e-6
_NEWTON_STEPS: Final = 8
_COARSE: Final = 1e-6
_FINE: Final = 1e-14
_SETTLED: Final = 1e-6
_NOISE: Final = 1e-13


@dataclass(frozen=True, slots=True)
class Estimate:
    """A parameter: its value, and the interval of 95 % from the curvature of the likelihood over its logarithm.

    The error and the interval are NaN where the likelihood does not bend there, or hardly does.
    """

    name: str
    value: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where a likelihood is highest. `boundary` says why the parameters cannot be trusted, one reason each; empty
    where they can.
    """

    estimates: tuple[Estimate, ...]
    log_likelihood: float
    boundary: tuple[str, ...]

    @property
    def values(self) -> tuple[float, ...]:
        """The parameters alone."""
        return tuple(estimate.value for estimate in self.estimates)


def maximum(
    cost: Cost,
    starts: Sequence[Sequence[float]],
    names: Sequence[str],
    scales: Sequence[float],
    rough: Cost | None = None,
) -> Maximum:
    """The highest likelihood from any of the starts, which are parameters in units of `scales`.

    `rough` is the cost of a sample of the data, on which the way from several starts is found; the end is that of all
    data. A single start is taken to be near the end.

    Parameters are looked for between a ten-thousandth and ten thousand of their scales. One is at the edge if it ends
    there; the likelihood is flat if its curvature is singular, or leaves a parameter open by more than a factor of ten
    at one standard error. Both are told in `boundary`.
    """
    shift = np.log(np.asarray(scales, np.float64))

    def shifted(place: Floats) -> tuple[float, Floats]:
        return cost(place + shift)

    def near(place: Floats) -> tuple[float, Floats]:
        return (rough or cost)(place + shift)

    found = [np.log(start) for start in starts]
    if len(found) > 1:
        found = [_descended(near, start, tolerance=_COARSE) for start in found]
    place, value, curvature = _polished(shifted, min(found, key=lambda each: shifted(each)[0]))
    errors = _errors(curvature)
    return Maximum(
        estimates=tuple(_estimate(*each) for each in zip(names, place + shift, errors, strict=True)),
        log_likelihood=-value,
        boundary=_reasons(names, place, errors),
    )


def _descended(cost: Cost, start: Floats, *, tolerance: float) -> Floats:
    """SLSQP keeps to the bounds, and unlike L-BFGS-B does not wait for BLAS's threads on a machine that is busy."""
    size = max(abs(cost(start)[0]), 1.0)

    def small(place: Floats) -> tuple[float, Floats]:
        value, gradient = cost(place)
        return value / size, gradient / size

    bounds = [(-_EDGE, _EDGE)] * len(start)
    found = minimize(small, start, method="SLSQP", jac=True, bounds=bounds, options={"maxiter": 300, "ftol": tolerance})
    place: Floats = found.x
    return place


def _polished(cost: Cost, place: Floats) -> tuple[Floats, float, Floats]:
    """Steps of Newton for as long as they help; where it is too flat for them, another descent. With its cost and
    curvature.
    """
    value, slope = cost(place)
    curvature = _curvature(cost, place, slope)
    for _ in range(_NEWTON_STEPS):
        ahead = _ahead(place, slope, curvature)
        if ahead is None or (reached := cost(ahead))[0] > value + _NOISE * abs(value):
            break
        moved, (value, slope) = np.abs(ahead - place).max(), reached
        place, curvature = ahead, _curvature(cost, ahead, slope)
        if moved < _SETTLED:
            return place, value, curvature
    place = _descended(cost, place, tolerance=_FINE)
    value, slope = cost(place)
    return place, value, _curvature(cost, place, slope)


def _ahead(place: Floats, slope: Floats, curvature: Floats) -> Floats | None:
    """Where a step of Newton leads; None where it leads astray."""
    if not _bends(curvature):
        return None
    ahead: Floats = place - np.linalg.solve(curvature, slope)
    return ahead if np.abs(ahead).max() < _EDGE else None


def _curvature(cost: Cost, place: Floats, slope: Floats) -> Floats:
    """By differences of the gradient, which leave five digits right."""
    rows = [(cost(place + each)[1] - slope) / _STEP for each in _STEP * np.eye(len(place))]
    curvature: Floats = np.asarray(rows)
    return (curvature + curvature.T) / 2


def _bends(curvature: Floats) -> bool:
    values = np.linalg.eigvalsh(curvature)
    return bool(values[0] > 1e-9 * max(values[-1], 1e-300))


def _errors(curvature: Floats) -> Floats:
    """Standard errors of the logarithms; NaN where the likelihood is flat."""
    if not _bends(curvature):
        return np.full(len(curvature), np.nan)
    errors: Floats = np.sqrt(np.diag(np.linalg.inv(curvature)))
    return errors


def _estimate(name: str, log: float, error: float) -> Estimate:
    value, error = float(np.exp(log)), float(error) if error <= _TOO_VAGUE else float("nan")
    low, high = (value * float(np.exp(sign * Z_95 * error)) for sign in (-1, 1))
    return Estimate(name, value, value * error, low, high)


def _reasons(names: Sequence[str], place: Floats, errors: Floats) -> tuple[str, ...]:
    at_edge: Bools = np.abs(place) > _EDGE - 1e-3
    reasons = [f"{name} runs to its edge" for name, edge in zip(names, at_edge, strict=True) if edge]
    if np.isnan(errors).any():
        return (*reasons, "the likelihood is flat there: its curvature is singular")
    vague = [name for name, error in zip(names, errors, strict=True) if error > _TOO_VAGUE]
    return (*reasons, *(f"{name} is open by more than a factor of ten" for name in vague))
