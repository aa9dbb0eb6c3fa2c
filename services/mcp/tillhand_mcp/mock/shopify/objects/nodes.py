"""Objects by their global id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tillhand_mcp.mock.shopify.objects.orders import Given, Line
from tillhand_mcp.mock.shopify.state import Level, State
from tillhand_mcp.mock.shopify.values import split_gid, split_level


def line(state: State, number: int) -> Line | None:
    """Return a line of an order."""
    found = index(state, "lines").get(number)
    return found if isinstance(found, Line) else None


def refund(state: State, number: int) -> Given | None:
    """Return a refund."""
    found = index(state, "refunds").get(number)
    return found if isinstance(found, Given) else None


def index(state: State, name: str) -> dict[int, Any]:
    """Return what hangs on orders by its id, which is worked out once for each state of the shop."""
    kept = state.kept()
    if name not in kept:
        orders = state.orders.values()
        kept["lines"] = {line.id: Line(order, line) for order in orders for line in order.lines}
        kept["refunds"] = {one.id: Given(order, one) for order in orders for one in order.refunds}
    found: dict[int, Any] = kept[name]
    return found


def metafield(state: State, number: int) -> object:
    """Return a metafield."""
    all_of_them = (owned for fields in state.metafields.values() for owned in fields.values())
    return next((owned for owned in all_of_them if owned.metafield.id == number), None)


KINDS: Final[dict[str, Callable[[State, int], object]]] = {
    "Product": lambda state, number: state.products.get(number),
    "ProductVariant": lambda state, number: state.variants.get(number),
    "InventoryItem": lambda state, number: state.items.get(number),
    "Location": lambda state, number: state.locations.get(number),
    "Order": lambda state, number: state.orders.get(number),
    "Customer": lambda state, number: state.customers.get(number),
    "DiscountCodeNode": lambda state, number: state.discounts.get(number),
    "LineItem": line,
    "Refund": refund,
    "Metafield": metafield,
    "Shop": lambda state, number: state.world.shop if number == 1 else None,
}


def level(state: State, text: str) -> Level | None:
    """Return an inventory level."""
    both = split_level(text)
    return Level(*both) if both in state.stock else None


def find(state: State, text: str) -> object:
    """Return the object with a global id, or None."""
    kind, number = split_gid(text)
    if kind == "InventoryLevel":
        return level(state, text)
    return KINDS[kind](state, number) if kind in KINDS else None
