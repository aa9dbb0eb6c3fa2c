"""What lies where."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from tillhand_mcp.mock.shopify.connections import Key, Page
from tillhand_mcp.mock.shopify.context import Args, Context, Table, fixed, same
from tillhand_mcp.mock.shopify.objects.metafields import of_owner
from tillhand_mcp.mock.shopify.objects.products import count
from tillhand_mcp.mock.shopify.state import Item, Level
from tillhand_mcp.mock.shopify.values import gid, level_gid, moment, money, number, refusal
from tillhand_mockshop.model import Location, Product, Variant

STATES: Final = (
    *("available", "on_hand", "committed", "incoming", "reserved", "damaged", "safety_stock", "quality_control"),
)


def variant_of(item: Item, context: Context) -> Variant:
    """Return the variant that an inventory item is the stock of."""
    return context.state.variants[item.variant_id]


def product_of(item: Item, context: Context) -> Product:
    """Return the product that an inventory item belongs to."""
    return context.state.products[variant_of(item, context).product_id]


def by_location(level: Level) -> Key:
    """Return the key of an item's levels."""
    return (level.location_id,)


def levels(item: Item, context: Context, args: Args) -> Page:
    """Return the levels of an item, a location each."""
    return context.short(context.state.levels.get(item.id, []), args, by_location)


def level(item: Item, context: Context, args: Args) -> Level | None:
    """Return the level of an item at one location."""
    return find_level(context, item.id, number(args["locationId"], "Location"))


def find_level(context: Context, item: int, location: int) -> Level | None:
    """Return a level, where the item is stocked there."""
    return Level(item, location) if (item, location) in context.state.stock else None


def measurement(item: Item, context: Context, _args: Args) -> dict[str, Any]:
    """Return what an item weighs."""
    weight = {"unit": "GRAMS", "value": float(variant_of(item, context).weight_g)}
    return {"id": gid("InventoryItemMeasurement", item.id), "weight": weight}


ITEM: Final[Table] = {
    **fixed(
        tracked=True, requiresShipping=True, duplicateSkuCount=0, trackedEditable={"locked": False, "reason": None}
    ),
    "id": lambda item, *_: gid("InventoryItem", item.id),
    "legacyResourceId": lambda item, *_: str(item.id),
    "sku": lambda item, context, _: variant_of(item, context).sku,
    "unitCost": lambda item, context, _: money(variant_of(item, context).unit_cost_minor, context.state.currency),
    "createdAt": lambda item, context, _: moment(product_of(item, context).created_at),
    "updatedAt": lambda item, context, _: moment(product_of(item, context).updated_at),
    "inventoryLevels": levels,
    "inventoryLevel": level,
    "locationsCount": lambda item, context, _: count(len(context.state.levels.get(item.id, ()))),
    "measurement": measurement,
    "variant": lambda item, context, _: variant_of(item, context),
    "variants": lambda item, context, args: context.short((variant_of(item, context),), args),
}


def quantities(found: Level, context: Context, args: Args) -> list[dict[str, Any]]:
    """Return how much there is by state; a mock shop has nothing that is reserved or damaged."""
    unknown = [name for name in args["names"] if name not in STATES]
    if unknown:
        raise refusal(f"The quantity name {unknown[0]!r} is invalid.", "INVALID_FIELD_ARGUMENTS")
    here = (found.item_id, found.location_id)
    lies, comes = context.state.stock[here], context.state.incoming.get(here, 0)
    known = {"available": lies, "on_hand": lies, "incoming": comes}
    since = {"updatedAt": moment(changed(found, context))}
    return [
        {
            "id": f"{gid('InventoryQuantity', found.location_id)}?inventory_item_id={found.item_id}&name={name}",
            "name": name,
            "quantity": known.get(name, 0),
            **since,
        }
        for name in args["names"]
    ]


def changed(found: Level, context: Context) -> Any:  # noqa: ANN401  # a moment
    """Return when a level was last changed; before that, when its product was."""
    known = context.state.changed_at.get((found.item_id, found.location_id))
    return known or product_of(context.state.items[found.item_id], context).updated_at


LEVEL: Final[Table] = {
    **fixed(isActive=True, canDeactivate=False),
    "id": lambda found, *_: level_gid(found.item_id, found.location_id),
    "item": lambda found, context, _: context.state.items[found.item_id],
    "location": lambda found, context, _: context.state.locations[found.location_id],
    "quantities": quantities,
    "createdAt": lambda found, context, _: moment(product_of(context.state.items[found.item_id], context).created_at),
    "updatedAt": lambda found, context, _: moment(changed(found, context)),
}


def by_item(found: Level) -> Key:
    """Return the key of a location's levels."""
    return (found.item_id,)


def location_levels(location: Location, context: Context, args: Args) -> Page:
    """Return the levels at a location, an item each."""
    found = [Level(item, place) for item, place in sorted(context.state.stock) if place == location.id]
    return context.short(found, args, by_item)


def opened(_location: Location, context: Context, _args: Args) -> str:
    """Return when a location was opened: with the first day that is known of the shop."""
    shop = context.state.world.shop
    return moment(datetime.combine(shop.first_day, time(), ZoneInfo(shop.time_zone)))


LOCATION: Final[Table] = {
    **same("name"),
    **fixed(isActive=True, activatable=False, deactivatable=False, deletable=False, isFulfillmentService=False),
    **fixed(fulfillsOnlineOrders=True, shipsInventory=True, addressVerified=True, suggestedAddresses=[]),
    **of_owner("Location"),
    "id": lambda location, *_: gid("Location", location.id),
    "legacyResourceId": lambda location, *_: str(location.id),
    "createdAt": opened,
    "updatedAt": opened,
    "address": lambda location, *_: {"formatted": [location.name]},
    "hasActiveInventory": lambda location, context, _: any(place == location.id for _, place in context.state.stock),
    "hasUnfulfilledOrders": lambda *_: False,
    "inventoryLevels": location_levels,
    "inventoryLevel": lambda location, context, args: find_level(
        context, number(args["inventoryItemId"], "InventoryItem"), location.id
    ),
}
