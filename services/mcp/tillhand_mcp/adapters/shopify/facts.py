"""What figures need beside lists: the shop itself, and what refunds were for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field

from tillhand_mcp.adapters.shopify import documents, shapes
from tillhand_mcp.adapters.shopify.client import ShopifyClient
from tillhand_mcp.adapters.shopify.models import Model, Money, Nothing, RefundId
from tillhand_mcp.adapters.upstreams.standing import Standing
from tillhand_mcp.domain.money import decimal_amount
from tillhand_mcp.ports.connector import Answer
from tillhand_mcp.ports.toolbox import Caller, Progress

MOST_REFUNDS: Final = 25
LINES: Final = 5
"""Lines that come with a refund: so many of the most refunds stay below what one query may cost."""
MORE_LINES: Final = 100


class ShopFacts(Model):
    """The shop. Days are those of `time_zone`, an IANA name."""

    name: str
    domain: str
    currency: str
    time_zone: str


class RefundsWanted(Model):
    """Which refunds."""

    refund_ids: Annotated[list[RefundId], Field(min_length=1, max_length=MOST_REFUNDS)]


class RefundedLine(Model):
    """A part of an order's line that was given back; `tax` is what of it comes on top of `subtotal`."""

    line_id: str
    quantity: int
    subtotal: Money
    tax: Money


class RefundFacts(Model):
    """A refund: the whole of it, and its lines. What it holds beyond lines is shipping, or money alone."""

    id: str
    order_id: str
    created_at: datetime | None
    amount: Money
    lines: list[RefundedLine]


class Refunds(Model):
    """Refunds, in the order in which they were asked for; what does not exist any more is left out."""

    refunds: list[RefundFacts]


class Facts:
    """The tools `shopify_shop` and `shopify_refunds`."""

    def __init__(self, client: ShopifyClient, standing: Standing) -> None:
        self._client = client
        self._standing = standing

    async def shop(self, caller: Caller, given: Nothing, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        """What the shop is called, and by which money and clock it goes."""
        found = (await self._client.read(documents.SHOP))["shop"]
        shop = ShopFacts(
            name=found["name"],
            domain=found["primaryDomain"]["host"],
            currency=found["currencyCode"],
            time_zone=found["ianaTimezone"],
        )
        told = f"{shop.name}, {shop.domain}: {shop.currency}, days of {shop.time_zone}."
        return Answer(shop, told, self._standing.origin())

    async def refunds(self, caller: Caller, given: RefundsWanted, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        """What was given back, line by line."""
        nodes = (await self._client.read(documents.REFUNDS, {"ids": given.refund_ids, "first": LINES}))["nodes"]
        found = [await self._whole(node) for node in nodes if node is not None]
        told = "\n".join(
            f"{each.id} of {each.order_id}: {decimal_amount(each.amount.amount_minor, each.amount.currency)} "
            f"{each.amount.currency}, {len(each.lines)} lines"
            for each in found
        )
        return Answer(Refunds(refunds=found), told or "There are none of them.", self._standing.origin())

    async def _whole(self, node: Mapping[str, Any]) -> RefundFacts:
        page = node["refundLineItems"]
        lines = [_line(each) for each in page["nodes"]]
        while page["pageInfo"]["hasNextPage"]:
            variables = {"id": node["id"], "first": MORE_LINES, "after": page["pageInfo"]["endCursor"]}
            page = (await self._client.read(documents.REFUND_LINES, variables))["node"]["refundLineItems"]
            lines += [_line(each) for each in page["nodes"]]
        return RefundFacts(
            id=node["id"],
            order_id=node["order"]["id"],
            created_at=node["createdAt"],
            amount=shapes.money(node["totalRefundedSet"]["shopMoney"]),
            lines=lines,
        )


def _line(node: Mapping[str, Any]) -> RefundedLine:
    return RefundedLine(
        line_id=node["lineItem"]["id"],
        quantity=node["quantity"],
        subtotal=shapes.money(node["subtotalSet"]["shopMoney"]),
        tax=shapes.money(node["totalTaxSet"]["shopMoney"]),
    )
