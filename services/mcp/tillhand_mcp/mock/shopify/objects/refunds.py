"""What was given back, and what could be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tillhand_mcp.mock.shopify.connections import Page
from tillhand_mcp.mock.shopify.context import Args, Context, Table, empty, plain
from tillhand_mcp.mock.shopify.objects import sums
from tillhand_mcp.mock.shopify.objects.orders import GATEWAY, Given, Line, payback
from tillhand_mcp.mock.shopify.values import amount, gid, minor_units, moment, money, money_bag, number, refusal
from tillhand_mockshop.model import Order, OrderLine, RefundLine

Restock = tuple[str, int | None]


def part(given: Given, found: RefundLine, context: Context) -> Mapping[str, Any]:
    """Return the part of an order line that was given back."""
    line = next(line for line in given.order.lines if line.id == found.line_id)
    kind, location = restock(given, line, context)
    currency = context.state.currency
    unit = sums.share(line, 1)
    return {
        "id": f"{gid('RefundLineItem', given.refund.id)}?line_item_id={line.id}",
        "lineItem": Line(given.order, line),
        "quantity": found.quantity,
        "restockType": kind,
        "restocked": location is not None,
        "location": context.state.locations.get(location) if location is not None else None,
        "price": amount(unit, currency),
        "priceSet": money_bag(unit, currency),
        "subtotal": amount(found.amount_minor, currency),
        "subtotalSet": money_bag(found.amount_minor, currency),
        "totalTax": amount(0, currency),
        "totalTaxSet": money_bag(0, currency),
    }


def restock(given: Given, line: OrderLine, context: Context) -> Restock:
    """Return what became of the goods, and where they lie now."""
    return context.state.restocked.get(given.refund.id, {}).get(line.id, ("NO_RESTOCK", None))


def parts(given: Given, context: Context, args: Args) -> Page:
    """Return the lines that a refund was for."""
    found = [part(given, line, context) for line in given.refund.lines]
    return context.short(found, args, lambda line: (line["id"],))


def payments(given: Given, context: Context, args: Args) -> Page:
    """Return the payment that a refund consists of, if money was given back."""
    found = [payback(given, context)] if given.refund.amount_minor else []
    return context.short(found, args, lambda payment: (payment["id"],))


REFUND: Final[Table] = {
    **plain(note="refund.note", order="order"),
    "id": lambda given, *_: gid("Refund", given.refund.id),
    "legacyResourceId": lambda given, *_: str(given.refund.id),
    "createdAt": lambda given, *_: moment(given.refund.created_at),
    "updatedAt": lambda given, *_: moment(given.refund.created_at),
    "processedAt": lambda given, *_: moment(given.refund.created_at),
    "totalRefunded": lambda given, context, _: money(given.refund.amount_minor, context.state.currency),
    "totalRefundedSet": lambda given, context, _: money_bag(given.refund.amount_minor, context.state.currency),
    "refundLineItems": parts,
    "transactions": payments,
    "orderAdjustments": empty,
    "refundShippingLines": empty,
}


def suggested(order: Order, context: Context, args: Args) -> Mapping[str, Any]:
    """Return what a refund of some lines and some of the shipping would come to."""
    lines = {line.id: line for line in order.lines}
    wanted = [(number(item["lineItemId"], "LineItem"), item) for item in args.get("refundLineItems") or ()]
    if unknown := [item["lineItemId"] for found, item in wanted if found not in lines]:
        raise refusal(f"{unknown[0]} is no line of this order.")
    goods = [(lines[found], item) for found, item in wanted]
    shipping = suggested_shipping(order, context, args)
    value = sum(sums.share(line, item["quantity"]) for line, item in goods)
    most, currency = sums.refundable(order), context.state.currency
    due = min(most, value + shipping)
    return {
        "amount": amount(due, currency),
        "amountSet": money_bag(due, currency),
        "maximumRefundable": amount(most, currency),
        "maximumRefundableSet": money_bag(most, currency),
        "subtotal": amount(value, currency),
        "subtotalSet": money_bag(value, currency),
        "discountedSubtotalSet": money_bag(value, currency),
        "totalTaxSet": money_bag(0, currency),
        "totalDutiesSet": money_bag(0, currency),
        "totalCartDiscountAmountSet": money_bag(0, currency),
        "shipping": shipping_left(order, shipping, context),
        "refundDuties": [],
        "suggestedRefundMethods": [],
        "totalTaxes": amount(0, currency),
        "refundLineItems": [suggested_line(order, line, item, context) for line, item in goods],
        "suggestedTransactions": [suggested_payment(order, due, context)] if due else [],
    }


def suggested_shipping(order: Order, context: Context, args: Args) -> int:
    """Return how much of the shipping would be given back."""
    left = max(0, order.shipping_minor - context.state.shipping_refunded.get(order.id, 0))
    if args.get("refundShipping") or args.get("suggestFullRefund"):
        return left
    asked = minor_units(args.get("shippingAmount") or 0, context.state.currency)
    return min(left, asked or 0)


def shipping_left(order: Order, due: int, context: Context) -> Mapping[str, Any]:
    """Return what of the shipping would be given back, and could be."""
    left = max(0, order.shipping_minor - context.state.shipping_refunded.get(order.id, 0))
    currency = context.state.currency
    return {
        "amount": amount(due, currency),
        "amountSet": money_bag(due, currency),
        "maximumRefundable": amount(left, currency),
        "maximumRefundableSet": money_bag(left, currency),
        "tax": amount(0, currency),
        "taxSet": money_bag(0, currency),
    }


def suggested_line(order: Order, line: OrderLine, item: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Return what a part of a line would come to."""
    currency = context.state.currency
    return {
        "lineItem": Line(order, line),
        "quantity": item["quantity"],
        "restockType": item.get("restockType") or "NO_RESTOCK",
        "restocked": False,
        "priceSet": money_bag(sums.share(line, 1), currency),
        "subtotalSet": money_bag(sums.share(line, item["quantity"]), currency),
        "totalTaxSet": money_bag(0, currency),
    }


def suggested_payment(order: Order, due: int, context: Context) -> Mapping[str, Any]:
    """Return the payment that a refund would consist of."""
    currency = context.state.currency
    return {
        "gateway": GATEWAY,
        "formattedGateway": "Shopify Payments",
        "kind": "SUGGESTED_REFUND",
        "amountSet": money_bag(due, currency),
        "maximumRefundableSet": money_bag(sums.refundable(order), currency),
        "parentTransaction": {
            "__typename": "OrderTransaction",
            "id": gid("OrderTransaction", order.id),
            "kind": "SALE",
            "gateway": GATEWAY,
            "status": "SUCCESS",
        },
    }
