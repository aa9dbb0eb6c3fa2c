"""An order to a supplier, as `purchase_order_send` takes it, with what speaks for each of its lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tillhand_analytics.domain.inventory.columns import table_of
from tillhand_analytics.domain.inventory.overview import Overview
from tillhand_analytics.domain.inventory.proposing import Purchase, purchases_of
from tillhand_analytics.domain.inventory.tables import LINES
from tillhand_analytics.domain.paging import rows

TOOL: Final = "purchase_order_send"
MOST_LINES: Final = 200
MOST_EVIDENCE: Final = 40
"""Lines that are spoken for one by one: the approvals take 50 pieces of evidence."""
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """Lines to order from one supplier, most urgent first; `left_out` says which of the due ones are not in it."""

    supplier: str
    lines: tuple[Line, ...]
    total_minor: int
    left_out: tuple[str, ...]
    purchase: Purchase


def order_from(all_of: Overview, supplier: str, skus: Collection[str] | None = None) -> Order | None:
    """What is due from a supplier, or of some SKUs of theirs; None where nothing is.

    A line whose cost is not known cannot be summed, and an order has at most 200 lines: both are left out, and named.
    """
    purchases = purchases_of(all_of.panel, all_of.orders, all_of.risk, all_of.basis)
    purchase = next((each for each in purchases if each.supplier == supplier), None)
    if purchase is None:
        return None
    names = all_of.panel.skus
    wanted = [row for row in purchase.rows.tolist() if skus is None or names[row] in skus]
    priced = [row for row in wanted if all_of.panel.unit_cost_minor[row] >= 0][:MOST_LINES]
    table = table_of("order", all_of, LINES, np.array(priced, dtype=np.int64))
    lines: tuple[Line, ...] = tuple(rows(table, np.arange(len(priced))))
    left = set(wanted) - set(priced)
    total = sum(line["quantity"] * line["unit_cost_minor"] for line in lines)
    return (
        Order(supplier, lines, total, tuple(names[row] for row in wanted if row in left), purchase) if lines else None
    )


def arguments_of(order: Order, *, to: str, currency: str, deliver_by: str | None, note: str) -> Line:
    """The order as the tool takes it."""
    return {
        "supplier": order.supplier,
        "to": to,
        "lines": [
            {name: line[name] for name in ("sku", "title", "quantity", "unit_cost_minor")} for line in order.lines
        ],
        "currency": currency,
        "total_minor": order.total_minor,
        "deliver_by": deliver_by,
        "note": note,
    }


def evidence_of(order: Order) -> Iterator[Line]:
    """What speaks for the order, and for its most urgent lines one by one."""
    yield {"kind": "figure", "name": "expected_lost_margin_minor", "value": round(order.purchase.priority_minor)}
    yield {"kind": "figure", "name": "expected_on", "value": str(order.purchase.expected_on)}
    if order.left_out:
        yield {"kind": "notice", "text": f"Due too, and not in this order: {', '.join(order.left_out[:20])}."}
    if len(order.lines) > MOST_EVIDENCE:
        yield {"kind": "notice", "text": f"The last {len(order.lines) - MOST_EVIDENCE} lines are not spoken for here."}
    for line in order.lines[:MOST_EVIDENCE]:
        yield {"kind": "figure", "name": line["sku"], "value": said(line)}


def said(line: Line) -> str:
    """Why a line is in the order, in one sentence."""
    kept = line["service_level_measured"]
    parts = (
        f"{line['quantity']} units",
        f"{line['units_per_day']:.2f} a day",
        f"{line['on_hand']} on hand, {line['incoming']} on the way",
        f"reorder point {line['reorder_point']} ({line['reorder_method']})",
        f"{line['lead_time_days']:.1f} days of lead time ({line['lead_time_source']})",
        "" if line["stock_out_risk"] is None else f"{line['stock_out_risk']:.0%} likely to run out before",
        "" if kept is None else f"such points kept {kept:.1%} for a target of {line['service_level']:.1%}",
    )
    return "; ".join(part for part in parts if part)
