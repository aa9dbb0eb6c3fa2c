"""What a proposed write would change, as the shop is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tillhand_mcp.adapters.shopify import documents, shapes
from tillhand_mcp.adapters.shopify.checks import payment, refundable, same_currency, same_price, the_variant
from tillhand_mcp.adapters.shopify.client import ShopifyClient
from tillhand_mcp.adapters.shopify.proposals import Adjustment, Discount, PriceChange, ProductChange, Refund
from tillhand_mcp.adapters.shopify.reading import Reading
from tillhand_mcp.domain.changes import change, figure
from tillhand_mcp.domain.money import decimal_amount
from tillhand_mcp.domain.tools import Json
from tillhand_mcp.errors import ToolRefused


class Previews:
    """Reads only. Raises `ToolRefused` for what could not be done as the shop is now."""

    def __init__(self, client: ShopifyClient, reading: Reading) -> None:
        self._client = client
        self._reading = reading

    async def adjustment(self, given: Adjustment) -> Sequence[Json]:
        """The stock before and after."""
        variables = {"id": given.inventory_item_id, "location": given.location_id}
        item = (await self._client.read(documents.LEVEL, variables))["inventoryItem"]
        if item is None or item["inventoryLevel"] is None:
            raise ToolRefused(
                "inventory_item_id: it is not stocked at this location.", extensions={"reason": "not-found"}
            )
        level = item["inventoryLevel"]
        now = {each["name"]: each["quantity"] for each in level["quantities"]}
        available = now["available"]
        if available != given.expected_available:
            raise ToolRefused(
                f"expected_available: {available} are available, not {given.expected_available}.",
                extensions={"reason": "stock-changed", "available": available},
            )
        what = f"{item['sku'] or item['id']} at {level['location']['name']}"
        return [change(what, "available", available, available + given.delta), figure("committed", now["committed"])]

    async def product(self, given: ProductChange) -> Sequence[Json]:
        """Every field that would be another."""
        node = (await self._client.read(documents.PRODUCT, {"id": given.product_id}))["product"]
        if node is None:
            raise ToolRefused("product_id: there is no such product.", extensions={"reason": "not-found"})
        now = _fields(node)
        wanted = given.model_dump(exclude_none=True, exclude={"product_id"})
        return [change(node["title"], name, now[name], new) for name, new in wanted.items() if now[name] != new]

    async def price(self, given: PriceChange) -> Sequence[Json]:
        """The price before and after."""
        currency = await self._reading.currency()
        node = (await self._client.read(documents.PRICE, {"id": given.variant_id}))["productVariant"]
        variant = the_variant(node, given, currency)
        same_price(variant, given, currency)
        what = f"{variant['product']['title']} / {variant['title']} ({variant['sku'] or variant['id']})"
        found = [change(what, "price", variant["price"], decimal_amount(given.price_minor, currency))]
        if given.compare_at_minor is not None:
            after = decimal_amount(given.compare_at_minor, currency)
            found.append(change(what, "compare_at_price", variant["compareAtPrice"], after))
        if given.expected_price_minor:  # what costs nothing becomes dearer by no percentage
            percent = round(100 * (given.price_minor / given.expected_price_minor - 1), 1)
            found.append(figure("change_percent", percent))
        return found

    async def refund(self, given: Refund) -> Sequence[Json]:
        """What was paid, what was given back, and what would be left."""
        order = (await self._client.read(documents.ORDER, {"id": given.order_id}))["order"]
        left = refundable(order, given)
        payment(order)
        total, refunded = (shapes.money(order[name]["shopMoney"]) for name in ("totalPriceSet", "totalRefundedSet"))
        after = refunded.amount_minor + given.amount_minor
        return [
            change(f"Order {order['name']}", "refunded_minor", refunded.amount_minor, after),
            figure("order_total_minor", total.amount_minor),
            figure("refundable_minor", left),
            figure("financial_status", order["displayFinancialStatus"]),
        ]

    async def discount(self, given: Discount) -> Sequence[Json]:
        """Nothing is changed that was there before; an amount has to be in the shop's currency."""
        if given.currency is not None:
            same_currency(given.currency, await self._reading.currency())
        return []


def _fields(node: Mapping[str, Any]) -> dict[str, Any]:
    seo = node["seo"] or {}
    return {
        "title": node["title"],
        "description_html": node["descriptionHtml"],
        "product_type": node["productType"],
        "vendor": node["vendor"],
        "tags": node["tags"],
        "status": node["status"],
        "seo_title": seo.get("title"),
        "seo_description": seo.get("description"),
    }
