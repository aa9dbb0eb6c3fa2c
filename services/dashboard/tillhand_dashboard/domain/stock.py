"""The views of the stock: which table each shows, and in which columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tillhand_dashboard.domain.figures import Column

STANDINGS: Final[Mapping[str, str]] = {
    "out": "bad",
    "at_risk": "warn",
    "reorder": "warn",
    "enough": "good",
    "not_for_sale": "plain",
    "stock_unknown": "unknown",
}
_SKU: Final = Column("sku", "SKU")
_TITLE: Final = Column("title", "Title")
_SUPPLIER: Final = Column("supplier", "Supplier")
_STANDING: Final = Column("standing", "Standing", "word", STANDINGS)
_ON_HAND: Final = Column("on_hand", "On hand", "integer")
_PER_DAY: Final = Column("units_per_day", "Units a day", "number")
_COVER: Final = Column("days_of_cover", "Days of cover", "number")
_RISK: Final = Column("stock_out_risk", "Risk to run out", "share")
_POINT: Final = Column("reorder_point", "Reorder point", "integer")
_ORDER: Final = Column("order_quantity", "To order", "integer")
_VALUE: Final = Column("stock_value_minor", "Stock at cost", "money")
_SHORT: Final = Column("expected_lost_margin_minor", "Margin at stake", "money")


@dataclass(frozen=True, slots=True)
class Stock:
    """A view. `filters` are the choices that its table takes beside the search."""

    id: str
    title: str
    about: str
    path: str
    columns: Sequence[Column]
    sort: str = ""
    filters: Sequence[str] = ("search", "supplier", "abc_class", "standing")
    parameters: Mapping[str, str] = field(default_factory=dict)


_GOODS: Final = ("search", "supplier", "abc_class")
_ALL: Final = (_SKU, _TITLE, _STANDING, _ON_HAND, _PER_DAY, _COVER, _RISK, _POINT, _VALUE)
VIEWS: Final = (
    Stock("all", "All SKUs", "Every SKU, in the order of the shop.", "inventory/skus", _ALL),
    Stock(
        "fast",
        "Fast movers",
        "What sells the most units a day, counted over the days on which there was any.",
        "inventory/skus",
        (
            _SKU,
            _TITLE,
            _STANDING,
            _PER_DAY,
            Column("velocity_decile", "Velocity tenth", "integer"),
            _ON_HAND,
            _COVER,
            Column("revenue_minor", "Revenue", "money"),
        ),
        "-units_per_day",
    ),
    Stock(
        "at-risk",
        "At risk",
        "Out of stock, or likely to be before a new order could come; what costs most comes first.",
        "inventory/at-risk",
        (_SKU, _TITLE, _STANDING, _ON_HAND, Column("incoming", "On its way", "integer"), _COVER, _RISK, _SHORT),
    ),
    Stock(
        "reorder",
        "Reorder",
        "What is at or below its reorder point, and how often such points have sufficed in the past half year.",
        "inventory/reorder",
        (
            _SKU,
            _TITLE,
            Column("position", "Stock and on its way", "integer"),
            _POINT,
            _ORDER,
            Column("order_cost_minor", "Cost", "money"),
            Column("service_level", "Target", "share"),
            Column("service_level_measured", "Kept so far", "share"),
        ),
        parameters={"due": "true"},
    ),
    Stock(
        "dead",
        "Dead stock",
        "Nothing sold in 90 days, all of them on sale; by its value.",
        "inventory/dead-stock",
        (
            _SKU,
            _TITLE,
            _SUPPLIER,
            _ON_HAND,
            _VALUE,
            Column("last_sale_on", "Last sale"),
            Column("idle_days", "Idle days", "integer"),
        ),
        filters=_GOODS,
    ),
    Stock(
        "overstock",
        "Overstock",
        "Stock beyond 180 days of demand; by its value.",
        "inventory/overstock",
        (
            _SKU,
            _TITLE,
            _ON_HAND,
            _PER_DAY,
            _COVER,
            Column("excess_units", "Units too many", "integer"),
            Column("excess_value_minor", "Those at cost", "money"),
        ),
        filters=_GOODS,
    ),
    Stock(
        "orders",
        "Orders to place",
        "What is due by supplier, the most urgent first. Open one to read its lines and to propose it.",
        "inventory/purchase-orders",
        (
            _SUPPLIER,
            Column("lines", "Lines", "integer"),
            Column("units", "Units", "integer"),
            Column("cost_minor", "Cost", "money"),
            _SHORT,
            Column("expected_on", "Would be here on"),
        ),
        filters=(),
    ),
    Stock(
        "suppliers",
        "Suppliers",
        "How suppliers deliver. Lines are rows of purchase orders; the interval is Wilson's, of 95 %.",
        "inventory/suppliers",
        (
            _SUPPLIER,
            Column("on_time_rate", "On time", "share"),
            Column("on_time_low", "at least", "share"),
            Column("on_time_high", "at most", "share"),
            Column("lead_time_days_median", "Days, median", "number"),
            Column("lead_time_days_p90", "Days, 9 of 10", "number"),
            Column("fill_rate", "In full", "share"),
            Column("overdue_units", "Overdue units", "integer"),
        ),
        filters=(),
    ),
)
LINES: Final = (
    _SKU,
    _TITLE,
    Column("quantity", "To order", "integer"),
    Column("unit_cost_minor", "Unit cost", "money"),
    Column("order_cost_minor", "Cost", "money"),
    _ON_HAND,
    _PER_DAY,
    _COVER,
    _POINT,
    _RISK,
)
DAYS: Final = (
    Column("day", "Day"),
    Column("expected", "Expected units", "number"),
    Column("low", "At least", "number"),
    Column("high", "At most", "number"),
)
TOTALS: Final = (
    ("skus", "SKUs", "integer", ""),
    ("out", "out of stock", "integer", "at-risk"),
    ("at_risk", "at risk", "integer", "at-risk"),
    ("to_reorder", "to reorder", "integer", "reorder"),
    ("dead", "dead", "integer", "dead"),
    ("stock_value_minor", "stock at cost", "money", ""),
    ("dead_value_minor", "of it dead", "money", "dead"),
    ("order_cost_minor", "cost of what is due", "money", "orders"),
    ("lost_revenue_minor", "not sold in 90 days for want of stock", "money", ""),
    ("service_level_conformal", "lead times in which points sufficed", "share", "reorder"),
)
FACTS: Final = (
    (
        "Stock",
        (
            Column("on_hand", "On hand", "integer"),
            Column("sellable", "Sellable", "integer"),
            Column("incoming", "On its way", "integer"),
            Column("overdue", "Of it overdue", "integer"),
            _COVER,
            _VALUE,
        ),
    ),
    (
        "Demand",
        (
            Column("units_per_day_7", "Units a day, 7 days", "number"),
            Column("units_per_day_28", "Units a day, 28 days", "number"),
            Column("units_per_day_90", "Units a day, 90 days", "number"),
            Column("demand_class", "How it sells", "word"),
            Column("abc_class", "By revenue (ABC)"),
            Column("xyz_class", "By evenness (XYZ)"),
            Column("revenue_minor", "Revenue", "money"),
            Column("gross_margin_minor", "Gross margin", "money"),
        ),
    ),
    (
        "Risk and order",
        (
            _RISK,
            _SHORT,
            Column("lead_time_days", "Lead time in days", "number"),
            Column("lead_time_source", "Known from", "word"),
            Column("lead_time_observations", "Deliveries behind it", "integer"),
            _POINT,
            Column("safety_stock", "Of it safety", "number"),
            _ORDER,
            Column("service_level", "Target", "share"),
            Column("service_level_measured", "Kept by such points", "share"),
            Column("service_level_observations", "Lead times behind that", "integer"),
        ),
    ),
    (
        "Missed for want of stock, 90 days",
        (
            Column("out_of_stock_days", "Days without stock", "integer"),
            Column("lost_units", "Units not sold", "number"),
            Column("lost_revenue_minor", "Revenue", "money"),
        ),
    ),
)


def view_of(name: str) -> Stock:
    """The view of this name; the first one for any other."""
    return next((view for view in VIEWS if view.id == name), VIEWS[0])
