"""A Shopify shop: what agents can read of it, and propose to change in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from tillhand_common.http import UpstreamClient
from tillhand_mcp.adapters.shopify import documents
from tillhand_mcp.adapters.shopify import models as given
from tillhand_mcp.adapters.shopify import proposals as proposed
from tillhand_mcp.adapters.shopify.bulk import BulkExport
from tillhand_mcp.adapters.shopify.client import ShopifyClient
from tillhand_mcp.adapters.shopify.facts import Facts, Refunds, RefundsWanted, ShopFacts
from tillhand_mcp.adapters.shopify.previews import Previews
from tillhand_mcp.adapters.shopify.reading import Reading
from tillhand_mcp.adapters.shopify.writing import Writing
from tillhand_mcp.adapters.upstreams.agreed import agreed
from tillhand_mcp.adapters.upstreams.standing import Standing
from tillhand_mcp.domain.origins import ConnectorState
from tillhand_mcp.ports.connector import Answer, AnyTool, ReadTool, WriteTool
from tillhand_mcp.ports.toolbox import Caller, Progress

Asked = TypeVar("Asked", bound=BaseModel)

SYNTAX = "`query` is Shopify's search syntax, such as `status:active vendor:Acme` or `sku:KET-0042`."


@dataclass(frozen=True, slots=True)
class ShopifyConnector:
    """One shop. Where credentials are missing its tools refuse, and say which."""

    http: UpstreamClient
    client: ShopifyClient
    standing: Standing
    reading: Reading
    writing: Writing
    previews: Previews
    bulk: BulkExport

    @property
    def id(self) -> str:
        """Its name in paths and settings."""
        return "shopify"

    @property
    def title(self) -> str:
        """Its name for people."""
        return "Shopify"

    def tools(self) -> Sequence[AnyTool]:
        """What can be read, and what can be proposed."""
        return (*self._reads(), *self._writes())

    async def state(self) -> ConnectorState:
        """How it stands, from what is known already."""
        return self.standing.state()

    async def check(self) -> ConnectorState:
        """Whether the shop answers, and takes the credentials."""
        return await self.standing.checked(lambda: self.client.read(documents.SHOP))

    async def aclose(self) -> None:
        """Close all connections."""
        await self.http.aclose()

    def _reads(self) -> Sequence[AnyTool]:
        reading, bulk, facts = self.reading, self.bulk, Facts(self.client, self.standing)
        return (
            _read("shop", "The shop", "Read the shop's name, domain, currency and time zone.",
                  given.Nothing, ShopFacts, facts.shop, 600),
            _read("products", "Products", f"List products with their variants, prices and stock. {SYNTAX}",
                  given.Listing, given.Products, reading.products, 60),
            _read("inventory", "Stock", f"List stock by SKU and location, with unit costs. {SYNTAX}",
                  given.InventoryListing, given.Stocks, reading.inventory, 15),
            _read("locations", "Locations", "List the locations where stock lies.",
                  given.Nothing, given.Locations, reading.locations, 600),
            _read("orders", "Orders", f"List orders, newest first; customers are ids. {SYNTAX}",
                  given.OrderListing, given.Orders, reading.orders, 30),
            _read("order", "One order", "Read one order with its lines, refunds and what can still be refunded.",
                  given.OneOrder, given.WholeOrder, reading.order, 0),
            _read("customers", "Customers", f"List customers by id, with what they bought. {SYNTAX}",
                  given.Listing, given.Customers, reading.customers, 60),
            _read("metafields", "Added fields", "List the metafields of a product, variant, order or customer.",
                  given.Owned, given.Metafields, reading.metafields, 60),
            _read("refunds", "Refunds", "Read what refunds gave back, line by line, by their ids.",
                  RefundsWanted, Refunds, facts.refunds, 0),
            _read("bulk_export", "Export everything",
                  "Export all products, stock or orders as JSONL. Takes as long as the shop is large: where the status "
                  "is `running`, call again with the export_id.",
                  given.Export, given.Exported, bulk.export, 0),
        )  # fmt: skip  # one tool a paragraph reads as a table

    def _writes(self) -> Sequence[AnyTool]:
        writing, previews = self.writing, self.previews
        adjust: WriteTool[Any] = WriteTool(
            "shopify_inventory_adjust", "Adjust stock",
            "Propose to add to, or take from, the available stock of one SKU at one location.",
            proposed.Adjustment, proposed.Adjusted, "medium", agreed("shopify", writing.adjust),
            cost_of_error="Customers buy what is not there, or cannot buy what is.",
            preview=agreed("shopify", previews.adjustment),
        )  # fmt: skip
        product: WriteTool[Any] = WriteTool(
            "shopify_product_update", "Change a product",
            "Propose new texts, tags or another status for a product. What is left out stays as it is.",
            proposed.ProductChange, proposed.ProductChanged, "medium", agreed("shopify", writing.change_product),
            cost_of_error="Customers read something wrong, or a product is no longer to be found.",
            preview=agreed("shopify", previews.product),
        )  # fmt: skip
        price: WriteTool[Any] = WriteTool(
            "shopify_price_change", "Change a price",
            "Propose a new price for one variant.",
            proposed.PriceChange, proposed.PriceChanged, "high", agreed("shopify", writing.change_price),
            amount="/price_minor", currency="/currency",
            cost_of_error="Goods are sold for too little, or not at all.",
            preview=agreed("shopify", previews.price),
        )  # fmt: skip
        refund: WriteTool[Any] = WriteTool(
            "shopify_refund", "Give money back",
            "Propose to give money back for an order, through the payment by which it came.",
            proposed.Refund, proposed.Refunded, "high", agreed("shopify", writing.refund),
            amount="/amount_minor", currency="/currency",
            cost_of_error="Money is gone; it cannot be taken back.",
            preview=agreed("shopify", previews.refund),
        )  # fmt: skip
        discount: WriteTool[Any] = WriteTool(
            "shopify_discount_create", "Make a discount code",
            "Propose a discount code, by per cent or by an amount, for a time.",
            proposed.Discount, proposed.Discounted, "high", agreed("shopify", writing.discount),
            amount="/amount_minor", currency="/currency",
            cost_of_error="Everybody who learns of the code pays less.",
            preview=agreed("shopify", previews.discount),
        )  # fmt: skip
        return (adjust, product, price, refund, discount)


def _read(
    name: str,
    title: str,
    description: str,
    takes: type[Asked],
    gives: type[BaseModel],
    run: Callable[[Caller, Asked, Progress], Awaitable[Answer]],
    fresh_s: float,
) -> ReadTool[Any]:
    return ReadTool(f"shopify_{name}", title, description, takes, gives, agreed("shopify", run), fresh_s=fresh_s)
