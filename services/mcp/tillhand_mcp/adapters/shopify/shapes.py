"""What the Admin API answers, as the tools give it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tillhand_mcp.adapters.shopify.models import (
    Customer,
    Level,
    Metafield,
    Money,
    Order,
    OrderLine,
    Product,
    Stock,
    Variant,
)
from tillhand_mcp.domain.money import minor_units

Node = Mapping[str, Any]


def money(node: Node) -> Money:
    """A `MoneyV2`."""
    return money_of(node["amount"], node["currencyCode"])


def money_of(amount: str, currency: str) -> Money:
    """An amount in a currency that is known from elsewhere."""
    return Money(amount_minor=minor_units(amount, currency), currency=currency)


def variant(node: Node, currency: str) -> Variant:
    """A variant; its prices are in the shop's currency."""
    before = node["compareAtPrice"]
    return Variant(
        id=node["id"],
        inventory_item_id=node["inventoryItem"]["id"],
        sku=node["sku"],
        title=node["title"],
        price=money_of(node["price"], currency),
        compare_at_price=None if before is None else money_of(before, currency),
        inventory_quantity=node["inventoryQuantity"],
    )


def product(node: Node, currency: str) -> Product:
    """A product with the variants that came with it."""
    return Product(
        id=node["id"],
        title=node["title"],
        handle=node["handle"],
        status=node["status"],
        vendor=node["vendor"],
        product_type=node["productType"],
        tags=node["tags"],
        updated_at=node["updatedAt"],
        variants=[variant(each, currency) for each in node["variants"]["nodes"]],
    )


def stock(node: Node) -> Stock:
    """A variant with its stock."""
    item = node["inventoryItem"]
    cost = item["unitCost"]
    return Stock(
        variant_id=node["id"],
        inventory_item_id=item["id"],
        product_id=node["product"]["id"],
        sku=node["sku"],
        title=f"{node['product']['title']} / {node['title']}",
        tracked=item["tracked"],
        unit_cost=None if cost is None else money(cost),
        levels=[_level(each) for each in item["inventoryLevels"]["nodes"]],
    )


def _level(node: Node) -> Level:
    quantities = {each["name"]: each["quantity"] for each in node["quantities"]}
    return Level(
        location_id=node["location"]["id"],
        location=node["location"]["name"],
        available=quantities.get("available", 0),
        on_hand=quantities.get("on_hand", 0),
        committed=quantities.get("committed", 0),
        incoming=quantities.get("incoming", 0),
        updated_at=node["updatedAt"],
    )


def order(node: Node) -> Order:
    """An order with the lines that came with it."""
    lines = node["lineItems"]
    return Order(
        id=node["id"],
        name=node["name"],
        created_at=node["createdAt"],
        cancelled_at=node["cancelledAt"],
        financial_status=node["displayFinancialStatus"],
        fulfillment_status=node["displayFulfillmentStatus"],
        total=money(node["totalPriceSet"]["shopMoney"]),
        refunded=money(node["totalRefundedSet"]["shopMoney"]),
        customer_id=None if node["customer"] is None else node["customer"]["id"],
        lines=[_line(each) for each in lines["nodes"]],
        more_lines=lines["pageInfo"]["hasNextPage"],
    )


def _line(node: Node) -> OrderLine:
    return OrderLine(
        id=node["id"],
        sku=node["sku"],
        title=node["title"],
        quantity=node["quantity"],
        current_quantity=node["currentQuantity"],
        total=money(node["discountedTotalSet"]["shopMoney"]),
    )


def customer(node: Node) -> Customer:
    """A customer; who it is only where that was asked for."""
    last, address = node["lastOrder"], node["defaultAddress"]
    email, phone = node.get("defaultEmailAddress"), node.get("defaultPhoneNumber")
    return Customer(
        id=node["id"],
        created_at=node["createdAt"],
        country=None if address is None else address["countryCodeV2"],
        orders=int(node["numberOfOrders"]),
        spent=money(node["amountSpent"]),
        last_order_id=None if last is None else last["id"],
        last_order_at=None if last is None else last["createdAt"],
        name=node.get("displayName"),
        email=None if email is None else email["emailAddress"],
        phone=None if phone is None else phone["phoneNumber"],
    )


def metafield(node: Node) -> Metafield:
    """A field that the shop has added."""
    return Metafield(
        id=node["id"],
        namespace=node["namespace"],
        key=node["key"],
        type=node["type"],
        value=node["value"],
        updated_at=node["updatedAt"],
    )
