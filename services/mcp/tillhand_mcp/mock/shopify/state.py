"""What one mock shop has become: the shop that was made up, and all that was done to it since."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from tillhand_mcp.mock.shopify.values import gid
from tillhand_mcp.mock.world import World
from tillhand_mockshop.model import Location, Metafield, Order, Product, Variant

FIRST_NEW_ID: Final = 900_000_000_000_000  # longer than any that a shop comes with


@dataclass(frozen=True, slots=True)
class Item:
    """What of a variant is stocked."""

    id: int
    variant_id: int


@dataclass(frozen=True, slots=True)
class Level:
    """The stock of an item at a location."""

    item_id: int
    location_id: int


@dataclass(slots=True)
class Discount:
    """A code that was created through the API."""

    id: int
    code: str
    title: str
    starts_at: datetime
    ends_at: datetime | None
    percentage: float | None
    amount_minor: int | None
    created_at: datetime
    input: dict[str, Any]


@dataclass(slots=True)
class Owned:
    """A metafield with what the model does not say: whose it is, and since when."""

    owner: str
    metafield: Metafield
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Caches:
    """What was worked out for one revision of the state."""

    revision: int = 0
    kept: dict[object, Any] = field(default_factory=dict)


class State:
    """The shop as it stands. `revision` counts what was changed, for whoever keeps something worked out from it."""

    def __init__(self, world: World) -> None:
        shop = world.shop
        self.world = world
        self.currency = shop.currency
        self.revision = 0
        self.products: dict[int, Product] = {product.id: product for product in shop.products}
        self.variants: dict[int, Variant] = {variant.id: variant for variant in shop.variants()}
        self.items = {
            variant.inventory_item_id: Item(variant.inventory_item_id, variant.id) for variant in shop.variants()
        }
        self.locations: dict[int, Location] = {location.id: location for location in shop.locations}
        self.stock: dict[tuple[int, int], int] = dict(shop.stock)
        self.levels: dict[int, list[Level]] = defaultdict(list)
        for item, location in sorted(shop.stock):
            self.levels[item].append(Level(item, location))
        self.incoming = self._first_incoming()
        self.customers = {customer.id: customer for customer in shop.customers}
        self.orders: dict[int, Order] = {order.id: order for order in shop.orders}
        self.orders_of: dict[int, list[int]] = defaultdict(list)
        for order in shop.orders:
            self.orders_of[order.customer_id].append(order.id)
        self.shipping_refunded: dict[int, int] = defaultdict(int)
        self.restocked: dict[int, dict[int, tuple[str, int | None]]] = {}
        self.seo: dict[int, dict[str, str | None]] = {}
        self.changed_at: dict[tuple[int, int], datetime] = {}
        self.discounts: dict[int, Discount] = {}
        self._ids = FIRST_NEW_ID
        self._caches = Caches()
        self.metafields = self._first_metafields()

    def now(self) -> datetime:
        """Return the moment by the world's clock."""
        return self.world.clock.now()

    def new_id(self) -> int:
        """Return a number that nothing in the shop has yet."""
        self._ids += 1
        return self._ids

    def touch(self) -> None:
        """Note that something has changed."""
        self.revision += 1

    def kept(self) -> dict[object, Any]:
        """Return what has been worked out for the state as it stands, to be added to."""
        if self._caches.revision != self.revision or len(self._caches.kept) > 256:  # noqa: PLR2004  # searches at once
            self._caches = Caches(self.revision)
        return self._caches.kept

    def available(self, item: int) -> int:
        """Return how much of an item there is, at all locations."""
        return sum(self.stock[level.item_id, level.location_id] for level in self.levels.get(item, ()))

    def total(self, product: Product) -> int:
        """Return how much of a product there is: all variants, all locations."""
        return sum(self.available(variant.inventory_item_id) for variant in product.variants)

    def put_product(self, product: Product) -> None:
        """Keep a product in the place of what it was."""
        self.products[product.id] = product
        self.touch()

    def put_variants(self, product: Product, changed: dict[int, Variant]) -> Product:
        """Keep variants in the place of what they were; returns their product as it is now."""
        variants = tuple(changed.get(variant.id, variant) for variant in product.variants)
        now = replace(product, variants=variants, updated_at=self.now())
        self.variants.update(changed)
        self.put_product(now)
        return now

    def put_order(self, order: Order) -> None:
        """Keep an order in the place of what it was."""
        self.orders[order.id] = order
        self.touch()

    def add_stock(self, item: int, location: int, delta: int) -> int:
        """Change what lies at a location; returns how much that is now."""
        if (item, location) not in self.stock:
            self.stock[item, location] = 0
            self.levels[item] = sorted([*self.levels[item], Level(item, location)], key=lambda one: one.location_id)
        self.stock[item, location] += delta
        self.changed_at[item, location] = self.now()
        self.touch()
        return self.stock[item, location]

    def _first_incoming(self) -> dict[tuple[int, int], int]:
        """What suppliers still owe; the first location of an item waits for it."""
        place: dict[int, int] = {}
        for item, location in self.stock:
            place.setdefault(item, location)
        found: dict[tuple[int, int], int] = defaultdict(int)
        for each in self.world.shop.deliveries:
            item = self.variants[each.variant_id].inventory_item_id
            if each.received_on is None and item in place:
                found[item, place[item]] += each.ordered
        return dict(found)

    def _first_metafields(self) -> dict[str, dict[tuple[str, str], Owned]]:
        found: dict[str, dict[tuple[str, str], Owned]] = {}
        for product in self.products.values():
            found[gid("Product", product.id)] = {
                (one.namespace, one.key): Owned(gid("Product", product.id), one, product.created_at, product.updated_at)
                for one in product.metafields
            }
            for variant in product.variants:
                owner = gid("ProductVariant", variant.id)
                found[owner] = {
                    (one.namespace, one.key): Owned(owner, one, product.created_at, product.updated_at)
                    for one in self._supply(variant)
                }
        return found

    def _supply(self, variant: Variant) -> tuple[Metafield, ...]:
        # Shopify has no field of its own for who supplies something and how long that takes: shops keep it this way.
        return (
            Metafield(self.new_id(), "supply", "supplier", "single_line_text_field", variant.supplier),
            Metafield(self.new_id(), "supply", "lead_time_days", "number_integer", str(variant.lead_time_days)),
        )
