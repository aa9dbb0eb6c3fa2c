"""How long deliveries take: from those that came, where enough of them did, else as the supplier promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.records import UNKNOWN, Deliveries, Floats, Ints, Texts

_SOURCES: Final = np.array(["assumed", "promised", "supplier_deliveries", "sku_deliveries"])
LEAST_OF_SKU: Final = 5
LEAST_OF_SUPPLIER: Final = 10
QUANTILES: Final = 8
LONGEST: Final = 365


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """Lead times in days. `quantiles` (n x 8) are the eighths of each SKU's distribution, each at its middle.

    `source` says what they rest on: `sku_deliveries` are at least 5 deliveries of the SKU itself,
    `supplier_deliveries` at least 10 of its supplier, whose delays are laid on what is promised for the SKU,
    `promised` the supplier's word, `assumed` the setting. `observations` counts the deliveries.
    """

    quantiles: Ints
    source: Texts
    observations: Ints

    @property
    def mean(self) -> Floats:
        """The mean lead time."""
        days: Floats = self.quantiles.mean(axis=1)
        return days

    @property
    def deviation(self) -> Floats:
        """The standard deviation; 0 where only a promise is known."""
        days: Floats = self.quantiles.std(axis=1)
        return days

    @property
    def drawn(self) -> Ints:
        """Which quantiles stand for which part of the past, in an order without a trend."""
        return self.quantiles[:, [3, 6, 0, 5, 2, 7, 1, 4]]


@dataclass(frozen=True, slots=True)
class _Observed:
    """Deliveries whose lead time is known: all that came, and how long the overdue ones have taken until today."""

    variant: Ints
    supplier: Ints
    took: Ints
    delay: Ints


def fixed(number: int, days: int) -> LeadTimes:
    """The same lead time for every SKU."""
    return LeadTimes(
        np.full((number, QUANTILES), days, np.int64), ("assumed",) * number, np.zeros(number, dtype=np.int64)
    )


def lead_times_of(panel: Panel, deliveries: Deliveries, assumed_days: int) -> LeadTimes:
    """The lead time of each SKU; `assumed_days` where nothing at all is known."""
    number = len(panel.skus)
    observed = _observed(deliveries, panel.last_day)
    known = panel.lead_time_days != UNKNOWN
    promised = np.where(known, panel.lead_time_days, assumed_days)
    places = {name: place for place, name in enumerate(deliveries.suppliers)}
    supplier = np.array([places.get(name, -1) for name in panel.suppliers], dtype=np.int64)
    delays, of_supplier = _quantiles(observed.supplier, observed.delay, len(places))
    delays = np.vstack([delays, np.zeros((1, QUANTILES), np.int64)])  # the last row is for no supplier
    of_supplier = np.append(of_supplier, 0)
    took, of_sku = _quantiles(observed.variant, observed.took, number)
    by_sku = of_sku >= LEAST_OF_SKU
    by_supplier = ~by_sku & (of_supplier[supplier] >= LEAST_OF_SUPPLIER) & known
    late = np.where(by_supplier[:, None], delays[supplier], 0)
    days = np.clip(np.where(by_sku[:, None], took, promised[:, None] + late), 1, LONGEST)
    source = _SOURCES[np.where(by_sku, 3, np.where(by_supplier, 2, known.astype(np.int64)))]
    observations = np.where(by_sku, of_sku, np.where(by_supplier, of_supplier[supplier], 0))
    return LeadTimes(days, tuple(source.tolist()), observations)


def _observed(deliveries: Deliveries, today: np.datetime64) -> _Observed:
    came = ~np.isnat(deliveries.received_on)
    overdue = ~came & (deliveries.promised_on < today)
    seen = (came | overdue) & (deliveries.variant >= 0) & (deliveries.supplier >= 0)
    ended = np.where(came, deliveries.received_on, today)[seen]
    return _Observed(
        deliveries.variant[seen],
        deliveries.supplier[seen],
        (ended - deliveries.ordered_on[seen]).astype(np.int64),
        (ended - deliveries.promised_on[seen]).astype(np.int64),
    )


def _quantiles(group: Ints, days: Ints, number: int) -> tuple[Ints, Ints]:
    """The middles of the eighths of the days in each group (0 for an empty one), and how many there are."""
    order = np.lexsort((days, group))
    count = np.bincount(group, minlength=number).astype(np.int64)
    start = np.cumsum(count) - count
    middle = (np.arange(QUANTILES) + 0.5) / QUANTILES
    place = start[:, None] + np.floor(middle[None, :] * count[:, None]).astype(np.int64)
    ordered = np.append(days[order], 0)
    return np.where(count[:, None] > 0, ordered[np.minimum(place, len(order))], 0), count
