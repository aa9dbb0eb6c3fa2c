"""Page by page, every object comes once, whatever the order and although the shop changes meanwhile."""

from __future__ import annotations

import pytest

from tests.mcp_mock.shopify_client import Client

ROOTS = {"products": 8, "productVariants": 15, "inventoryItems": 15, "locations": 2, "orders": 6, "customers": 4}


@pytest.mark.parametrize("size", [1, 3, 250])
@pytest.mark.parametrize("root", ROOTS)
async def test_paging_reaches_every_object_once(root: str, size: int) -> None:
    ids = [node["id"] for node in await Client().every(root, "id", size)]
    assert len(ids) == len(set(ids)) == ROOTS[root]


@pytest.mark.parametrize("reverse", ["true", "false"])
@pytest.mark.parametrize(
    ("root", "key"),
    [
        *[("products", key) for key in ("TITLE", "VENDOR", "PRODUCT_TYPE", "CREATED_AT", "INVENTORY_TOTAL", "ID")],
        *[("productVariants", key) for key in ("SKU", "TITLE", "FULL_TITLE", "INVENTORY_QUANTITY")],
        *[("orders", key) for key in ("CREATED_AT", "TOTAL_PRICE", "UPDATED_AT", "FINANCIAL_STATUS")],
        *[("customers", key) for key in ("NAME", "CREATED_AT")],
    ],
)
async def test_every_order_reaches_every_object_once(root: str, key: str, reverse: str) -> None:
    nodes = await Client().every(root, "id", 2, f", sortKey: {key}, reverse: {reverse}")
    assert len({node["id"] for node in nodes}) == len(nodes) == ROOTS[root]


async def test_sorting_goes_both_ways() -> None:
    client = Client()
    up = [node["title"] for node in await client.every("products", "title", 3, ", sortKey: TITLE")]
    down = [node["title"] for node in await client.every("products", "title", 3, ", sortKey: TITLE, reverse: true")]
    assert up == sorted(up)
    assert down == up[::-1]


async def test_a_page_follows_its_cursor_although_what_came_before_has_changed() -> None:
    client = Client()
    document = """query($after: String) { products(first: 3, after: $after, sortKey: TITLE) {
      edges { cursor node { title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    first = (await client.ask(document))["products"]
    assert first["pageInfo"]["endCursor"] == first["edges"][-1]["cursor"]
    assert first["pageInfo"]["startCursor"] == first["edges"][0]["cursor"]
    rename = 'productUpdate(product: {id: "gid://shopify/Product/1006", title: "Zinc"})'
    await client.ask(f"mutation {{ {rename} {{ userErrors {{ message }} }} }}")
    second = (await client.ask(document, after=first["pageInfo"]["endCursor"]))["products"]
    assert [edge["node"]["title"] for edge in second["edges"]] == ["Oak Desk Lamp", "Oak Stool", "Stoneware Mug"]
    assert second["pageInfo"]["hasPreviousPage"]


async def test_a_page_can_be_taken_from_the_end_and_before_a_cursor() -> None:
    client = Client()
    page = "nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor }"
    last = (await client.ask(f"{{ orders(last: 2, sortKey: ID) {{ {page} }} }}"))["orders"]
    assert [node["id"][-4:] for node in last["nodes"]] == ["7005", "7006"]
    assert (last["pageInfo"]["hasNextPage"], last["pageInfo"]["hasPreviousPage"]) == (False, True)
    document = f"query($before: String) {{ orders(last: 2, before: $before, sortKey: ID) {{ {page} }} }}"
    before = (await client.ask(document, before=last["pageInfo"]["startCursor"]))["orders"]
    assert [node["id"][-4:] for node in before["nodes"]] == ["7003", "7004"]


async def test_the_lists_on_an_object_are_paged_as_well() -> None:
    client = Client()
    document = """query($after: String) { product(id: "gid://shopify/Product/1006") {
      variants(first: 2, after: $after, sortKey: SKU, reverse: true) {
        nodes { sku } pageInfo { hasNextPage endCursor } } } }"""
    first = (await client.ask(document))["product"]["variants"]
    rest = (await client.ask(document, after=first["pageInfo"]["endCursor"]))["product"]["variants"]
    assert [node["sku"] for node in first["nodes"] + rest["nodes"]] == ["BL-013", "BL-012", "BL-011"]
    assert not rest["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("reverse: true", "you must provide one of first or last"),
        ("first: 251", "first cannot exceed 250"),
        ("last: 300", "last cannot exceed 250"),
        ("first: -1", "first must be greater than or equal to 0"),
        ('first: 1, after: "nonsense"', "Invalid cursor for current pagination sort."),
        ('first: 1, after: "WyJUSVRMRSBGYWxzZSIsICJhIiwgMV0="', "Invalid cursor for current pagination sort."),
    ],
)
async def test_a_page_that_cannot_be_is_refused(arguments: str, told: str) -> None:
    error = await Client().refused(f"{{ products({arguments}) {{ nodes {{ id }} }} }}")
    assert error["message"] == told
    assert error["extensions"]["code"] == "BAD_REQUEST"


async def test_a_sort_key_that_the_mock_lacks_is_refused_rather_than_ignored() -> None:
    error = await Client().refused("{ orders(first: 1, sortKey: DESTINATION) { nodes { id } } }")
    assert error["extensions"]["code"] == "NOT_IN_THE_MOCK"
