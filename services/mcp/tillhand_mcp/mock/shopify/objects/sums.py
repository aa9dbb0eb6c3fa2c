"""What an order comes to, in minor units."""

from __future__ import annotations

from tillhand_mockshop.model import Order, OrderLine


def subtotal(order: Order) -> int:
    """Return what the goods cost, after discounts."""
    return sum(discounted(line) for line in order.lines)


def discounted(line: OrderLine) -> int:
    """Return what a line costs after its discount."""
    return line.unit_price_minor * line.quantity - line.discount_minor


def discounts(order: Order) -> int:
    """Return what was taken off."""
    return sum(line.discount_minor for line in order.lines)


def total(order: Order) -> int:
    """Return what was asked for at first."""
    return order.total_minor


def received(order: Order) -> int:
    """Return what the customer has paid."""
    return order.total_minor if order.financial in {"PAID", "PARTIALLY_REFUNDED", "REFUNDED"} else 0


def refunded(order: Order) -> int:
    """Return what the customer got back."""
    return sum(refund.amount_minor for refund in order.refunds)


def refundable(order: Order) -> int:
    """Return what the customer could get back still."""
    return max(0, received(order) - refunded(order))


def returned(order: Order, line: OrderLine) -> int:
    """Return how many of a line were refunded."""
    return sum(part.quantity for refund in order.refunds for part in refund.lines if part.line_id == line.id)


def share(line: OrderLine, quantity: int) -> int:
    """Return what a part of a line cost, to the nearest minor unit."""
    return round(discounted(line) * quantity / line.quantity) if line.quantity else 0


def value_returned(order: Order) -> int:
    """Return what the goods that were refunded had cost."""
    return sum(part.amount_minor for refund in order.refunds for part in refund.lines)
