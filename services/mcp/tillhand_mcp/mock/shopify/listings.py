"""The lists at the root: what they hold, how they are sorted and what in them can be searched for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

from tillhand_mcp.mock.shopify.connections import Listing
from tillhand_mcp.mock.shopify.context import Context
from tillhand_mcp.mock.shopify.searchable import Get, Kind, Moment, Searchable, search
from tillhand_mcp.mock.shopify.state import State
from tillhand_mcp.mock.shopify.values import refusal
from tillhand_mockshop.model import Customer, Location, Order, Product, Variant

Sorts = Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class Root:
    """One list at the root. What a sort key of the schema is not among `sorts` is sorted by id."""

    name: str
    items: Callable[[State], Iterable[Any]]
    sorts: Callable[[State], Sorts]
    searchable: Callable[[State], Searchable]
    default: str = "ID"


def listing(context: Context, root: Root, args: Mapping[str, Any]) -> Listing:
    """Return a list as the arguments ask for it; worked out once for each state of the shop."""
    query, sort, reverse = args.get("query") or "", args.get("sortKey") or root.default, bool(args.get("reverse"))
    kept = context.state.kept()
    wanted = (root.name, query, sort, reverse)
    # What `now` means changes although the shop does not.
    if wanted not in kept or "now" in query:
        kept[wanted] = made(context.state, root, query, sort, reverse=reverse)
    found, warnings = kept[wanted]
    if warnings:
        context.warnings.append({"path": [root.name], "query": query, "warnings": warnings})
    return found  # type: ignore[no-any-return]  # what `made` returned


def made(state: State, root: Root, query: str, sort: str, *, reverse: bool) -> tuple[Listing, list[dict[str, str]]]:
    """Search and sort a list."""
    sorts = root.sorts(state)
    if sort not in {"ID", "RELEVANCE", *sorts}:
        raise refusal(f"The sort key {sort} of {root.name} is not in the mock", "NOT_IN_THE_MOCK")
    value = sorts.get(sort)

    def key(item: Any) -> tuple[Any, ...]:  # noqa: ANN401  # any object of the shop
        return (item.id,) if value is None else (value(item), item.id)

    shop = state.world.shop
    wanted, warnings = search(query, root.searchable(state), Moment(state.now(), ZoneInfo(shop.time_zone)))
    items = [item for item in root.items(state) if wanted(item)]
    items.sort(key=key, reverse=reverse)
    return Listing(f"{sort} {reverse}", items, key, reverse), warnings


def stamp(moment: datetime) -> float:
    """Return a moment as something that a cursor can carry."""
    return moment.timestamp()


def updated(order: Order) -> datetime:
    """Return when something last happened to an order."""
    happened = [order.created_at, *(refund.created_at for refund in order.refunds)]
    return max([*happened, order.cancelled_at] if order.cancelled_at else happened)


def product_sorts(state: State) -> Sorts:
    """Return what products can be sorted by."""
    return {
        "TITLE": lambda product: product.title.casefold(),
        "VENDOR": lambda product: product.vendor.casefold(),
        "PRODUCT_TYPE": lambda product: product.product_type.casefold(),
        "CREATED_AT": lambda product: stamp(product.created_at),
        "UPDATED_AT": lambda product: stamp(product.updated_at),
        "PUBLISHED_AT": lambda product: stamp(product.created_at),
        "INVENTORY_TOTAL": state.total,
    }


def times(created: str = "created_at") -> dict[str, tuple[Kind, Get]]:
    """Return the fields that most objects have."""
    return {"id": ("number", attrgetter("id")), "created_at": ("time", attrgetter(created))}


def product_search(state: State) -> Searchable:
    """Return what products can be searched for."""
    fields: dict[str, tuple[Kind, Get]] = {
        **times(),
        "updated_at": ("time", attrgetter("updated_at")),
        "status": ("exact", attrgetter("status")),
        "vendor": ("exact", attrgetter("vendor")),
        "product_type": ("exact", attrgetter("product_type")),
        "tag": ("exact", attrgetter("tags")),
        "handle": ("exact", attrgetter("handle")),
        "title": ("text", attrgetter("title")),
        "sku": ("exact", lambda product: [variant.sku for variant in product.variants]),
        "barcode": ("exact", lambda product: [variant.barcode for variant in product.variants]),
        "inventory_total": ("number", state.total),
    }
    return Searchable(fields, lambda p: (p.title, p.vendor, p.product_type, *p.tags, *(v.sku for v in p.variants)))


def variant_search(state: State) -> Searchable:
    """Return what variants can be searched for."""

    def product(variant: Variant) -> Product:
        return state.products[variant.product_id]

    fields: dict[str, tuple[Kind, Get]] = {
        "id": ("number", attrgetter("id")),
        "sku": ("exact", attrgetter("sku")),
        "barcode": ("exact", attrgetter("barcode")),
        "title": ("text", attrgetter("title")),
        "product_id": ("number", attrgetter("product_id")),
        "inventory_quantity": ("number", lambda variant: state.available(variant.inventory_item_id)),
        "vendor": ("exact", lambda variant: product(variant).vendor),
        "product_type": ("exact", lambda variant: product(variant).product_type),
        "product_status": ("exact", lambda variant: product(variant).status),
        "tag": ("exact", lambda variant: product(variant).tags),
        "updated_at": ("time", lambda variant: product(variant).updated_at),
    }
    return Searchable(fields, lambda variant: (variant.sku, variant.title, product(variant).title))


def variant_sorts(state: State) -> Sorts:
    """Return what variants can be sorted by."""

    def title(variant: Variant) -> list[str]:
        return [state.products[variant.product_id].title.casefold(), variant.title.casefold()]

    return {
        "SKU": lambda variant: variant.sku,
        "TITLE": lambda variant: variant.title.casefold(),
        "FULL_TITLE": title,
        "INVENTORY_QUANTITY": lambda variant: state.available(variant.inventory_item_id),
    }


def order_search(state: State) -> Searchable:
    """Return what orders can be searched for."""

    def customer(order: Order) -> Customer | None:
        return state.customers.get(order.customer_id)

    def skus(order: Order) -> list[str]:
        return [state.variants[line.variant_id].sku for line in order.lines if line.variant_id in state.variants]

    fields: dict[str, tuple[Kind, Get]] = {
        **times(),
        "updated_at": ("time", updated),
        "processed_at": ("time", attrgetter("created_at")),
        "name": ("exact", lambda order: (order.name, order.name.lstrip("#"))),
        "customer_id": ("number", attrgetter("customer_id")),
        "email": ("exact", lambda order: found.email if (found := customer(order)) else None),
        "financial_status": ("exact", attrgetter("financial")),
        "fulfillment_status": ("exact", shown_fulfillment),
        "status": ("exact", lambda order: "cancelled" if order.cancelled_at else "open"),
        "sku": ("exact", skus),
    }
    return Searchable(fields, lambda order: (order.name, getattr(customer(order), "email", "")))


def shown_fulfillment(order: Order) -> tuple[str, ...]:
    """Return the names under which the search knows the state of a delivery."""
    older = {"FULFILLED": "shipped", "UNFULFILLED": "unshipped", "PARTIALLY_FULFILLED": "partial"}
    return (order.fulfillment, older[order.fulfillment])


def customer_search(state: State) -> Searchable:
    """Return what customers can be searched for."""
    fields: dict[str, tuple[Kind, Get]] = {
        **times(),
        "email": ("exact", attrgetter("email")),
        "phone": ("exact", attrgetter("phone")),
        "first_name": ("text", attrgetter("first_name")),
        "last_name": ("text", attrgetter("last_name")),
        "country": ("exact", attrgetter("address.country")),
        "orders_count": ("number", lambda customer: len(state.orders_of.get(customer.id, ()))),
    }
    return Searchable(fields, lambda c: (c.first_name, c.last_name, c.email))


def location_search(_state: State) -> Searchable:
    """Return what locations can be searched for."""
    name: Get = attrgetter("name")
    return Searchable({"id": ("number", attrgetter("id")), "name": ("text", name)}, name)


def item_search(state: State) -> Searchable:
    """Return what inventory items can be searched for."""
    sku: Get = lambda item: state.variants[item.variant_id].sku  # noqa: E731  # used twice
    return Searchable({"id": ("number", attrgetter("id")), "sku": ("exact", sku)}, sku)


def by_name(location: Location) -> str:
    """Return what locations are sorted by."""
    return location.name.casefold()


WINDOWED: Final = frozenset({"products", "productVariants", "inventoryItems", "locations", "orders", "customers"})
PRODUCTS = Root("products", lambda state: state.products.values(), product_sorts, product_search)
VARIANTS = Root("productVariants", lambda state: state.variants.values(), variant_sorts, variant_search)
ITEMS = Root("inventoryItems", lambda state: state.items.values(), lambda _: {}, item_search)
LOCATIONS = Root(
    "locations", lambda state: state.locations.values(), lambda _: {"NAME": by_name}, location_search, "NAME"
)
ORDERS = Root(
    "orders",
    lambda state: state.orders.values(),
    lambda _: {
        "PROCESSED_AT": lambda order: stamp(order.created_at),
        "CREATED_AT": lambda order: stamp(order.created_at),
        "UPDATED_AT": lambda order: stamp(updated(order)),
        "TOTAL_PRICE": lambda order: order.total_minor,
        "FINANCIAL_STATUS": lambda order: order.financial,
    },
    order_search,
    "PROCESSED_AT",
)
CUSTOMERS = Root(
    "customers",
    lambda state: state.customers.values(),
    lambda _: {
        "NAME": lambda customer: [customer.last_name, customer.first_name],
        "CREATED_AT": lambda customer: stamp(customer.created_at),
        "UPDATED_AT": lambda customer: stamp(customer.created_at),
    },
    customer_search,
)
