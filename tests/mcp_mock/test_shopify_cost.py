"""Queries cost points before and after; who has none left waits."""

from __future__ import annotations

import pytest

from tests.mcp_mock.shopify_client import Answer, Client
from tillhand_mcp.mock.shopify import Limits

SHOP = "{ shop { name } }"


def cost(answer: Answer) -> Answer:
    found: Answer = answer["extensions"]["cost"]
    return found


@pytest.mark.parametrize(
    ("document", "requested", "actual"),
    [
        (SHOP, 1, 1),
        ('{ product(id: "gid://shopify/Product/1") { id } }', 1, 1),
        ("{ products(first: 100) { nodes { id title } } }", 2 + 100, 2 + 8),
        ("{ products(first: 100) { edges { cursor node { id } } pageInfo { hasNextPage } } }", 2 + 100, 2 + 8),
        ("{ products(first: 10) { nodes { seo { title } variants(first: 3) { nodes { sku } } } } }", 2 + 10 * 7, 49),
        ('query($n: Int = 7) { products(first: $n, query: "id:0") { nodes { id } } }', 2 + 7, 2),
        ("query { ...Q } fragment Q on QueryRoot { shop { name plan { displayName } } }", 2, 2),
        ('{ node(id: "gid://shopify/Product/1001") { ... on Product { seo { title } } ... on Order { id } } }', 2, 2),
        ('{ nodes(ids: ["gid://shopify/Product/1001", "gid://shopify/Product/1"]) { id } }', 2, 2),
        ('mutation { productUpdate(product: {id: "gid://shopify/Product/1"}) { userErrors { message } } }', 10, 10),
    ],
)
async def test_a_query_costs_by_what_it_leads_to(document: str, requested: int, actual: int) -> None:
    found = cost(await Client().answer(document))
    assert (found["requestedQueryCost"], found["actualQueryCost"]) == (requested, actual)


async def test_what_was_not_needed_is_given_back() -> None:
    found = cost(await Client().answer("{ products(first: 250) { nodes { id } } }"))
    assert found["throttleStatus"] == {"maximumAvailable": 2000.0, "currentlyAvailable": 1990, "restoreRate": 100.0}


async def test_who_has_too_few_points_is_throttled_until_time_has_brought_more() -> None:
    client = Client(Limits(maximum_available=100, restore_rate=10))
    document = '{ products(first: 90, query: "id:0") { nodes { id } } }'
    for _ in range(5):
        await client.ask(document)
    throttled = await client.answer(document)
    assert throttled["errors"][0]["message"] == "Throttled"
    assert throttled["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert cost(throttled) == {
        "requestedQueryCost": 92,
        "actualQueryCost": None,
        "throttleStatus": {"maximumAvailable": 100, "currentlyAvailable": 90, "restoreRate": 10},
    }
    assert "data" not in throttled
    await client.clock.advance(0.2)
    await client.ask(document)


async def test_the_bucket_never_holds_more_than_it_can() -> None:
    client = Client(Limits(maximum_available=100, restore_rate=10))
    await client.clock.advance(1000)
    assert cost(await client.answer(SHOP))["throttleStatus"]["currentlyAvailable"] == 99


async def test_a_throttled_write_does_nothing() -> None:
    client = Client(Limits(maximum_available=5, restore_rate=1))
    document = 'mutation { productUpdate(product: {id: "gid://shopify/Product/1001", title: "X"}) { product { id } } }'
    assert (await client.refused(document))["extensions"]["code"] == "THROTTLED"
    assert client.world.writes == []


async def test_a_query_that_costs_more_than_any_may_is_refused_whatever_is_left() -> None:
    client = Client()
    error = await client.refused("{ products(first: 250) { nodes { variants(first: 10) { nodes { id } } } } }")
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert (error["extensions"]["cost"], error["extensions"]["maxCost"]) == (3252, 1000)
    assert cost(await client.answer(SHOP))["throttleStatus"]["currentlyAvailable"] == 1999
