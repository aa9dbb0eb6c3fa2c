"""Metafields are set together or not at all, and only from what was expected."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mcp_mock.shopify_client import Answer, Client

PRODUCT = "gid://shopify/Product/1001"
SET = """mutation($given: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $given) {
  metafields { id namespace key type value jsonValue compareDigest createdAt updatedAt
    owner { ... on Product { title } } }
  userErrors { field message code elementIndex } } }"""


def field(value: str = "Dust it", **changed: object) -> dict[str, Any]:
    return {"ownerId": PRODUCT, "namespace": "care", "key": "advice", "value": value, **changed}


async def put(client: Client, *given: dict[str, Any]) -> Answer:
    found: Answer = (await client.ask(SET, given=list(given)))["metafieldsSet"]
    return found


async def test_a_metafield_keeps_its_id_and_its_type_when_its_value_changes() -> None:
    client = Client()
    found = (await put(client, field()))["metafields"][0]
    assert (found["id"], found["type"], found["value"]) == (
        "gid://shopify/Metafield/4001",
        "single_line_text_field",
        "Dust it",
    )
    assert found["createdAt"] < found["updatedAt"]
    assert found["owner"] == {"title": "Oak Desk Lamp"}
    assert [write.operation for write in client.world.writes] == ["metafieldsSet"]


async def test_new_metafields_of_many_types_and_owners_are_set() -> None:
    given = [
        field("3", ownerId="gid://shopify/ProductVariant/2001", key="stars", type="number_integer"),
        field('{"a": 1}', ownerId="gid://shopify/Order/7001", key="extra", type="json"),
        field('["a", "b"]', ownerId="gid://shopify/Customer/6001", key="likes", type="list.single_line_text_field"),
        field("true", ownerId="gid://shopify/Shop/1", key="open", type="boolean", namespace=None),
    ]
    found = await put(Client(), *given)
    assert found["userErrors"] == []
    assert [one["jsonValue"] for one in found["metafields"]] == [3, {"a": 1}, ["a", "b"], True]
    assert found["metafields"][-1]["namespace"] == "$app"


async def test_a_digest_lets_a_write_through_only_from_the_value_that_it_names() -> None:
    client = Client()
    digest = (await put(client, field("one")))["metafields"][0]["compareDigest"]
    assert (await put(client, field("two", compareDigest=digest)))["userErrors"] == []
    stale = await put(client, field("three", compareDigest=digest))
    assert [error["code"] for error in stale["userErrors"]] == ["STALE_OBJECT"]
    new = await put(client, field("https://a.example/", key="fresh", type="url", compareDigest=None))
    assert new["userErrors"] == []
    assert len(client.world.writes) == 3


@pytest.mark.parametrize(
    ("wrong", "name", "code"),
    [
        (field(ownerId="gid://shopify/Product/1"), "ownerId", "INVALID"),
        (field(ownerId="gid://shopify/Metafield/4001"), "ownerId", "INVALID"),
        (field(key="x"), "key", "INVALID"),
        (field(namespace="n n"), "namespace", "INVALID"),
        (field(key="fresh"), "type", "BLANK"),
        (field(key="fresh", type="colour"), "type", "INVALID_TYPE"),
        (field(" "), "value", "BLANK"),
        (field("two\nlines"), "value", "INVALID_VALUE"),
        (field("x", key="fresh", type="number_decimal"), "value", "INVALID_VALUE"),
        (field("{", key="fresh", type="json"), "value", "INVALID_VALUE"),
        (field("1", key="fresh", type="list.number_integer"), "value", "INVALID_VALUE"),
        (field("maybe", key="fresh", type="boolean"), "value", "INVALID_VALUE"),
        (field("2026-13-01", key="fresh", type="date"), "value", "INVALID_VALUE"),
    ],
)
async def test_one_metafield_that_cannot_be_stops_them_all(wrong: dict[str, Any], name: str, code: str) -> None:
    client = Client()
    found = await put(client, field(), wrong)
    assert found["metafields"] is None
    assert [(error["field"], error["code"]) for error in found["userErrors"]] == [(["metafields", "1", name], code)]
    assert client.world.writes == []


async def test_no_more_than_25_are_set_at_once() -> None:
    found = await put(Client(), *[field()] * 26)
    assert [error["code"] for error in found["userErrors"]] == ["LESS_THAN_OR_EQUAL_TO"]
