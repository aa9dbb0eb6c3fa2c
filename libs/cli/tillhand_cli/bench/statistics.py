"""Percentiles and shares of measured times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

_ROUNDING: Final = 1e-9


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest of the ordered values that at least this share of them does not exceed ("nearest rank").

    No value is made up between two measured ones, and a quantile is within a threshold exactly when that share of all
    values is. Raises ValueError when there are none.
    """
    if not ordered:
        raise ValueError("there are no values")
    rank = math.ceil(share * len(ordered) - _ROUNDING)
    return ordered[min(max(rank, 1), len(ordered)) - 1]
