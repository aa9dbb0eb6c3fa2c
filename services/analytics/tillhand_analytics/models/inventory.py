"""Inventory as it is told: a row per SKU, supplier or class, and the totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final

from pydantic import Field, create_model

from tillhand_analytics.domain.inventory import tables
from tillhand_analytics.domain.inventory.columns import Spec
from tillhand_analytics.domain.tables import Kind
from tillhand_analytics.models.base import In, Out

_TYPES: Final[dict[Kind, Any]] = {"text": str, "integer": int, "number": float, "boolean": bool, "day": date}


def _row(name: str, description: str, specs: Sequence[Spec]) -> type[Out]:
    """The model of a table's rows, field by field as its columns are described."""
    fields: dict[str, Any] = {
        spec.name: (
            Annotated[
                _TYPES[spec.kind] | None if spec.missing else _TYPES[spec.kind], Field(description=spec.description)
            ],
            ...,
        )
        for spec in specs
    }
    return create_model(name, __base__=Out, __doc__=description, **fields)


SkuOut = _row("SkuOut", "All that is known of a SKU's stock.", tables.SKUS)
AtRiskOut = _row("AtRiskOut", "A SKU that is out of stock, or likely to be.", tables.AT_RISK)
AbcOut = _row("AbcOut", "A SKU by what it earns and how it sells.", tables.ABC)
DeadStockOut = _row("DeadStockOut", "Stock that nobody buys.", tables.DEAD)
OverstockOut = _row("OverstockOut", "Stock beyond what is needed.", tables.OVERSTOCK)
ReorderOut = _row("ReorderOut", "When to reorder a SKU, and how sure that is.", tables.REORDER)
PurchaseLineOut = _row("PurchaseLineOut", "A line to order, with what speaks for it.", tables.LINES)


class SupplierOut(Out):
    """How well a supplier delivers. Lines are rows of purchase orders, one SKU each."""

    supplier: str
    orders: int
    lines: int
    received_lines: int
    on_time_rate: float | None = Field(description="Lines that came by the promised day, of those that were due.")
    on_time_low: float | None = Field(description="Lower end of its 95 % interval (Wilson).")
    on_time_high: float | None = Field(description="Upper end of its 95 % interval (Wilson).")
    lead_time_days_mean: float | None
    lead_time_days_median: float | None
    lead_time_days_p90: float | None
    promised_days_mean: float | None
    late_days_mean: float | None = Field(description="Days after the promise, of lines that came late.")
    fill_rate: float | None = Field(description="Units received of those ordered, of lines that came.")
    open_lines: int
    open_units: int
    overdue_lines: int
    overdue_units: int


class PurchaseOrderOut(Out):
    """What to order from one supplier."""

    supplier: str = Field(description="Empty where nobody knows who delivers.")
    lines: int
    units: int
    cost_minor: int
    cost_complete: bool = Field(description="The cost of each line is known.")
    expected_lost_margin_minor: int = Field(description="Margin that is lost until the delivery, in the mean.")
    expected_on: date = Field(description="When the last line should be there.")


class ServiceLevelOut(Out):
    """What reorder points of both methods would have kept in the past half year, for one velocity class."""

    velocity_class: int = Field(description="Tenth of the SKUs by velocity at the time; 10 is the fastest.")
    lead_times_judged: int
    service_level: float
    conformal_measured: float | None
    textbook_measured: float | None
    conformal_units: float | None = Field(description="Mean reorder point in units.")
    textbook_units: float | None = Field(description="Mean reorder point in units.")


class MatrixOut(Out):
    """One cell of ABC by XYZ."""

    abc_class: str
    xyz_class: str = Field(description="`none` where there is too little demand to tell.")
    skus: int
    revenue_minor: int
    stock_value_minor: int


class TotalsOut(Out):
    """The stock in a few figures; values are at cost, of SKUs whose cost is known."""

    skus: int
    for_sale: int
    out: int = Field(description="SKUs for sale of which nothing is left.")
    at_risk: int = Field(description="SKUs that are likely to run out before a new order could come.")
    to_reorder: int = Field(description="SKUs that should be ordered now.")
    dead: int = Field(description="SKUs with stock and without a sale for so many days.")
    stock_units: int
    stock_value_minor: int
    dead_value_minor: int
    excess_value_minor: int = Field(description="Stock beyond so many days of demand.")
    on_its_way_units: int
    overdue_units: int
    order_cost_minor: int = Field(description="Of all that should be ordered now.")
    lost_revenue_minor: int | None = Field(description="Not sold in 90 days for want of stock; null where unobserved.")
    median_days_of_cover: float | None
    service_level: float = Field(description="The target.")
    service_level_conformal: float | None = Field(description="Kept in the past half year, by the default method.")
    service_level_textbook: float | None = Field(description="What the textbook's formula would have kept.")
    lead_times_judged: int


class PurchaseIn(In):
    """An order to be proposed: all that is due from a supplier, or some SKUs of it."""

    supplier: str = Field(min_length=1, max_length=200)
    to: str = Field(min_length=3, max_length=320, description="The supplier's e-mail address.")
    skus: list[Annotated[str, Field(min_length=1, max_length=200)]] | None = Field(
        default=None, min_length=1, max_length=200, description="Only these of the SKUs that are due."
    )
    deliver_by: date | None = None
    note: str = Field(default="", max_length=2_000, description="What the supplier should know.")


class ProposedOut(Out):
    """A proposal that waits for a person, or that a policy has decided already."""

    proposal_id: str
    state: str
    supplier: str
    lines: int
    total_minor: int
    left_out: list[str] = Field(description="SKUs that are due too: of unknown cost, or too many for one order.")
