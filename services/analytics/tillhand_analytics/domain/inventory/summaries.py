"""What is told of the stock as a whole: totals, classes, suppliers, orders, and how reorder points have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.inventory.conformal import BANDS
from tillhand_analytics.domain.inventory.goods import Goods
from tillhand_analytics.domain.inventory.overview import Overview
from tillhand_analytics.domain.inventory.proposing import Purchase, purchases_of
from tillhand_analytics.domain.inventory.suppliers import performance_of
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Floats, Ints, Shop
from tillhand_analytics.domain.tables import Column, Table


@dataclass(frozen=True, slots=True)
class Totals:
    """The stock in a few figures. Values are at cost, of SKUs whose cost is known; None where nothing is."""

    skus: int
    for_sale: int
    out: int
    at_risk: int
    to_reorder: int
    dead: int
    stock_units: int
    stock_value_minor: int
    dead_value_minor: int
    excess_value_minor: int
    on_its_way_units: int
    overdue_units: int
    order_cost_minor: int
    lost_revenue_minor: int | None
    median_days_of_cover: float | None
    service_level: float
    service_level_conformal: float | None
    service_level_textbook: float | None
    lead_times_judged: int


def totals(all_of: Overview) -> Totals:
    """The totals of all SKUs."""
    panel, risk, idle = all_of.panel, all_of.risk, all_of.idle
    standing = np.array(risk.standing)
    value, moving = all_of.worth.stock_value_minor, all_of.cover.days[~np.isnan(all_of.cover.days)]
    lost = all_of.lost.revenue_minor
    return Totals(
        skus=len(panel.skus),
        for_sale=int(panel.for_sale.sum()),
        out=int((standing == "out").sum()),
        at_risk=int((standing == "at_risk").sum()),
        to_reorder=int((all_of.orders.units > 0).sum()),
        dead=int(idle.dead.sum()),
        stock_units=int(np.nansum(panel.on_hand)),
        stock_value_minor=int(np.nansum(value)),
        dead_value_minor=int(np.nansum(value[idle.dead])),
        excess_value_minor=int(np.nansum(idle.excess_units * panel.cost_minor)),
        on_its_way_units=int(panel.incoming.sum()),
        overdue_units=int(risk.overdue.sum()),
        order_cost_minor=int(np.nansum(all_of.orders.cost_minor)),
        lost_revenue_minor=None if np.isnan(lost).all() else int(np.nansum(lost)),
        median_days_of_cover=float(np.median(moving)) if len(moving) else None,
        service_level=all_of.wish.service_level,
        service_level_conformal=_known(all_of.backtest.coverage("conformal")),
        service_level_textbook=_known(all_of.backtest.coverage("textbook")),
        lead_times_judged=int(all_of.backtest.counted.sum()),
    )


def suppliers(shop: Shop) -> Table:
    """How well each supplier delivers, those of the most lines first."""
    found = performance_of(shop.deliveries, shop.last_day)
    order = np.argsort(-found.lines, kind="stable")
    return Table(
        "inventory-suppliers",
        (
            Column("supplier", "text", "Who delivers.", [found.suppliers[place] for place in order.tolist()]),
            _whole("orders", "Purchase orders in the window.", found.orders[order]),
            _whole("lines", "SKUs on them.", found.lines[order]),
            _whole("received_lines", "Lines that came.", found.came[order]),
            _number("on_time_rate", "Lines by the promised day, of those due.", found.on_time[order]),
            _number("on_time_low", "Lower end of its 95 % interval (Wilson).", found.on_time_low[order]),
            _number("on_time_high", "Upper end of its 95 % interval (Wilson).", found.on_time_high[order]),
            _number("lead_time_days_mean", "From order to receipt.", found.lead_mean[order]),
            _number("lead_time_days_median", "Half of the lines took no longer.", found.lead_median[order]),
            _number("lead_time_days_p90", "Nine of ten took no longer.", found.lead_p90[order]),
            _number("promised_days_mean", "From order to the promised day.", found.promised_mean[order]),
            _number("late_days_mean", "Days after the promise, of late lines.", found.late_mean[order]),
            _number("fill_rate", "Units received of those ordered, of lines that came.", found.fill_rate[order]),
            _whole("open_lines", "Lines still to come.", found.open_lines[order]),
            _whole("open_units", "Units on them.", found.open_units[order]),
            _whole("overdue_lines", "Lines that should have come already.", found.overdue_lines[order]),
            _whole("overdue_units", "Units on them.", found.overdue_units[order]),
        ),
    )


def purchases(all_of: Overview) -> Table:
    """One order for each supplier of whom something is due, the most urgent first."""
    found = purchases_of(all_of.panel, all_of.orders, all_of.risk, all_of.basis)

    def whole(name: str, description: str, values: list[int]) -> Column:
        return _whole(name, description, np.array(values, dtype=np.int64))

    return Table(
        "inventory-purchase-orders",
        (
            Column("supplier", "text", "Who delivers; empty where nobody knows.", [each.supplier for each in found]),
            whole("lines", "SKUs to order.", [len(each.rows) for each in found]),
            whole("units", "Units to order.", [each.units for each in found]),
            whole("cost_minor", "What they cost, where that is known.", [each.cost_minor for each in found]),
            Column(
                "cost_complete",
                "boolean",
                "The cost of each line is known.",
                np.array([each.cost_known for each in found], dtype=np.bool_),
            ),
            whole(
                "expected_lost_margin_minor",
                "Margin lost until the delivery, in the mean.",
                [round(each.priority_minor) for each in found],
            ),
            Column("expected_on", "day", "When the last line should be there.", _days(found)),
        ),
    )


def service_levels(all_of: Overview) -> Table:
    """What both methods would have kept in the past half year, by velocity class."""
    backtest, band = all_of.backtest, all_of.basis.forecasts.band[:, list(all_of.backtest.origins)]
    counted = backtest.counted
    size = np.bincount(band[counted], minlength=BANDS).astype(np.float64)

    def mean(values: NDArray[Any]) -> Floats:
        return ratio(np.bincount(band[counted], weights=values[counted], minlength=BANDS).astype(np.float64), size)

    return Table(
        "inventory-service-levels",
        (
            _whole(
                "velocity_class", "Tenth of the SKUs by velocity at the time; 10 is the fastest.", np.arange(BANDS) + 1
            ),
            _whole("lead_times_judged", "Past lead times that are over.", size.astype(np.int64)),
            _number("service_level", "The target.", np.full(BANDS, all_of.wish.service_level)),
            _number(
                "conformal_measured",
                "Share of them that the conformal point covered.",
                mean(backtest.demand <= backtest.conformal),
            ),
            _number(
                "textbook_measured", "Share that the textbook's covered.", mean(backtest.demand <= backtest.textbook)
            ),
            _number("conformal_units", "Mean conformal reorder point.", mean(backtest.conformal)),
            _number("textbook_units", "Mean textbook reorder point.", mean(backtest.textbook)),
        ),
    )


def matrix(all_of: Goods) -> Table:
    """ABC by XYZ: how many SKUs, what they earn, and what their stock is worth."""
    xyz = np.array([name or "none" for name in all_of.xyz.classes])
    cells = [(place, second) for place in range(3) for second in ("X", "Y", "Z", "none")]
    chosen = [(all_of.abc.place == place) & (xyz == second) for place, second in cells]
    value, revenue = np.nan_to_num(all_of.worth.stock_value_minor), all_of.panel.revenue_minor
    return Table(
        "inventory-matrix",
        (
            Column("abc_class", "text", "By revenue.", ["ABC"[place] for place, _ in cells]),
            Column("xyz_class", "text", "By evenness; none without enough demand.", [second for _, second in cells]),
            _whole("skus", "How many.", np.array([rows.sum() for rows in chosen])),
            _whole("revenue_minor", "What they earned.", _sums(revenue, chosen)),
            _whole("stock_value_minor", "Their stock at cost, where that is known.", _sums(value, chosen)),
        ),
    )


def _sums(values: Floats, chosen: list[NDArray[np.bool_]]) -> Ints:
    return np.array([np.rint(values[rows].sum()) for rows in chosen]).astype(np.int64)


def _days(found: tuple[Purchase, ...]) -> NDArray[np.datetime64]:
    return np.array([each.expected_on for each in found], dtype="datetime64[D]")


def _whole(name: str, description: str, values: Ints) -> Column:
    return Column(name, "integer", description, values)


def _number(name: str, description: str, values: Floats) -> Column:
    return Column(name, "number", description, values)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
