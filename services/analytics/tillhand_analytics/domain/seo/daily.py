"""Search data day by day."""

from __future__ import annotations

import numpy as np

from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Floats, Ints
from tillhand_analytics.domain.seo.pairs import Pairs, summed
from tillhand_analytics.domain.seo.windows import Window


def daily(pairs: Pairs, days: Window, code: Ints, size: int) -> tuple[Ints, Ints, Floats]:
    """Clicks, impressions and mean position by code and day of a window: arrays of `size` by days.

    Positions of days without impressions are NaN.
    """
    rows = pairs.within(days)
    rows = rows[code[rows] >= 0]
    place, cells = code[rows] * days.days + pairs.day_in(days, rows), size * days.days
    shown = summed(place, pairs.searches.impressions[rows], cells)
    clicks = summed(place, pairs.searches.clicks[rows], cells)
    position = ratio(summed(place, pairs.searches.impressions[rows] * pairs.searches.position[rows], cells), shown)
    shape = (size, days.days)
    return clicks.astype(np.int64).reshape(shape), shown.astype(np.int64).reshape(shape), position.reshape(shape)
