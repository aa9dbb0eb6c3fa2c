"""What must hold of the shop for a proposed write: looked at when it is proposed, and again just before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tillhand_mcp.adapters.shopify import shapes
from tillhand_mcp.adapters.shopify.proposals import PriceChange, Refund
from tillhand_mcp.domain.money import minor_units
from tillhand_mcp.errors import ToolRefused

_TAKEN: Final = frozenset({"SALE", "CAPTURE"})
Node = Mapping[str, Any]


def same_currency(given: str, currency: str) -> None:
    """The amount is in the shop's own currency. Raises `ToolRefused`."""
    if currency != given:
        raise ToolRefused(f"currency: the shop sells in {currency}.", extensions={"reason": "another-currency"})


def the_variant(node: Node | None, given: PriceChange, currency: str) -> Node:
    """The variant that is meant. Raises `ToolRefused`."""
    same_currency(given.currency, currency)
    if node is None or node["product"]["id"] != given.product_id:
        raise ToolRefused("variant_id: the product has no such variant.", extensions={"reason": "not-found"})
    return node


def same_price(node: Node, given: PriceChange, currency: str) -> None:
    """The price still is what it was when the change was thought of. Raises `ToolRefused`."""
    if minor_units(node["price"], currency) != given.expected_price_minor:
        raise ToolRefused(
            f"expected_price_minor: the price is {node['price']} {currency} by now.",
            extensions={"reason": "price-changed"},
        )


def refundable(order: Node | None, given: Refund) -> int:
    """What can still be given back, in minor units; at least what is asked for. Raises `ToolRefused`."""
    if order is None:
        raise ToolRefused("order_id: there is no such order.", extensions={"reason": "not-found"})
    total, refunded = (shapes.money(order[name]["shopMoney"]) for name in ("totalPriceSet", "totalRefundedSet"))
    if total.currency != given.currency:
        raise ToolRefused(f"currency: the order is in {total.currency}.", extensions={"reason": "another-currency"})
    if order["presentmentCurrencyCode"] != total.currency:  # which Shopify would take the amount for
        raise ToolRefused(
            f"order_id: it was paid in {order['presentmentCurrencyCode']}; refund it in the shop's admin.",
            extensions={"reason": "paid-in-another-currency"},
        )
    left = total.amount_minor - refunded.amount_minor if order["refundable"] else 0
    if given.amount_minor > left:
        raise ToolRefused(
            f"amount_minor: only {left} can be given back.", extensions={"reason": "more-than-refundable"}
        )
    return left


def payment(order: Node) -> Node:
    """The payment through which money can go back. Raises `ToolRefused`."""
    taken = (each for each in order["transactions"] if each["kind"] in _TAKEN and each["status"] == "SUCCESS")
    paid: Node | None = next(taken, None)
    if paid is None:
        raise ToolRefused("order_id: no payment of this order was taken.", extensions={"reason": "not-paid"})
    return paid
