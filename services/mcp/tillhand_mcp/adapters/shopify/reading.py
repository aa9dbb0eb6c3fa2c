"""Reading a shop: products, stock, orders, customers and the fields that were added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from tillhand_common.errors import UpstreamProtocolError
from tillhand_mcp.adapters.shopify import documents, shapes
from tillhand_mcp.adapters.shopify.client import ShopifyClient
from tillhand_mcp.adapters.shopify.models import (
    Customers,
    Given,
    InventoryListing,
    Listing,
    Location,
    Locations,
    Metafields,
    Money,
    Nothing,
    OneOrder,
    OrderListing,
    Orders,
    Owned,
    Product,
    Products,
    Stock,
    Stocks,
    WholeOrder,
)
from tillhand_mcp.adapters.shopify.operation import Operation
from tillhand_mcp.adapters.upstreams.standing import Standing
from tillhand_mcp.domain.money import decimal_amount
from tillhand_mcp.errors import ToolRefused
from tillhand_mcp.ports.connector import Answer
from tillhand_mcp.ports.toolbox import Caller, Progress

VARIANTS: Final = 8
"""Variants that come with a product; 50 products with them stay below what one query may cost."""
MORE_VARIANTS: Final = 100


class Reading:
    """The tools that read."""

    def __init__(self, client: ShopifyClient, standing: Standing, *, show_customers: bool) -> None:
        self._client = client
        self._standing = standing
        self._customers = documents.CUSTOMERS_IN_FULL if show_customers else documents.CUSTOMERS
        self._currency: str | None = None

    async def currency(self) -> str:
        """The shop's currency, asked for once: a shop that has sold something keeps it."""
        if self._currency is None:
            self._currency = str((await self._client.read(documents.SHOP))["shop"]["currencyCode"])
        return self._currency

    async def products(self, caller: Caller, given: Listing, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        """Products with all of their variants."""
        currency = await self.currency()
        nodes, cursor = await self._page(documents.PRODUCTS, "products", given, {"variants": VARIANTS})
        found = []
        for node in nodes:
            whole = shapes.product(node, currency)
            rest = await self._rest(node, currency)
            found.append(whole.model_copy(update={"variants": [*whole.variants, *rest]}))
        told = "\n".join(_told_product(each) for each in found)
        return self._answer(Products(products=found, next_cursor=cursor), told, "products", cursor)

    async def inventory(self, caller: Caller, given: InventoryListing, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        """Stock by SKU and location."""
        nodes, cursor = await self._page(documents.INVENTORY, "productVariants", given)
        found = [shapes.stock(node) for node in nodes]
        told = "\n".join(_told_stock(each) for each in found)
        return self._answer(Stocks(items=found, next_cursor=cursor), told, "SKUs", cursor)

    async def orders(self, caller: Caller, given: OrderListing, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        """Orders, newest first."""
        nodes, cursor = await self._page(documents.ORDERS, "orders", given)
        found = [shapes.order(node) for node in nodes]
        told = "\n".join(
            f"{each.name} {each.created_at:%Y-%m-%d} {_amount(each.total)} {each.financial_status} {each.id}"
            for each in found
        )
        return self._answer(Orders(orders=found, next_cursor=cursor), told, "orders", cursor)

    async def order(self, caller: Caller, given: OneOrder, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        """One order, with what was given back and what still can be."""
        node = (await self._client.read(documents.ORDER, {"id": given.order_id}))["order"]
        if node is None:
            raise ToolRefused("There is no such order.", extensions={"reason": "not-found"})
        order = shapes.order(node)
        left = order.total.amount_minor - order.refunded.amount_minor if node["refundable"] else 0
        refunds = [
            Given(
                id=each["id"], created_at=each["createdAt"], amount=shapes.money(each["totalRefundedSet"]["shopMoney"])
            )
            for each in node["refunds"]
        ]
        whole = WholeOrder(
            order=order, refunds=refunds, refundable=Money(amount_minor=left, currency=order.total.currency)
        )
        told = (
            f"{order.name}: {_amount(order.total)}, refundable {_amount(whole.refundable)}, {order.financial_status}."
        )
        return Answer(whole, told, self._standing.origin(truncated=order.more_lines))

    async def customers(self, caller: Caller, given: Listing, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        """Customers: what they bought, and who they are only where the operator says so."""
        nodes, cursor = await self._page(self._customers, "customers", given)
        found = [shapes.customer(node) for node in nodes]
        told = "\n".join(f"{each.id} {each.country} {each.orders} orders {_amount(each.spent)}" for each in found)
        return self._answer(Customers(customers=found, next_cursor=cursor), told, "customers", cursor)

    async def metafields(self, caller: Caller, given: Owned, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        """Fields that the shop has added to something."""
        variables = {"id": given.owner_id, "first": given.limit, "after": given.cursor, "namespace": given.namespace}
        node = (await self._client.read(documents.METAFIELDS, variables))["node"]
        if node is None:
            raise ToolRefused("There is nothing with this owner_id.", extensions={"reason": "not-found"})
        cursor = self._next(node["metafields"]["pageInfo"], given.cursor)
        found = [shapes.metafield(each) for each in node["metafields"]["nodes"]]
        told = "\n".join(f"{each.namespace}.{each.key} = {each.value[:200]}" for each in found)
        return self._answer(Metafields(metafields=found, next_cursor=cursor), told, "fields", cursor)

    async def locations(self, caller: Caller, given: Nothing, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        """Where stock lies."""
        nodes = (await self._client.read(documents.LOCATIONS, {"first": 100}))["locations"]["nodes"]
        found = [Location(id=each["id"], name=each["name"], active=each["isActive"]) for each in nodes]
        told = "\n".join(f"{each.name} {each.id}" for each in found)
        return self._answer(Locations(locations=found), told, "locations", None)

    async def _page(
        self, operation: Operation, field: str, given: Listing, more: Mapping[str, Any] | None = None
    ) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        variables = {"first": given.limit, "after": given.cursor, "query": given.query or None, **(more or {})}
        found = (await self._client.read(operation, variables))[field]
        return found["nodes"], self._next(found["pageInfo"], given.cursor)

    async def _rest(self, node: Mapping[str, Any], currency: str) -> list[Any]:
        """The variants that did not come with the product."""
        page, rest = node["variants"]["pageInfo"], []
        seen: set[str] = set()
        while after := self._next(page, None):
            if after in seen:
                raise UpstreamProtocolError("shopify", "gave a cursor that does not advance")
            seen.add(after)
            variables = {"id": node["id"], "first": MORE_VARIANTS, "after": after}
            found = (await self._client.read(documents.VARIANTS, variables))["product"]["variants"]
            rest += [shapes.variant(each, currency) for each in found["nodes"]]
            page = found["pageInfo"]
        return rest

    def _next(self, page: Mapping[str, Any], cursor: str | None) -> str | None:
        """Where the next page begins. Raises `UpstreamProtocolError` for one that would never come to an end."""
        if not page["hasNextPage"]:
            return None
        following = page["endCursor"]
        if not following or following == cursor:
            raise UpstreamProtocolError("shopify", "gave a cursor that does not advance")
        return str(following)

    def _answer(self, data: BaseModel, told: str, what: str, cursor: str | None) -> Answer:
        more = "\nThere are more: go on with next_cursor." if cursor else ""
        return Answer(data, (told or f"No {what} were found.") + more, self._standing.origin(truncated=bool(cursor)))


def _amount(money: Money) -> str:
    return f"{decimal_amount(money.amount_minor, money.currency)} {money.currency}"


def _told_product(product: Product) -> str:
    left = sum(each.inventory_quantity or 0 for each in product.variants)
    prices = sorted({each.price.amount_minor for each in product.variants})
    currency = product.variants[0].price.currency if product.variants else ""
    span = " to ".join(decimal_amount(each, currency) for each in dict.fromkeys((*prices[:1], *prices[-1:])))
    return f"{product.title} ({product.status.lower()}) {span} {currency}, {left} in stock, {product.id}"


def _told_stock(stock: Stock) -> str:
    left = ", ".join(f"{each.location}: {each.available}" for each in stock.levels)
    return f"{stock.sku or stock.title}: {left or 'nowhere'}"
