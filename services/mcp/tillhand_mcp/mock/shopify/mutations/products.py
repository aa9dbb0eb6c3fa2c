"""Changes to what a product says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tillhand_mcp.mock.shopify.context import Args, Context
from tillhand_mcp.mock.shopify.mutations.metafields import complaints as metafield_complaints
from tillhand_mcp.mock.shopify.mutations.metafields import store
from tillhand_mcp.mock.shopify.mutations.outcome import Outcome, done, failed, only
from tillhand_mcp.mock.shopify.values import gid, number, refusal, user_error
from tillhand_mockshop.model import Product

FIELDS: Final = {
    "title": "title",
    "descriptionHtml": "description_html",
    "vendor": "vendor",
    "productType": "product_type",
    "status": "status",
    "handle": "handle",
}
KNOWN: Final = frozenset({*FIELDS, "id", "tags", "seo", "metafields", "redirectNewHandle"})
LONGEST: Final = 255
HANDLE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Errors = list[Mapping[str, Any]]


def update_product(context: Context, args: Args) -> Outcome:
    """Change the fields of a product that were given, and leave the others."""
    given = args.get("product") or args.get("input") or {}
    only(args, frozenset({"product", "input", "identifier"}), "productUpdate")
    # A default of the schema, which asks for nothing.
    only({key: value for key, value in given.items() if value is not False}, KNOWN, "ProductUpdateInput")
    product = context.state.products.get(identity(args, given))
    if product is None:
        return failed([user_error("Product does not exist", "id")], "product")
    metafields = [{**one, "ownerId": gid("Product", product.id)} for one in given.get("metafields") or ()]
    errors = [*complaints(context, product, given), *metafield_complaints(context, metafields)]
    if errors:
        return failed(errors, "product")
    changed = {ours: given[theirs] for theirs, ours in FIELDS.items() if given.get(theirs) is not None}
    if given.get("tags") is not None:
        changed["tags"] = tuple(dict.fromkeys(tag.strip() for tag in given["tags"] if tag.strip()))
    if given.get("seo") is not None:
        before = context.state.seo.get(product.id, {"title": None, "description": None})
        context.state.seo[product.id] = {**before, **given["seo"]}
    for one in metafields:
        store(context, one)
    now = replace(product, **changed, updated_at=context.state.now())
    context.state.put_product(now)
    return done(product=now)


def identity(args: Args, given: Args) -> int:
    """Return the number of the product that is meant."""
    named = (args.get("identifier") or {}).get("id") or given.get("id")
    if named is None:
        raise refusal(
            "productUpdate needs the id of a product; other identifiers are not in the mock", "NOT_IN_THE_MOCK"
        )
    return number(named, "Product")


def complaints(context: Context, product: Product, given: Args) -> Errors:
    """Say what is wrong with the fields that were given."""
    found: Errors = []
    title, handle = given.get("title"), given.get("handle")
    if title is not None and not title.strip():
        found.append(user_error("Title can't be blank", "title"))
    for name in ("title", "vendor", "productType", "handle"):
        if len(given.get(name) or "") > LONGEST:
            label = {"productType": "Product type"}.get(name, name.capitalize())
            found.append(user_error(f"{label} is too long (maximum is {LONGEST} characters)", name))
    if handle is not None and not HANDLE.fullmatch(handle):
        found.append(user_error("Handle is invalid", "handle"))
    if any(one.handle == handle and one.id != product.id for one in context.state.products.values()):
        found.append(user_error(f"Handle '{handle}' already in use. Please provide a new handle.", "input", "handle"))
    return found
