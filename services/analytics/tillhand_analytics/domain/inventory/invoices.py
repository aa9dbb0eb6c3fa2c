"""Demand out of a ledger of invoice lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics import errors
from tillhand_analytics.domain.inventory.panel import Matrix, demand
from tillhand_analytics.domain.records import Ints, Texts
from tillhand_analytics.domain.sales.ledger import Ledger, explained


@dataclass(frozen=True, slots=True)
class Demand:
    """Units of each SKU by day, cancelled ones taken out; n x d."""

    skus: Texts
    first_day: np.datetime64
    units: Matrix


def demand_of(ledger: Ledger) -> Demand:
    """The demand for goods that have a price, from the first to the last of their days. Raises `BadFigure`.

    Goods of which every sale was cancelled are SKUs without demand.
    """
    priced = ledger.goods & ~ledger.adjusts & (ledger.unit_price_micros > 0) & ~np.isnat(ledger.at)
    rows = np.flatnonzero(priced)
    if rows.size == 0:
        raise errors.BadFigure("The file holds no line with goods, a day and a price.", field="data")
    kept = explained(ledger).net_units[rows]
    codes, sku = np.unique(ledger.code[rows], return_inverse=True)
    days = ledger.at[rows].astype("datetime64[D]")
    first_day = days.min()
    day: Ints = (days - first_day).astype(np.int64)
    units = demand(sku, day, kept, (len(codes), int(day.max()) + 1))
    return Demand(tuple(ledger.codes[code] for code in codes.tolist()), first_day, units)
