"""`purchase_order_send`: an order to a supplier by mail, after a person has read and approved it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from tillhand_common.errors import UpstreamError
from tillhand_mcp.adapters.analytics.client import AnalyticsClient
from tillhand_mcp.adapters.analytics.models import Day, Model
from tillhand_mcp.adapters.messages.connector import Line
from tillhand_mcp.adapters.messages.delivery import Delivered, Delivery, told
from tillhand_mcp.domain.changes import figure, notice
from tillhand_mcp.domain.money import decimal_amount
from tillhand_mcp.domain.tools import Json
from tillhand_mcp.errors import CredentialsMissing, ToolRefused
from tillhand_mcp.ports.connector import Answer, AnyTool, Approved, WriteTool

MOST_LINES: Final = 200
PROPOSALS: Final = "/v1/inventory/purchase-proposals"
_EVIDENCE: Final = (
    "quantity",
    "units_per_day",
    "days_of_cover",
    "on_hand",
    "incoming",
    "reorder_point",
    "lead_time_days",
    "stock_out_risk",
    "service_level_measured",
)
"""Columns of a purchase proposal that whoever decides should see."""


class OrderLine(Model):
    """What is ordered, at what price."""

    sku: Line
    title: Line
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    unit_cost_minor: Annotated[int, Field(ge=0, le=10**12)]


class PurchaseOrder(Model):
    """An order to a supplier. `total_minor` is the sum of its lines."""

    supplier: Line
    to: Line = Field(description="The supplier's e-mail address.")
    lines: Annotated[list[OrderLine], Field(min_length=1, max_length=MOST_LINES)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    total_minor: Annotated[int, Field(ge=0, le=10**15)]
    deliver_by: Day | None = None
    note: Annotated[str, Field(max_length=2_000)] = ""


class Purchasing:
    """Sends orders; what speaks for them comes from analytics."""

    def __init__(self, client: AnalyticsClient, delivery: Delivery) -> None:
        self._client = client
        self._delivery = delivery

    def tools(self) -> Sequence[AnyTool]:
        """One tool, which writes."""
        send: WriteTool[Any] = WriteTool(
            "purchase_order_send",
            "Order from a supplier",
            "Propose an order to a supplier. A person reads it with the stock figures behind each line, may edit and "
            "approves it before it is sent by mail.",
            PurchaseOrder,
            Delivered,
            "high",
            self._send,
            subject="/supplier",
            amount="/total_minor",
            currency="/currency",
            cost_of_error="Money is spent on goods that nobody needs, and a supplier is told something wrong.",
            preview=self._evidence,
        )
        return (send,)

    async def _send(self, approved: Approved, given: PurchaseOrder) -> Answer:
        _summed(given)
        message = {"to": given.to, "subject": f"Purchase order {approved.proposal}", "body": letter(given)}
        done = await self._delivery.deliver(approved.key, message)
        return Answer(done, told(done), self._delivery.origin("analytics"))

    async def _evidence(self, given: PurchaseOrder) -> Sequence[Json]:
        """Why each line: from the same proposals that analytics makes. Raises `ToolRefused` for a wrong sum."""
        _summed(given)
        try:
            found = await self._client.get(PROPOSALS, {"supplier": given.supplier, "limit": 1_000})
        except (CredentialsMissing, UpstreamError) as error:
            return [notice(f"No figures: {error}")]
        except ToolRefused as error:
            return [notice(f"No figures for this supplier: {error}")]
        known = {row["sku"]: row for row in found["items"]}
        return [*_source(found["provenance"]), *(each for line in given.lines for each in _of_line(line, known))]


def letter(order: PurchaseOrder) -> str:
    """The order as its supplier reads it."""
    lines = [
        f"{line.quantity:>8} x {line.sku}  {line.title}  at {decimal_amount(line.unit_cost_minor, order.currency)}"
        for line in order.lines
    ]
    by = f"\nPlease deliver by {order.deliver_by}." if order.deliver_by else ""
    note = f"\n\n{order.note}" if order.note else ""
    total = f"Total: {decimal_amount(order.total_minor, order.currency)} {order.currency}"
    return "\n".join(["We order:", "", *lines, "", total]) + by + note + "\n"


def _summed(order: PurchaseOrder) -> None:
    total = sum(line.quantity * line.unit_cost_minor for line in order.lines)
    if total != order.total_minor:
        raise ToolRefused(
            f"total_minor: the lines come to {total}, not {order.total_minor}.", extensions={"reason": "wrong-sum"}
        )


def _source(provenance: Mapping[str, Any]) -> Iterator[Json]:
    if provenance["mode"] != "live":
        yield notice(f"The figures are of {provenance['mode']} data.")
    yield figure("figures_as_of", provenance["computed_at"])


def _of_line(line: OrderLine, known: Mapping[str, Mapping[str, Any]]) -> Iterator[Json]:
    row = known.get(line.sku)
    if row is None:
        yield notice(f"{line.sku}: analytics sees no reason to order it.")
        return
    for name in _EVIDENCE:
        if row.get(name) is not None:
            yield figure(f"{line.sku}: {'proposed_quantity' if name == 'quantity' else name}", row[name])
    if line.quantity > row.get("quantity", line.quantity):
        yield notice(f"{line.sku}: {line.quantity} are more than the {row['quantity']} that analytics proposes.")
