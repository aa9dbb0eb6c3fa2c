"""Which table belongs to which object, and the fields at the root."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tillhand_mcp.mock.shopify.bulk import BULK, Operation, bulk_node, bulk_operations, current_bulk
from tillhand_mcp.mock.shopify.context import Args, Context, Handler, Table
from tillhand_mcp.mock.shopify.listings import CUSTOMERS, ITEMS, LOCATIONS, ORDERS, PRODUCTS, VARIANTS, Root, listing
from tillhand_mcp.mock.shopify.objects import discounts, nodes
from tillhand_mcp.mock.shopify.objects.customers import CUSTOMER
from tillhand_mcp.mock.shopify.objects.inventory import ITEM, LEVEL, LOCATION
from tillhand_mcp.mock.shopify.objects.metafields import METAFIELD
from tillhand_mcp.mock.shopify.objects.orders import LINE, ORDER, Given, Line
from tillhand_mcp.mock.shopify.objects.products import PRODUCT, VARIANT, count
from tillhand_mcp.mock.shopify.objects.refunds import REFUND, suggested
from tillhand_mcp.mock.shopify.objects.shop import SHOP, installation
from tillhand_mcp.mock.shopify.state import Discount, Item, Level, Owned
from tillhand_mcp.mock.shopify.values import number
from tillhand_mockshop.model import Customer, Location, Order, Product, Shop, Variant

TABLES: Final[Mapping[type, Table]] = {
    Shop: SHOP,
    Product: PRODUCT,
    Variant: VARIANT,
    Item: ITEM,
    Level: LEVEL,
    Location: LOCATION,
    Order: {**ORDER, "suggestedRefund": suggested},
    Line: LINE,
    Given: REFUND,
    Customer: CUSTOMER,
    Owned: METAFIELD,
    Discount: discounts.DISCOUNT,
    Operation: BULK,
}
TYPES: Final[Mapping[type, str]] = {
    Shop: "Shop",
    Product: "Product",
    Variant: "ProductVariant",
    Item: "InventoryItem",
    Level: "InventoryLevel",
    Location: "Location",
    Order: "Order",
    Line: "LineItem",
    Given: "Refund",
    Customer: "Customer",
    Owned: "Metafield",
    Discount: "DiscountCodeNode",
    Operation: "BulkOperation",
}


def listed(root: Root) -> Handler:
    """Return the handler of a list at the root."""
    return lambda _, context, args: context.root(listing(context, root, args), args)


def counted(root: Root) -> Handler:
    """Return the handler of the length of a list at the root."""
    return lambda _, context, args: count(len(listing(context, root, {"query": args.get("query")}).items))


def by_id(kind: str) -> Handler:
    """Return the handler of an object that is asked for by its global id."""

    def handler(_source: object, context: Context, args: Args) -> object:
        number(args["id"], kind)
        return nodes.find(context.state, args["id"])

    return handler


def node(_source: object, context: Context, args: Args) -> object:
    """Return any object by its global id."""
    return bulk_node(context, args["id"]) or nodes.find(context.state, args["id"])


def several(_source: object, context: Context, args: Args) -> list[object]:
    """Return objects by their global ids, null where there is none."""
    return [node(None, context, {"id": one}) for one in args["ids"]]


def location(source: object, context: Context, args: Args) -> object:
    """Return a location; without an id the first, where the shop is at home."""
    if args.get("id") is None:
        return next(iter(context.state.locations.values()), None)
    return by_id("Location")(source, context, args)


def by_handle(_source: object, context: Context, args: Args) -> Product | None:
    """Return a product by the end of its address, or by its id."""
    wanted: Mapping[str, Any] = args["identifier"]
    if wanted.get("id") is not None:
        return context.state.products.get(number(wanted["id"], "Product"))
    return next((one for one in context.state.products.values() if one.handle == wanted.get("handle")), None)


QUERY: Final[Table] = {
    "shop": lambda _, context, __: context.state.world.shop,
    "currentAppInstallation": lambda _, context, __: installation(context.state.world),
    "products": listed(PRODUCTS),
    "productsCount": counted(PRODUCTS),
    "product": by_id("Product"),
    "productByIdentifier": by_handle,
    "productVariants": listed(VARIANTS),
    "productVariantsCount": counted(VARIANTS),
    "productVariant": by_id("ProductVariant"),
    "inventoryItems": listed(ITEMS),
    "inventoryItem": by_id("InventoryItem"),
    "inventoryLevel": lambda _, context, args: nodes.level(context.state, args["id"]),
    "locations": listed(LOCATIONS),
    "location": location,
    "orders": listed(ORDERS),
    "ordersCount": counted(ORDERS),
    "order": by_id("Order"),
    "customers": listed(CUSTOMERS),
    "customersCount": counted(CUSTOMERS),
    "customer": by_id("Customer"),
    "node": node,
    "nodes": several,
    "codeDiscountNode": by_id("DiscountCodeNode"),
    "codeDiscountNodeByCode": lambda _, context, args: discounts.by_code(context, args["code"]),
    "codeDiscountNodes": discounts.nodes,
    "currentBulkOperation": current_bulk,
    "bulkOperation": lambda _, context, args: bulk_node(context, args["id"]),
    "bulkOperations": bulk_operations,
}
