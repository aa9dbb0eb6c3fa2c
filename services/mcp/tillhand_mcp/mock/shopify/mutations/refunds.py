"""Money given back, never more than was paid and never for more than was bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tillhand_mcp.mock.shopify.context import Args, Context
from tillhand_mcp.mock.shopify.mutations.outcome import Outcome, done, failed, only
from tillhand_mcp.mock.shopify.objects import sums
from tillhand_mcp.mock.shopify.objects.orders import Given
from tillhand_mcp.mock.shopify.values import amount, minor_units, number, user_error
from tillhand_mockshop.model import Order, OrderLine, Refund, RefundLine

KNOWN: Final = frozenset(
    {"allowOverRefunding", "currency", "note", "notify", "orderId", "refundLineItems", "shipping", "transactions"}
)
Errors = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line that is to be given back, and where the goods go."""

    line: OrderLine
    quantity: int
    restock: str
    location: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A refund that was asked for; money is what its payments add up to."""

    order: Order
    parts: tuple[Part, ...]
    shipping: int
    money: int
    note: str


def refund(context: Context, args: Args) -> Outcome:
    """Give back what was asked for, where that is possible."""
    given = args["input"]
    only({key: value for key, value in given.items() if value != []}, KNOWN, "RefundInput")
    order = context.state.orders.get(number(given["orderId"], "Order"))
    if order is None:
        return failed([user_error("Order does not exist", "orderId")], "order", "refund")
    lines, errors = wanted_parts(context, order, given)
    payments, more = wanted_money(context, order, given)
    wanted = Wanted(order, tuple(lines), wanted_shipping(context, order, given), payments, given.get("note") or "")
    errors = [*errors, *more, *limits(context, wanted, over=bool(given.get("allowOverRefunding")))]
    if errors:
        return Outcome({"order": order, "refund": None, "userErrors": errors}, effective=False)
    return carried_out(context, wanted)


def wanted_parts(context: Context, order: Order, given: Args) -> tuple[list[Part], Errors]:
    """Return the parts of lines that were asked for, and what is wrong with them."""
    lines = {line.id: line for line in order.lines}
    taken: dict[int, int] = {}
    parts: list[Part] = []
    errors: Errors = []
    for place, one in enumerate(given.get("refundLineItems") or ()):
        line = lines.get(number(one["lineItemId"], "LineItem"))
        if line is None:
            errors.append(user_error("Line item does not exist", "refundLineItems", str(place), "lineItemId"))
            continue
        taken[line.id] = taken.get(line.id, 0) + one["quantity"]
        location = number(one["locationId"], "Location") if one.get("locationId") else None
        part = Part(line, one["quantity"], one.get("restockType") or "NO_RESTOCK", location)
        parts.append(part)
        errors.extend(part_complaints(context, order, part, str(place), taken[line.id]))
    return parts, errors


def part_complaints(context: Context, order: Order, part: Part, place: str, taken: int) -> Errors:
    """Say what is wrong with a part of a line; `taken` is what this refund takes of the line up to here."""
    found: Errors = []
    if part.quantity <= 0:
        found.append(user_error("Quantity must be greater than 0", "refundLineItems", place, "quantity"))
    if taken > part.line.quantity - sums.returned(order, part.line):
        text = "Quantity cannot refund more items than were purchased"
        found.append(user_error(text, "refundLineItems", place, "quantity"))
    if part.restock in {"RETURN", "CANCEL"} and part.location is None:
        found.append(user_error("Location must be specified to restock", "refundLineItems", place, "locationId"))
    if part.location is not None and part.location not in context.state.locations:
        found.append(user_error("Location does not exist", "refundLineItems", place, "locationId"))
    return found


def wanted_money(context: Context, order: Order, given: Args) -> tuple[int, Errors]:
    """Return what the payments add up to, and what is wrong with them."""
    total, errors = 0, []
    for place, one in enumerate(given.get("transactions") or ()):
        minor = minor_units(one["amount"], context.state.currency)
        wrong = payment_complaint(order, one, minor)
        if wrong is not None:
            errors.append(user_error(wrong[1], "transactions", str(place), wrong[0]))
        total += minor or 0
    return total, errors


def payment_complaint(order: Order, one: Args, minor: int | None) -> tuple[str, str] | None:
    """Return the field of a payment that is wrong, and why."""
    if minor is None or minor <= 0:
        return "amount", "Amount must be greater than zero"
    if one["kind"] != "REFUND":
        return "kind", "Kind must be refund"
    if number(one["orderId"], "Order") != order.id:
        return "orderId", "Order does not match the refund's order"
    parent = one.get("parentId")
    if parent is None or number(parent, "OrderTransaction") != order.id:
        return "parentId", "Parent transaction is missing or is not a payment of this order"
    return None


def wanted_shipping(context: Context, order: Order, given: Args) -> int:
    """Return how much of the shipping is to be given back."""
    shipping = given.get("shipping") or {}
    if shipping.get("fullRefund"):
        return max(0, order.shipping_minor - context.state.shipping_refunded.get(order.id, 0))
    return minor_units(shipping.get("amount") or 0, context.state.currency) or 0


def limits(context: Context, wanted: Wanted, *, over: bool) -> Errors:
    """Say what of a refund goes beyond what was paid."""
    found: Errors = []
    order, currency = wanted.order, context.state.currency
    left = max(0, order.shipping_minor - context.state.shipping_refunded.get(order.id, 0))
    if wanted.shipping > left:
        text = f"Shipping amount cannot be greater than {amount(left, currency)}"
        found.append(user_error(text, "shipping", "amount"))
    most = sums.refundable(order)
    if wanted.money > most and not over:
        text = f"Refund amount cannot be greater than {amount(most, currency)} {currency}"
        found.append(user_error(text, "transactions"))
    if not (wanted.parts or wanted.money or wanted.shipping):
        found.append(user_error("Refund must have line items, shipping or transactions", "refundLineItems"))
    return found


def carried_out(context: Context, wanted: Wanted) -> Outcome:
    """Give money and goods back."""
    state, order = context.state, wanted.order
    parts = tuple(
        RefundLine(part.line.id, part.quantity, sums.share(part.line, part.quantity)) for part in wanted.parts
    )
    made = Refund(state.new_id(), state.now(), parts, wanted.money, wanted.note)
    now = replace(order, refunds=(*order.refunds, made))
    if wanted.money:
        now = replace(now, financial="REFUNDED" if sums.refundable(now) == 0 else "PARTIALLY_REFUNDED")
    state.shipping_refunded[order.id] += wanted.shipping
    state.restocked[made.id] = {part.line.id: (part.restock, restocked(context, part)) for part in wanted.parts}
    state.put_order(now)
    return done(order=now, refund=Given(now, made))


def restocked(context: Context, part: Part) -> int | None:
    """Put goods back where they were asked to go; returns where they lie now."""
    variant = context.state.variants.get(part.line.variant_id)
    if part.restock not in {"RETURN", "CANCEL"} or variant is None or part.location is None:
        return None
    context.state.add_stock(variant.inventory_item_id, part.location, part.quantity)
    return part.location
