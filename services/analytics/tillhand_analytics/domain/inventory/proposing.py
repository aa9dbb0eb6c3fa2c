"""Purchase proposals: what to order now, from whom, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.inventory.quantity import Orders
from tillhand_analytics.domain.inventory.reorder import Backtest, Basis, ReorderMethod
from tillhand_analytics.domain.inventory.risk import Risk
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Floats, Ints


@dataclass(frozen=True, slots=True)
class Purchase:
    """What to order from one supplier; `rows` are places of SKUs in the panel, the most urgent first.

    `cost_minor` is of all lines whose cost is known, and `cost_known` says whether that is all of them.
    `priority_minor` is the margin that is expected to be lost until the delivery: how much waiting would cost.
    `expected_on` is when the last line should be there.
    """

    supplier: str
    rows: Ints
    units: int
    cost_minor: int
    cost_known: bool
    priority_minor: float
    expected_on: np.datetime64


@dataclass(frozen=True, slots=True)
class Service:
    """The service level that was measured for the class of each SKU, and over how many lead times; NaN of none."""

    share: Floats
    observed: Ints


def purchases_of(panel: Panel, orders: Orders, risk: Risk, basis: Basis) -> tuple[Purchase, ...]:
    """One proposal for each supplier of whom something is due, the most urgent first.

    SKUs whose supplier nobody knows are one proposal under an empty name.
    """
    rows = np.flatnonzero(orders.units > 0)
    urgency = np.nan_to_num(risk.lost_margin_minor)
    rows = rows[np.argsort(-urgency[rows], kind="stable")]
    by_supplier: dict[str, list[int]] = {}
    for row in rows.tolist():
        by_supplier.setdefault(panel.suppliers[row], []).append(row)
    made = [
        _purchase(panel, orders, urgency, basis, supplier, np.array(chosen)) for supplier, chosen in by_supplier.items()
    ]
    return tuple(sorted(made, key=lambda each: (-each.priority_minor, each.supplier)))


def _purchase(panel: Panel, orders: Orders, urgency: Floats, basis: Basis, supplier: str, rows: Ints) -> Purchase:
    cost = orders.cost_minor[rows]
    longest = int(np.ceil(basis.leads.mean[rows].max()))
    return Purchase(
        supplier=supplier,
        rows=rows,
        units=int(orders.units[rows].sum()),
        cost_minor=int(np.nansum(cost)),
        cost_known=not bool(np.isnan(cost).any()),
        priority_minor=float(urgency[rows].sum()),
        expected_on=panel.last_day + np.timedelta64(longest, "D"),
    )


def service_of(basis: Basis, backtest: Backtest, method: ReorderMethod = "conformal") -> Service:
    """The share of past lead times in which the reorder point sufficed, among SKUs of the same velocity class.

    The class of a past origin is that which the SKU had then.
    """
    band = basis.forecasts.band
    points = backtest.conformal if method == "conformal" else backtest.textbook
    then = band[:, backtest.origins][backtest.counted].astype(np.int64)
    within = (backtest.demand <= points)[backtest.counted]
    size = int(band.max(initial=0)) + 1
    observed = np.bincount(then, minlength=size)
    share = ratio(np.bincount(then, weights=within, minlength=size).astype(np.float64), observed.astype(np.float64))
    return Service(share[band[:, -1]], observed[band[:, -1]].astype(np.int64))
