"""The columns that tables of SKUs are made of: each described once, wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.inventory.goods import Goods
from tillhand_analytics.domain.inventory.overview import Overview
from tillhand_analytics.domain.records import Floats, Ints, Texts
from tillhand_analytics.domain.tables import Column, Kind, Table

Values = Sequence[str | None] | NDArray[Any]


@dataclass(frozen=True, slots=True)
class Spec:
    """A column of a table of SKUs. `missing` says that a cell may be empty.

    `of` takes the `Overview`, or the mere `Goods` where the column needs no more.
    """

    name: str
    kind: Kind
    description: str
    of: Callable[[Any], Values]
    missing: bool = False


def table_of(name: str, goods: Goods, specs: Sequence[Spec], rows: Ints) -> Table:
    """A table of some SKUs, in the order of `rows`."""
    return Table(name, tuple(_column(spec, spec.of(goods), rows) for spec in specs))


def _column(spec: Spec, values: Values, rows: Ints) -> Column:
    if isinstance(values, np.ndarray):
        chosen = values[rows]
        known = np.isfinite(chosen) if spec.kind == "integer" and chosen.dtype.kind == "f" else None
        if known is not None:
            chosen = np.where(known, chosen, 0).astype(np.int64)
        return Column(spec.name, spec.kind, spec.description, chosen, known)
    everything = len(rows) == len(values) and bool((rows == np.arange(len(values))).all())
    texts = values if everything else [values[row] for row in rows.tolist()]
    return Column(spec.name, spec.kind, spec.description, texts)


def whole(values: Floats) -> Floats:
    """Amounts and units that are told in whole numbers."""
    return np.rint(values)


def unknown(values: Ints) -> Floats:
    """Whole numbers of which -1 says that nobody knows."""
    return np.where(values < 0, np.nan, values.astype(np.float64))


def constant(value: float) -> Callable[[Overview], Values]:
    """The same number in every row."""
    return lambda all_of: np.full(len(all_of.panel.skus), value)


def _methods(all_of: Overview) -> Texts:
    return tuple(np.where(all_of.points.conformal, "conformal", "textbook").tolist())


IDENTITY: Final = (
    Spec("sku", "text", "The stock keeping unit.", lambda each: each.panel.skus),
    Spec("title", "text", "Product and variant.", lambda each: each.shop.variants.titles),
    Spec("category", "text", "The product's type.", lambda each: each.shop.variants.categories),
    Spec("supplier", "text", "Who delivers it; empty where nobody knows.", lambda each: each.panel.suppliers),
)
STANDING: Final = (
    Spec(
        "standing",
        "text",
        "out, at_risk, reorder, enough, not_for_sale or stock_unknown.",
        lambda each: each.risk.standing,
    ),
)
STOCK: Final = (
    Spec("on_hand", "integer", "Units at all locations.", lambda each: each.panel.on_hand, True),
    Spec("sellable", "integer", "Units that no customer has ordered yet.", lambda each: each.panel.sellable, True),
    Spec("incoming", "integer", "Units ordered from the supplier, not yet received.", lambda each: each.panel.incoming),
    Spec("overdue", "integer", "Units of those that should have come already.", lambda each: each.risk.overdue),
    Spec("ordered", "integer", "Incoming by orders that were approved here.", lambda each: each.ordered.sent),
    Spec("waiting", "integer", "Units in orders that nobody has decided yet.", lambda each: each.ordered.waiting),
)
SPEED: Final = (
    Spec("units_per_day", "number", "Velocity to plan with: 28 days, else 90.", lambda each: each.per_day),
    Spec("units_per_day_7", "number", "Units a day over 7 days in stock.", lambda each: each.velocity.over(7), True),
    Spec("units_per_day_28", "number", "Units a day over 28 days in stock.", lambda each: each.velocity.over(28), True),
    Spec("units_per_day_90", "number", "Units a day over 90 days in stock.", lambda each: each.velocity.over(90), True),
    Spec("velocity_decile", "integer", "10 is the fastest tenth, 0 has no demand.", lambda each: each.deciles),
)
COVER: Final = (
    Spec("days_of_cover", "number", "Days that the sellable stock lasts.", lambda each: each.cover.days, True),
    Spec("no_cover_because", "text", "no_demand or stock_unknown; else empty.", lambda each: each.cover.reasons),
)
CLASSES: Final = (
    Spec("revenue_minor", "integer", "Sold less discounts and refunds.", lambda each: each.panel.revenue_minor),
    Spec("revenue_share", "number", "Its share of all revenue.", lambda each: each.abc.share),
    Spec("revenue_cumulative_share", "number", "With all that earn more.", lambda each: each.abc.cumulative),
    Spec("abc_class", "text", "A, B or C, by revenue.", lambda each: each.abc.classes),
    Spec("xyz_class", "text", "X, Y or Z, by how evenly it sells.", lambda each: each.xyz.classes, True),
    Spec(
        "weekly_variation", "number", "Deviation of weekly demand by its mean.", lambda each: each.xyz.variation, True
    ),
    Spec("demand_class", "text", "smooth, erratic, intermittent, lumpy or none.", lambda each: each.shape.classes),
    Spec("demand_interval_days", "number", "Days from sale to sale.", lambda each: each.shape.interval, True),
    Spec("size_variation", "number", "Squared variation of a day's sales.", lambda each: each.shape.variation, True),
)
WORTH: Final = (
    Spec("price_minor", "integer", "Price of a unit.", lambda each: unknown(each.panel.price_minor), True),
    Spec("unit_cost_minor", "integer", "Cost of a unit.", lambda each: unknown(each.panel.unit_cost_minor), True),
    Spec("stock_value_minor", "integer", "At cost.", lambda each: whole(each.worth.stock_value_minor), True),
    Spec(
        "gross_margin_minor",
        "integer",
        "Earned in the window.",
        lambda each: whole(each.worth.gross_margin_minor),
        True,
    ),
    Spec(
        "sell_through",
        "number",
        "Sold in 90 days by that and what is left.",
        lambda each: each.worth.sell_through,
        True,
    ),
    Spec("gmroi", "number", "Gross margin of a year by stock at cost.", lambda each: each.worth.gmroi, True),
)
RISK: Final = (
    Spec("stock_out_risk", "number", "Chance to run out within the lead time.", lambda each: each.risk.chance, True),
    Spec("expected_short", "number", "Units missing then, in the mean.", lambda each: each.risk.expected_short, True),
    Spec(
        "expected_lost_margin_minor",
        "integer",
        "Margin that those would have earned.",
        lambda each: whole(each.risk.lost_margin_minor),
        True,
    ),
)
LEADS: Final = (
    Spec("lead_time_days", "number", "Mean days from order to delivery.", lambda each: each.basis.leads.mean),
    Spec(
        "lead_time_source",
        "text",
        "sku_deliveries, supplier_deliveries, promised or assumed.",
        lambda each: each.basis.leads.source,
    ),
    Spec("lead_time_observations", "integer", "Deliveries behind it.", lambda each: each.basis.leads.observations),
)
POINT: Final = (
    Spec("expected_demand", "number", "Units expected in the lead time.", lambda each: each.points.expected),
    Spec("safety_stock", "number", "What the reorder point adds to that.", lambda each: each.points.safety),
    Spec("reorder_point", "integer", "Order when the position is at or below.", lambda each: each.points.units),
    Spec("reorder_method", "text", "conformal, or textbook where too little is known.", _methods),
    Spec("service_level", "number", "The target.", lambda each: constant(each.wish.service_level)(each)),
    Spec(
        "service_level_measured",
        "number",
        "What the method kept for this velocity class in the past half year.",
        lambda each: each.service.share,
        True,
    ),
    Spec("service_level_observations", "integer", "Lead times behind that.", lambda each: each.service.observed),
)
ORDER: Final = (
    Spec("order_due", "boolean", "The position is at or below the reorder point.", lambda each: each.orders.due),
    Spec("order_quantity", "integer", "Units to order now.", lambda each: each.orders.units),
    Spec("order_cost_minor", "integer", "What they cost.", lambda each: whole(each.orders.cost_minor), True),
)
LOST: Final = (
    Spec("out_of_stock_days", "integer", "Days of the last 90 without stock.", lambda each: each.lost.out_days, True),
    Spec("lost_units", "number", "Units not sold on those.", lambda each: each.lost.units, True),
    Spec("lost_revenue_minor", "integer", "At today's price.", lambda each: whole(each.lost.revenue_minor), True),
)
