"""Products and their variants."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any, Final

from tillhand_mcp.mock.shopify.connections import Key, Page
from tillhand_mcp.mock.shopify.context import Args, Context, Table, by_id, empty, fixed, plain, same
from tillhand_mcp.mock.shopify.objects.metafields import of_owner
from tillhand_mcp.mock.shopify.values import amount, gid, moment, money
from tillhand_mockshop.model import Product, Variant


def description(product: Product, _context: Context, args: Args) -> str:
    """Return the description without its tags, shortened where that is asked for."""
    text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", product.description_html)).split())
    limit = args.get("truncateAt")
    return text if limit is None or len(text) <= limit else f"{text[: max(0, limit - 3)]}..."


def variants(product: Product, context: Context, args: Args) -> Page:
    """Return the variants of a product; by their place, unless they are asked for in another order."""
    orders: dict[str, Any] = {"SKU": by_sku, "TITLE": by_title, "ID": by_id}
    key = orders.get(args.get("sortKey", "POSITION"))
    if key is None:
        places = {variant.id: place for place, variant in enumerate(product.variants, 1)}
        return context.short(product.variants, args, lambda variant: (places[variant.id],))
    return context.short(sorted(product.variants, key=key), args, key)


def by_sku(variant: Variant) -> Key:
    """Return the key of a list that is sorted by SKU."""
    return (variant.sku, variant.id)


def by_title(variant: Variant) -> Key:
    """Return the key of a list that is sorted by title."""
    return (variant.title.casefold(), variant.id)


def price_range(product: Product, context: Context, _args: Args) -> Mapping[str, Any]:
    """Return the lowest and the highest price."""
    prices = [variant.price_minor for variant in product.variants]
    currency = context.state.currency
    return {"minVariantPrice": money(min(prices), currency), "maxVariantPrice": money(max(prices), currency)}


def options(product: Product, *_: object) -> list[Mapping[str, Any]]:
    """Return the one option that the variants differ in."""
    return [
        {
            "id": gid("ProductOption", product.id),
            "name": "Title",
            "position": 1,
            "values": [variant.title for variant in product.variants],
            "optionValues": [option_value(variant) for variant in product.variants],
        }
    ]


def option_value(variant: Variant) -> Mapping[str, Any]:
    """Return what a variant is among those of its product."""
    return {"id": gid("ProductOptionValue", variant.id), "name": variant.title, "hasVariants": True}


def selected(variant: Variant, *_: object) -> list[Mapping[str, Any]]:
    """Return what a customer chooses in order to get a variant."""
    return [{"name": "Title", "value": variant.title, "optionValue": option_value(variant)}]


def seo(product: Product, context: Context, _args: Args) -> Mapping[str, Any]:
    """Return what search engines are told, where that differs from the page."""
    return context.state.seo.get(product.id, {"title": None, "description": None})


def sold_out(product: Product, context: Context, _args: Args) -> bool:
    """Say whether there is a variant of which nothing is left."""
    return any(context.state.available(variant.inventory_item_id) <= 0 for variant in product.variants)


def count(number: int) -> dict[str, object]:
    """Return an exact count."""
    return {"count": number, "precision": "EXACT"}


def shop_url(product: Product, context: Context, _args: Args) -> str | None:
    """Return the address of a product's page, which only an active one has."""
    domain = context.state.world.shop.domain
    return f"https://{domain}/products/{product.handle}" if product.status == "ACTIVE" else None


PRODUCT: Final[Table] = {
    **same("title", "handle", "vendor", "status"),
    **plain(productType="product_type", descriptionHtml="description_html", bodyHtml="description_html"),
    **fixed(tracksInventory=True, isGiftCard=False, requiresSellingPlan=False, hasVariantsThatRequiresComponents=False),
    **fixed(mediaCount=count(0), bundleConsolidatedOptions=None),
    **of_owner("Product"),
    "id": lambda product, *_: gid("Product", product.id),
    "legacyResourceId": lambda product, *_: str(product.id),
    "description": description,
    "tags": lambda product, *_: sorted(product.tags),
    "createdAt": lambda product, *_: moment(product.created_at),
    "updatedAt": lambda product, *_: moment(product.updated_at),
    "publishedAt": lambda product, *_: moment(product.created_at) if product.status == "ACTIVE" else None,
    "totalInventory": lambda product, context, _: context.state.total(product),
    "totalVariants": lambda product, *_: len(product.variants),
    "variantsCount": lambda product, *_: count(len(product.variants)),
    "hasOnlyDefaultVariant": lambda product, *_: [one.title for one in product.variants] == ["Default Title"],
    "hasOutOfStockVariants": sold_out,
    "variants": variants,
    "priceRangeV2": price_range,
    "options": options,
    "seo": seo,
    "onlineStoreUrl": shop_url,
    "collections": empty,
    "media": empty,
    "images": empty,
    "events": empty,
    "sellingPlanGroups": empty,
}


def product_of(variant: Variant, context: Context, _args: Args) -> Product:
    """Return the product that a variant belongs to."""
    return context.state.products[variant.product_id]


def position(variant: Variant, context: Context, _args: Args) -> int:
    """Return the place of a variant among those of its product, from 1."""
    ids = [other.id for other in context.state.products[variant.product_id].variants]
    return ids.index(variant.id) + 1


def compare_at(variant: Variant, context: Context, _args: Args) -> str | None:
    """Return the price that is shown struck through."""
    return None if variant.compare_at_minor is None else amount(variant.compare_at_minor, context.state.currency)


def stock(variant: Variant, context: Context, _args: Args) -> int:
    """Return how much there is at all locations."""
    return context.state.available(variant.inventory_item_id)


def for_sale(variant: Variant, context: Context, args: Args) -> bool:
    """Say whether a customer could buy it now."""
    return product_of(variant, context, args).status == "ACTIVE" and stock(variant, context, args) > 0


VARIANT: Final[Table] = {
    **same("title", "sku", "barcode"),
    **fixed(inventoryPolicy="DENY", taxable=True, requiresComponents=False, showUnitPrice=False),
    **of_owner("ProductVariant"),
    "id": lambda variant, *_: gid("ProductVariant", variant.id),
    "legacyResourceId": lambda variant, *_: str(variant.id),
    "displayName": lambda variant, context, args: f"{product_of(variant, context, args).title} - {variant.title}",
    "price": lambda variant, context, _: amount(variant.price_minor, context.state.currency),
    "compareAtPrice": compare_at,
    "position": position,
    "inventoryQuantity": stock,
    "sellableOnlineQuantity": stock,
    "availableForSale": for_sale,
    "inventoryItem": lambda variant, context, _: context.state.items[variant.inventory_item_id],
    "product": product_of,
    "createdAt": lambda variant, context, args: moment(product_of(variant, context, args).created_at),
    "updatedAt": lambda variant, context, args: moment(product_of(variant, context, args).updated_at),
    "selectedOptions": selected,
    "media": empty,
}
