"""Stock changes by what was asked for, from what was expected, once, and all of it or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mcp_mock.shopify_client import Answer, Client

ADJUST = """mutation($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id reason createdAt referenceDocumentUri
      changes(quantityNames: ["available"]) { name delta quantityAfterChange item { sku } location { name } } }
    userErrors { field message code } } }"""
ITEM, HOME = "gid://shopify/InventoryItem/3002", "gid://shopify/Location/501"


def change(delta: int, expected: int | None, item: str = ITEM, location: str = HOME) -> dict[str, Any]:
    return {"inventoryItemId": item, "locationId": location, "delta": delta, "changeFromQuantity": expected}


def adjustment(*changes: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"name": "available", "reason": "correction", "changes": list(changes), **more}


async def adjusted(client: Client, key: str, *changes: dict[str, Any], **more: object) -> Answer:
    found: Answer = (await client.ask(ADJUST, input=adjustment(*changes, **more), key=key))["inventoryAdjustQuantities"]
    return found


async def stock(client: Client) -> int:
    document = """query($item: ID!, $location: ID!) { inventoryItem(id: $item) {
      inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } } } }"""
    quantity = (await client.ask(document, item=ITEM, location=HOME))["inventoryItem"]["inventoryLevel"]["quantities"][
        0
    ]["quantity"]
    assert isinstance(quantity, int)
    return quantity


async def test_stock_changes_from_what_was_expected() -> None:
    client = Client()
    found = await adjusted(client, "k", change(-4, 6), referenceDocumentUri="gid://tillhand/Draft/7")
    assert found["userErrors"] == []
    group = found["inventoryAdjustmentGroup"]
    assert group["changes"] == [
        {
            "name": "available",
            "delta": -4,
            "quantityAfterChange": 2,
            "item": {"sku": "BL-002"},
            "location": {"name": "Warehouse"},
        }
    ]
    assert (group["reason"], group["referenceDocumentUri"]) == ("correction", "gid://tillhand/Draft/7")
    assert await stock(client) == 2
    write = client.world.writes[0]
    assert (write.upstream, write.operation, write.key) == ("shopify", "inventoryAdjustQuantities", "k")
    assert write.arguments["input"]["changes"][0]["delta"] == -4


async def test_null_for_what_is_expected_skips_the_check() -> None:
    client = Client()
    assert (await adjusted(client, "k", change(5, None)))["userErrors"] == []
    assert await stock(client) == 11


async def test_what_is_expected_has_to_be_named() -> None:
    client = Client()
    without = {"inventoryItemId": ITEM, "locationId": HOME, "delta": 1}
    error = await client.refused(ADJUST, input=adjustment(without), key="k")
    assert error["message"] == "InventoryChangeInput must include the following argument: changeFromQuantity."
    assert error["extensions"]["code"] == "INVALID_FIELD_ARGUMENTS"
    assert client.world.writes == []


async def test_two_changes_of_one_level_follow_each_other() -> None:
    client = Client()
    assert (await adjusted(client, "k", change(-1, 6), change(-1, 5)))["userErrors"] == []
    assert await stock(client) == 4
    assert len(client.world.writes) == 1


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        (change(-1, 7), "changeFromQuantity", "CHANGE_FROM_QUANTITY_STALE"),
        (change(-1, 6, item="gid://shopify/InventoryItem/1"), "inventoryItemId", "INVALID_INVENTORY_ITEM"),
        (change(-1, 6, location="gid://shopify/Location/1"), "locationId", "INVALID_LOCATION"),
        (
            change(-1, None, item="gid://shopify/InventoryItem/3015", location="gid://shopify/Location/502"),
            "locationId",
            "INVALID_LOCATION",
        ),
        (change(2_000_000_000, None), "delta", "INVALID_QUANTITY_TOO_HIGH"),
        (change(-2_000_000_010, None), "delta", "INVALID_QUANTITY_TOO_LOW"),
        ({**change(-1, 6), "ledgerDocumentUri": "gid://a/B/1"}, "ledgerDocumentUri", "INVALID_AVAILABLE_DOCUMENT"),
    ],
)
async def test_one_change_that_cannot_be_stops_them_all(wrong: dict[str, Any], field: str, code: str) -> None:
    client = Client()
    fine = change(3, 9, item="gid://shopify/InventoryItem/3003")
    found = await adjusted(client, "k", fine, wrong)
    assert found["inventoryAdjustmentGroup"] is None
    assert [(error["field"], error["code"]) for error in found["userErrors"]] == [
        (["input", "changes", "1", field], code)
    ]
    assert await stock(client) == 6
    assert client.world.writes == []


async def test_other_quantities_than_the_available_one_are_not_in_the_mock() -> None:
    error = await Client().refused(ADJUST, input=adjustment(change(1, 6), name="damaged"), key="k")
    assert error["extensions"]["code"] == "NOT_IN_THE_MOCK"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"reason": "because"}, "INVALID_REASON"),
        ({"name": "somewhere"}, "INVALID_QUANTITY_NAME"),
        ({"referenceDocumentUri": "draft 7"}, "INVALID_REFERENCE_DOCUMENT"),
        ({"referenceDocumentUri": "gid://shopify/Order/1"}, "INVALID_REFERENCE_DOCUMENT"),
    ],
)
async def test_a_call_that_is_wrong_as_a_whole_names_why(more: dict[str, str], code: str) -> None:
    found = await adjusted(Client(), "k", change(1, 6), **more)
    assert [error["code"] for error in found["userErrors"]] == [code]
