"""Quotients of columns, of which some have nothing to divide by."""

from __future__ import annotations

import numpy as np

from tillhand_analytics.domain.records import Floats, Ints


def ratio(over: Ints | Floats, under: Ints | Floats) -> Floats:
    """One by the other, NaN where the divisor is not above 0; shapes broadcast."""
    result = np.full(np.broadcast_shapes(np.shape(over), np.shape(under)), np.nan)
    np.divide(over, under, out=result, where=np.asarray(under) > 0)
    return result
