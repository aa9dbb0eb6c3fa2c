"""Changes to what a variant costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tillhand_mcp.mock.shopify.context import Args, Context
from tillhand_mcp.mock.shopify.mutations.outcome import Outcome, failed, only
from tillhand_mcp.mock.shopify.values import minor_units, number, user_error
from tillhand_mockshop.model import Product, Variant

KNOWN: Final = frozenset({"id", "price", "compareAtPrice", "barcode", "inventoryItem"})
KNOWN_OF_ITEM: Final = frozenset({"sku", "cost"})
Error = Mapping[str, Any]


def update_variants(context: Context, args: Args) -> Outcome:
    """Change variants of one product: all of them, or with `allowPartialUpdates` those that can be."""
    only(args, frozenset({"productId", "variants", "allowPartialUpdates"}), "productVariantsBulkUpdate")
    product = context.state.products.get(number(args["productId"], "Product"))
    if product is None:
        error = user_error("Product does not exist", "productId", code="PRODUCT_DOES_NOT_EXIST")
        return failed([error], "product", "productVariants")
    changed: dict[int, Variant] = {}
    errors: list[Error] = []
    for place, given in enumerate(args["variants"]):
        found = update(context, product, str(place), given)
        if isinstance(found, Variant):
            changed[found.id] = found
        else:
            errors.append(found)
    if errors and not (args.get("allowPartialUpdates") and changed):
        return Outcome({"product": product, "productVariants": None, "userErrors": errors}, effective=False)
    now = context.state.put_variants(product, changed)
    payload = {"product": now, "productVariants": list(changed.values()), "userErrors": errors}
    return Outcome(payload, effective=bool(changed))


def update(context: Context, product: Product, place: str, given: Args) -> Variant | Error:
    """Return a variant as it was asked to be, or what is wrong with it."""
    only(given, KNOWN, "ProductVariantsBulkInput")
    item = given.get("inventoryItem") or {}
    only(item, KNOWN_OF_ITEM, "InventoryItemInput")
    if given.get("id") is None:
        return wrong(place, "id", "Product variant is missing ID attribute", "PRODUCT_VARIANT_ID_MISSING")
    wanted = number(given["id"], "ProductVariant")
    variant = next((one for one in product.variants if one.id == wanted), None)
    if variant is None:
        return wrong(place, "id", "Product variant does not exist", "PRODUCT_VARIANT_DOES_NOT_EXIST")
    changed: dict[str, Any] = {}
    for name, ours, value in (
        ("price", "price_minor", given.get("price")),
        ("compareAtPrice", "compare_at_minor", given.get("compareAtPrice")),
        ("cost", "unit_cost_minor", item.get("cost")),
    ):
        minor = None if value is None else minor_units(value, context.state.currency)
        if value is not None and (minor is None or minor < 0):
            label = {"price": "Price", "compareAtPrice": "Compare at price", "cost": "Cost"}[name]
            text = f"{label} must be greater than or equal to 0" if minor is not None else f"{label} is invalid"
            return wrong(place, name, text, "GREATER_THAN_OR_EQUAL_TO" if minor is not None else "INVALID_VALUE")
        if minor is not None or (name == "compareAtPrice" and name in given):
            changed[ours] = minor
    texts = {"barcode": given.get("barcode"), "sku": item.get("sku")}
    return replace(variant, **changed, **{name: text for name, text in texts.items() if text is not None})


def wrong(place: str, field: str, message: str, code: str) -> Error:
    """Return the error of one variant."""
    return user_error(message, "variants", place, field, code=code)
