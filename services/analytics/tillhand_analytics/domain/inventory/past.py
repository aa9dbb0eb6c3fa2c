"""What was known of each SKU at the end of every week, and what its stock then had to last for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.inventory.leads import QUANTILES, LeadTimes
from tillhand_analytics.domain.inventory.panel import Matrix, Panel
from tillhand_analytics.domain.inventory.windows import DAYS_OF_A_WEEK, Sales, running, weekly_days, weeks_of
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats, Ints

SHORT_WEEKS: Final = 4
LONG_WEEKS: Final = 13
LEAST_DAYS: Final = 28
"""Days that a SKU must have been available before it is forecast from its own demand."""


@dataclass(frozen=True, slots=True)
class Past:
    """Features at each origin, n x (weeks + 1): the evening before the first whole week, and that of every week.

    `rate` is the forecast in units a day, the mean of the rates of the last 4 and 13 weeks. `size` is the typical
    demand of a day that has any (the geometric mean of all such days so far, which single large orders hardly move).
    `long_rate` and `deviation` are the mean and the standard deviation of daily demand over 13 weeks: the textbook's.
    `eligible` marks SKUs with at least 28 available days so far.
    """

    rate: Floats
    long_rate: Floats
    size: Floats
    deviation: Floats
    eligible: Bools

    @property
    def origins(self) -> int:
        """How many origins there are; the last one is now."""
        return int(self.rate.shape[1])


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Demand over the lead time that followed each origin, n x origins, and after how many days it was over.

    NaN where the future is not over, or where the SKU was out of stock for more than half of it; where it was out for
    less, the demand of its available days stands for the others too. `end` counts days after the origin.
    """

    demand: Floats
    end: Ints


def past_of(panel: Panel) -> Past:
    """The features of all SKUs at all origins."""
    sold = Sales(panel)
    units, available = running(sold.weekly(np.positive)), running(weekly_days(panel.available))
    sales, squares = running(sold.weekly(np.ones_like)), running(sold.weekly(np.square))
    sizes = running(sold.weekly(np.log))
    span, total, square = (_lagged(sums, LONG_WEEKS) for sums in (available, units, squares))
    long_rate = ratio(total, span)
    short_rate = ratio(_lagged(units, SHORT_WEEKS), _lagged(available, SHORT_WEEKS))
    long_rate = np.where(np.isnan(long_rate), np.nan_to_num(ratio(units, available)), long_rate)
    rate = (long_rate + np.where(np.isnan(short_rate), long_rate, short_rate)) / 2
    variance = ratio(square - span * long_rate * long_rate, span - 1)
    return Past(
        rate=rate,
        long_rate=long_rate,
        size=np.exp(np.nan_to_num(ratio(sizes, sales))),
        deviation=np.sqrt(np.maximum(np.nan_to_num(variance), 0.0)),
        eligible=available >= LEAST_DAYS,
    )


def outcomes_of(panel: Panel, leads: LeadTimes) -> Outcomes:
    """What was asked for in the lead time after each origin.

    The lead times of one SKU take turns, so that their spread is in the outcomes as it is in the deliveries.
    """
    weeks, days = weeks_of(panel.days), panel.days
    origin = days - DAYS_OF_A_WEEK * np.arange(weeks, -1, -1)
    turn = (np.arange(len(panel.skus))[:, None] * 3 + np.arange(weeks + 1)[None, :]) % QUANTILES
    lead = np.take_along_axis(leads.drawn, turn, axis=1)
    end = origin[None, :] + lead
    over = end <= days
    stop = np.where(over, end, days)
    asked = _between(panel.units, origin, stop)
    open_days = _between(panel.available, origin, stop)
    usable = over & (2 * open_days >= lead)
    return Outcomes(np.where(usable, ratio(asked * lead, open_days), np.nan), lead)


def _lagged(sums: Floats, weeks: int) -> Floats:
    """The sum of the last so many weeks at each origin, of all that there are in the beginning."""
    result = sums.copy()
    result[:, weeks:] -= sums[:, :-weeks] if weeks < sums.shape[1] else 0
    return result


def _between(matrix: Matrix | Bools, start: Ints, stop: Ints) -> Floats:
    """Sums from one day index (of all SKUs) to another (of each), the latter not in it.

    In whole numbers, which are added up ten times as fast as others.
    """
    total = np.zeros((matrix.shape[0], matrix.shape[1] + 1), np.int32)
    np.cumsum(matrix.astype(np.int32), axis=1, out=total[:, 1:])
    return (np.take_along_axis(total, stop, axis=1) - total[:, start]).astype(np.float64)
