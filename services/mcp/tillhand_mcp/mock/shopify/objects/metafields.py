"""Metafields, and what owns them."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from tillhand_mcp.mock.shopify.connections import Key, Page
from tillhand_mcp.mock.shopify.context import Args, Context, Table, plain
from tillhand_mcp.mock.shopify.state import Owned
from tillhand_mcp.mock.shopify.values import gid, moment

OWNERS: Final = {
    "Product": "PRODUCT",
    "ProductVariant": "PRODUCTVARIANT",
    "Order": "ORDER",
    "Customer": "CUSTOMER",
    "Location": "LOCATION",
    "Shop": "SHOP",
}


def of_owner(kind: str) -> Table:
    """Return the fields by which an object of one type shows its metafields."""

    def owner(source: Any) -> str:  # noqa: ANN401  # any object with an id
        return gid(kind, source.id)

    return {
        "metafield": lambda source, context, args: one(context, owner(source), args),
        "metafields": lambda source, context, args: several(context, owner(source), args),
    }


def one(context: Context, owner: str, args: Args) -> Owned | None:
    """Return a metafield by its name; a key may hold the namespace in front of it."""
    namespace, key = args.get("namespace"), args["key"]
    if namespace is None and "." in key:
        namespace, _, key = key.partition(".")
    return context.state.metafields.get(owner, {}).get((namespace or "$app", key))


def several(context: Context, owner: str, args: Args) -> Page:
    """Return the metafields of an object."""
    namespace, keys = args.get("namespace"), args.get("keys")
    found = [
        owned
        for (space, key), owned in context.state.metafields.get(owner, {}).items()
        if namespace in {None, space} and (keys is None or f"{space}.{key}" in keys or key in keys)
    ]
    found.sort(key=by_metafield_id)
    return context.short(found, args, by_metafield_id)


def by_metafield_id(owned: Owned) -> Key:
    """Return the key of a list of metafields."""
    return (owned.metafield.id,)


def digest(owned: Owned) -> str:
    """Return what a later write can name as the value that it expects."""
    return hashlib.sha256(f"{owned.metafield.type}\0{owned.metafield.value}".encode()).hexdigest()


def json_value(owned: Owned) -> object:
    """Return the value as JSON: that of texts is the text."""
    kind, value = owned.metafield.type, owned.metafield.value
    if kind in {"number_integer", "boolean", "json"} or kind.startswith("list."):
        return json.loads(value)
    return value


def owner_of(owned: Owned, context: Context, _args: Args) -> object:
    """Return the object that a metafield belongs to."""
    from tillhand_mcp.mock.shopify.objects.nodes import find  # noqa: PLC0415  # objects know metafields in turn

    return find(context.state, owned.owner)


METAFIELD: Final[Table] = {
    **plain(namespace="metafield.namespace", key="metafield.key", type="metafield.type", value="metafield.value"),
    "id": lambda owned, *_: gid("Metafield", owned.metafield.id),
    "legacyResourceId": lambda owned, *_: str(owned.metafield.id),
    "createdAt": lambda owned, *_: moment(owned.created_at),
    "updatedAt": lambda owned, *_: moment(owned.updated_at),
    "ownerType": lambda owned, *_: OWNERS[owned.owner.split("/")[3]],
    "owner": owner_of,
    "compareDigest": lambda owned, *_: digest(owned),
    "jsonValue": lambda owned, *_: json_value(owned),
    "sizeInBytes": lambda owned, *_: len(owned.metafield.value.encode()),
}
