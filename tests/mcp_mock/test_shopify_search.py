"""Shopify's search syntax finds what it asks for."""

from __future__ import annotations

import pytest

from tests.mcp_mock.shopify_client import Client

LAMP, THROW, MUG, TRAY, RUG, CANDLE, STOOL, HOOK = range(1001, 1009)
ALL = set(range(1001, 1009))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ALL),
        ("status:active", ALL - {STOOL, HOOK}),
        ("status:ACTIVE,DRAFT", ALL - {HOOK}),
        ("-status:active", {STOOL, HOOK}),
        ("NOT status:active", {STOOL, HOOK}),
        ('vendor:"Moss & Co"', {THROW, RUG}),
        ("vendor:'Moss & Co' title:rug", {RUG}),
        ("product_type:kitchen AND tag:sale", {MUG}),
        ("tag:oak OR tag:wool", {LAMP, RUG, STOOL}),
        ("(tag:oak OR tag:wool) AND status:active", {LAMP, RUG}),
        ("tag:oak OR tag:wool status:draft", {LAMP, STOOL}),
        ("-(tag:oak OR tag:sale) status:active", {THROW, TRAY, RUG, CANDLE}),
        ("title:oak", {LAMP, STOOL}),
        ("title:'desk lamp'", {LAMP}),
        ("title:lam", set()),
        ("title:lam*", {LAMP}),
        ("oak", {LAMP, STOOL}),
        ("fernhill candle", {CANDLE}),
        ("stone*", {MUG}),
        ("sku:BL-006", {MUG}),
        ("sku:bl-00*", {LAMP, THROW, MUG, TRAY, RUG}),
        ("inventory_total:<46", ALL - {CANDLE}),
        ("inventory_total:>=100", {CANDLE}),
        ("inventory_total:18", {MUG}),
        ("created_at:>=2026-01-08", {CANDLE + 1, HOOK}),
        ("created_at:>2026-01-07T09:00:00Z created_at:<='2026-01-08T09:00:00+00:00'", {STOOL}),
        ("created_at:2026-01-04", {MUG}),
        ("updated_at:<now", ALL),
        ("created_at:>now", set()),
        ("id:1003", {MUG}),
        ("id:>=1007", {STOOL, HOOK}),
        ("handle:wool-rug", {RUG}),
        ("tag:*", ALL - {CANDLE}),
        ("status:active)", ALL - {STOOL, HOOK}),
        ("(status:active", ALL - {STOOL, HOOK}),
        ("- OR", ALL),
    ],
)
async def test_products_are_found(query: str, found: set[int]) -> None:
    document = "query($q: String) { products(first: 50, query: $q) { nodes { legacyResourceId } } }"
    nodes = (await Client().ask(document, q=query))["products"]["nodes"]
    assert {int(node["legacyResourceId"]) for node in nodes} == found


@pytest.mark.parametrize(
    ("root", "query", "found"),
    [
        ("productVariants", "sku:BL-012", {2012}),
        ("productVariants", "product_id:1001 inventory_quantity:>5", {2002}),
        ("productVariants", "inventory_quantity:<=0", {2009}),
        ("productVariants", "vendor:Fernhill product_status:archived", {2015}),
        ("inventoryItems", "sku:BL-012", {3012}),
        ("locations", "name:shop", {502}),
        ("orders", "financial_status:paid", {7001, 7002, 7005, 7006}),
        ("orders", "fulfillment_status:unshipped created_at:>=2026-01-07", {7003, 7006}),
        ("orders", "fulfillment_status:partially_fulfilled", {7005}),
        ("orders", "name:#1003", {7003}),
        ("orders", "name:1003", {7003}),
        ("orders", "customer_id:6001 status:open", {7001, 7003, 7006}),
        ("orders", "email:ben.cole@post.example", {7002, 7005}),
        ("orders", "updated_at:>=2026-01-17 updated_at:<2026-01-18", {7004}),
        ("orders", "sku:BL-011", {7004}),
        ("customers", "last_name:dale", {6003}),
        ("customers", "orders_count:0", {6004}),
        ("customers", "ada", {6001}),
    ],
)
async def test_other_objects_are_found(root: str, query: str, found: set[int]) -> None:
    document = f"query($q: String) {{ {root}(first: 50, query: $q) {{ nodes {{ id }} }} }}"
    nodes = (await Client().ask(document, q=query))[root]["nodes"]
    assert {int(node["id"].rpartition("/")[2]) for node in nodes} == found


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("colour:red", "invalid_field", "colour"),
        ("created_at:>=soon", "invalid_value", "created_at"),
        ("inventory_total:<few", "invalid_value", "inventory_total"),
    ],
)
async def test_what_the_search_does_not_understand_is_ignored_with_a_warning(query: str, code: str, field: str) -> None:
    document = "query($q: String) { products(first: 50, query: $q) { nodes { id } } }"
    found = await Client().answer(document, {"q": query})
    assert len(found["data"]["products"]["nodes"]) == 8
    warning = found["extensions"]["search"][0]
    assert (warning["path"], warning["query"]) == (["products"], query)
    assert [(one["field"], one["code"]) for one in warning["warnings"]] == [(field, code)]


async def test_a_search_that_all_is_clear_in_earns_no_warning() -> None:
    found = await Client().answer('{ products(first: 1, query: "status:active") { nodes { id } } }')
    assert "search" not in found["extensions"]


async def test_a_search_sees_what_was_changed_since() -> None:
    client = Client()
    document = '{ products(first: 5, query: "tag:new") { nodes { id } } }'
    assert (await client.ask(document))["products"]["nodes"] == []
    change = 'productUpdate(product: {id: "gid://shopify/Product/1001", tags: ["new"]})'
    await client.ask(f"mutation {{ {change} {{ userErrors {{ message }} }} }}")
    assert len((await client.ask(document))["products"]["nodes"]) == 1
