"""Every field that the mock knows is one of the schema's, and its value fits the type that the schema gives it."""

from __future__ import annotations

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

from tests.mcp_mock.shopify_client import Client
from tillhand_mcp.mock.shopify.mutations.table import MUTATIONS
from tillhand_mcp.mock.shopify.objects.tables import QUERY, TABLES, TYPES
from tillhand_mcp.schemas.shopify import admin_schema

# One of each: where in the small shop it is found.
PLACES = {
    "Shop": "gid://shopify/Shop/1",
    "Product": "gid://shopify/Product/1001",
    "ProductVariant": "gid://shopify/ProductVariant/2004",
    "InventoryItem": "gid://shopify/InventoryItem/3004",
    "InventoryLevel": "gid://shopify/InventoryLevel/501?inventory_item_id=3004",
    "Location": "gid://shopify/Location/501",
    "Order": "gid://shopify/Order/7004",
    "LineItem": "gid://shopify/LineItem/8040",
    "Refund": "gid://shopify/Refund/9004",
    "Customer": "gid://shopify/Customer/6001",
    "Metafield": "gid://shopify/Metafield/4001",
}
ARGUMENTS = {
    "quantities": '(names: ["available", "on_hand"])',
    "metafield": '(namespace: "care", key: "advice")',
    "inventoryLevel": '(locationId: "gid://shopify/Location/501", inventoryItemId: "gid://shopify/InventoryItem/3004")',
}


def object_type(name: str) -> GraphQLObjectType:
    found = admin_schema().type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def arguments(name: str, field: GraphQLField) -> str:
    if name in ARGUMENTS:
        wanted = [part for part in ARGUMENTS[name].strip("()").split(", ") if part.split(":")[0] in field.args]
        return ARGUMENTS[name] if name == "quantities" else f"({', '.join(wanted)})"
    return "(first: 5)" if "first" in field.args else ""


def selection(name: str, field: GraphQLField) -> str:
    """The field with all that can be asked of what it leads to and the mock has values for."""
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        return f"{name} {arguments(name, field)}"
    inner = "__typename"
    if kind.name.endswith("Connection"):
        inner = "nodes { __typename } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    elif kind.name in {"MoneyV2", "MoneyBag", "Count"} and isinstance(kind, GraphQLObjectType):
        inner = " ".join(selection(one, leaf) for one, leaf in kind.fields.items())
    return f"{name} {arguments(name, field)} {{ {inner} }}"


def test_the_tables_hold_no_field_that_the_schema_does_not_have() -> None:
    schema = admin_schema()
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    unknown = [
        f"{TYPES[kind]}.{name}"
        for kind, table in TABLES.items()
        for name in table.keys() - object_type(TYPES[kind]).fields.keys()
    ]
    assert unknown == []
    assert QUERY.keys() <= schema.query_type.fields.keys()
    assert MUTATIONS.keys() <= schema.mutation_type.fields.keys()


@pytest.mark.parametrize("name", PLACES)
async def test_each_field_that_is_known_has_a_value_of_its_type(name: str) -> None:
    kind = object_type(name)
    assert isinstance(admin_schema().type_map["Node"], GraphQLInterfaceType)
    known = next(table for python, table in TABLES.items() if TYPES[python] == name)
    fields = "\n".join(selection(one, kind.fields[one]) for one in known)
    document = f'{{ node(id: "{PLACES[name]}") {{ ... on {name} {{ {fields} }} }} }}'
    found = await Client().ask(document)
    assert found["node"]["id"] == PLACES[name]
    required = [one for one in known if isinstance(kind.fields[one].type, GraphQLNonNull)]
    assert [one for one in required if found["node"][one] is None] == []
