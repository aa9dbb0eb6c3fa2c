"""How much of a change each factor of a product made: logarithmic mean Divisia index, additive form.

Ang 2004, Energy Policy 32, "Decomposition analysis for policymaking in energy: which is the preferred method?". The
parts add up to the change exactly, whatever the order of the factors. A factor that falls to 0 is taken for a very
small one (Ang and Liu 2007, Energy Policy 35, "Handling zero values in the logarithmic mean Divisia index
decomposition").
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Floats

_SMALL: Final = 1e-12
_NEAR: Final = 1e-6


def logarithmic_mean(one: Floats, other: Floats) -> Floats:
    """L(x, y) = (x - y) / (ln x - ln y), which is x where both are equal. Both are positive."""
    ratio = np.log(one / other)
    near = np.abs(ratio) < _NEAR
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Floats = np.where(near, (one + other) / 2, (one - other) / np.where(near, 1.0, ratio))
    return mean


def parts(actual: Floats, expected: Floats) -> Floats:
    """The part of each factor in the change of their product.

    Both have shape (..., factors) and hold no negative number; the result has the same shape, and its last axis sums to
    the change of the products. Raises ValueError for a negative factor.
    """
    if (actual < 0).any() or (expected < 0).any():
        raise ValueError("factors: must not be negative")
    scale = np.maximum(np.maximum(actual, expected), _SMALL)
    one, other = np.maximum(actual, _SMALL * scale), np.maximum(expected, _SMALL * scale)
    weight = logarithmic_mean(np.prod(one, axis=-1), np.prod(other, axis=-1))
    rough = weight[..., np.newaxis] * np.log(one / other)
    change = np.prod(actual, axis=-1) - np.prod(expected, axis=-1)
    rest = change - rough.sum(axis=-1)  # what rounding, and zeros taken for small numbers, have left
    moved = np.abs(np.log(one / other))
    total = moved.sum(axis=-1, keepdims=True)
    share = np.where(total > 0, moved / np.where(total > 0, total, 1.0), 1.0 / actual.shape[-1])
    exact: Floats = rough + rest[..., np.newaxis] * share
    return exact
