"""How well suppliers deliver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.chance import wilson
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Deliveries, Floats, Ints, Texts


@dataclass(frozen=True, slots=True)
class Performance:
    """A row per supplier. Lines are rows of purchase orders, one SKU each.

    `on_time` is the share of judged lines that came by the promised day: those that came, and those overdue, which did
    not; `on_time_low` and `on_time_high` are its 95 % interval (Wilson 1927). Lead times in days are those of lines
    that came, `late_mean` the mean days after the promise of those that came late. `fill_rate` is units received by
    units ordered of lines that came. What is open is still to come, what is overdue was promised for before today.
    """

    suppliers: Texts
    orders: Ints
    lines: Ints
    came: Ints
    on_time: Floats
    on_time_low: Floats
    on_time_high: Floats
    lead_mean: Floats
    lead_median: Floats
    lead_p90: Floats
    promised_mean: Floats
    late_mean: Floats
    fill_rate: Floats
    open_lines: Ints
    open_units: Ints
    overdue_lines: Ints
    overdue_units: Ints


def performance_of(deliveries: Deliveries, today: np.datetime64) -> Performance:
    """The performance of every supplier, in the order of the records."""
    counts = _Counts(deliveries.supplier, len(deliveries.suppliers))
    came = ~np.isnat(deliveries.received_on)
    overdue = ~came & (deliveries.promised_on < today)
    on_time = came & (deliveries.received_on <= deliveries.promised_on)
    lead, late = _days(deliveries.received_on, deliveries.ordered_on), came & ~on_time
    arrived, judged = counts.of(came), counts.of(came | overdue)
    low, high = wilson(counts.of(on_time), judged)
    median, p90 = counts.quantiles(lead, came, (0.5, 0.9))
    return Performance(
        suppliers=deliveries.suppliers,
        orders=_orders(deliveries, len(deliveries.suppliers)),
        lines=counts.of(np.ones(len(came), np.bool_)).astype(np.int64),
        came=arrived.astype(np.int64),
        on_time=ratio(counts.of(on_time), judged),
        on_time_low=low,
        on_time_high=high,
        lead_mean=ratio(counts.of(came, lead), arrived),
        lead_median=median,
        lead_p90=p90,
        promised_mean=ratio(counts.of(came, _days(deliveries.promised_on, deliveries.ordered_on)), arrived),
        late_mean=ratio(
            counts.of(late, _days(deliveries.received_on, deliveries.promised_on)),
            counts.of(late),
        ),
        fill_rate=ratio(counts.of(came, deliveries.received), counts.of(came, deliveries.ordered)),
        open_lines=counts.of(~came).astype(np.int64),
        open_units=counts.of(~came, deliveries.ordered).astype(np.int64),
        overdue_lines=counts.of(overdue).astype(np.int64),
        overdue_units=counts.of(overdue, deliveries.ordered).astype(np.int64),
    )


class _Counts:
    """Counts and sums of rows by supplier; rows without one are left out."""

    def __init__(self, supplier: Ints, number: int) -> None:
        self._known = supplier >= 0
        self._supplier = supplier
        self._number = number

    def of(self, chosen: Bools, values: Ints | None = None) -> Floats:
        """How many rows are chosen, or the sum of their values."""
        rows = chosen & self._known
        weights = None if values is None else values[rows]
        total: Floats = np.bincount(self._supplier[rows], weights=weights, minlength=self._number).astype(np.float64)
        return total

    def quantiles(self, values: Ints, chosen: Bools, levels: tuple[float, ...]) -> tuple[Floats, ...]:
        """Quantiles of the chosen rows' values; NaN of none."""
        result = np.full((len(levels), self._number), np.nan)
        for supplier in range(self._number):
            rows = chosen & (self._supplier == supplier)
            if rows.any():
                result[:, supplier] = np.quantile(values[rows], levels)
        return tuple(result)


def _days(
    later: np.ndarray[tuple[int], np.dtype[np.datetime64]], earlier: np.ndarray[tuple[int], np.dtype[np.datetime64]]
) -> Ints:
    """Days between; of NaT a number that is never looked at."""
    between: Ints = (later - earlier).astype("timedelta64[D]").astype(np.int64)
    return between


def _orders(deliveries: Deliveries, number: int) -> Ints:
    """Purchase orders by supplier."""
    known = deliveries.supplier >= 0
    apart = len(deliveries.ids) + 1
    pairs = np.unique(deliveries.supplier[known] * apart + deliveries.purchase[known])
    return np.bincount(pairs // apart, minlength=number).astype(np.int64)
