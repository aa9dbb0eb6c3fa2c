"""A key of idempotency makes a write happen once; writes that know no such key refuse it."""

from __future__ import annotations

import asyncio

import pytest

from tests.mcp_mock.shopify_client import NOW, Client
from tests.mcp_mock.test_shopify_inventory import ADJUST, adjusted, adjustment, change, stock
from tillhand_common.testing import settle
from tillhand_mcp.mock.shopify import Limits

REFUND = """mutation($note: String, $key: String!) {
  refundCreate(input: {orderId: "gid://shopify/Order/7001", note: $note, transactions: [{
    amount: "5.00", gateway: "shopify_payments", kind: REFUND, orderId: "gid://shopify/Order/7001",
    parentId: "gid://shopify/OrderTransaction/7001"}]
  }) @idempotent(key: $key) { refund { id } userErrors { message } } }"""


async def test_the_same_call_again_gives_the_same_answer_and_no_second_effect() -> None:
    client = Client()
    first = await adjusted(client, "k", change(-1, None))
    again = await adjusted(client, "k", change(-1, None))
    assert first == again
    assert await stock(client) == 5
    assert len(client.world.writes) == 1
    refunds = [await client.ask(REFUND, note="a", key="r") for _ in range(2)]
    assert refunds[0] == refunds[1]
    assert [write.operation for write in client.world.writes] == ["inventoryAdjustQuantities", "refundCreate"]


async def test_another_key_is_another_call() -> None:
    client = Client()
    for key in ("a", "b"):
        await adjusted(client, key, change(-1, None))
    assert await stock(client) == 4


async def test_an_answer_that_named_errors_is_given_again() -> None:
    client = Client()
    first = await adjusted(client, "k", change(-1, 99))
    assert first["userErrors"][0]["code"] == "CHANGE_FROM_QUANTITY_STALE"
    assert await adjusted(client, "k", change(-1, 99)) == first


async def test_a_key_with_other_arguments_is_a_conflict() -> None:
    client = Client()
    await adjusted(client, "k", change(-1, None))
    found = await adjusted(client, "k", change(-2, None))
    assert [error["code"] for error in found["userErrors"]] == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]
    assert await stock(client) == 5
    await client.ask(REFUND, note="a", key="r")
    error = await client.refused(REFUND, note="b", key="r")
    assert error["extensions"]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
    assert len(client.world.writes) == 2


async def test_a_key_that_another_request_is_at_work_under_is_told_to_wait() -> None:
    client = Client(Limits(write_s=2.0))
    first = asyncio.create_task(adjusted(client, "k", change(-1, None)))
    await settle(50)
    busy = await adjusted(client, "k", change(-1, None))
    assert [error["code"] for error in busy["userErrors"]] == ["IDEMPOTENCY_CONCURRENT_REQUEST"]
    await client.clock.advance(2)
    assert (await first)["userErrors"] == []
    assert (await adjusted(client, "k", change(-1, None))) == await first
    assert len(client.world.writes) == 1


async def test_a_key_is_forgotten_after_a_day() -> None:
    client = Client()
    await adjusted(client, "k", change(-1, None))
    await client.clock.advance(25 * 3600)
    await adjusted(client, "k", change(-1, None))
    assert await stock(client) == 4
    assert client.world.writes[0].at == NOW


@pytest.mark.parametrize("document", [ADJUST.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")])
async def test_writes_to_stock_need_a_key(document: str) -> None:
    client = Client()
    error = await client.refused(document, input=adjustment(change(1, None)))
    assert error["message"] == "The @idempotent directive is required for this mutation but was not provided."
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert client.world.writes == []


async def test_refunds_need_a_key() -> None:
    document = REFUND.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    error = await Client().refused(document, note="a")
    assert error["message"] == "The @idempotent directive is required for this mutation but was not provided."


async def test_a_blank_key_is_refused() -> None:
    error = await Client().refused(ADJUST, input=adjustment(change(1, None)), key="  ")
    assert error["message"] == "The idempotency key cannot be an empty string or whitespace only."


@pytest.mark.parametrize(
    "call",
    [
        'productUpdate(product: {id: "gid://shopify/Product/1001", title: "X"})',
        'productVariantsBulkUpdate(productId: "gid://shopify/Product/1001", variants: [])',
        'discountCodeBasicCreate(basicCodeDiscount: {title: "X"})',
        "metafieldsSet(metafields: [])",
    ],
)
async def test_other_writes_refuse_a_key(call: str) -> None:
    client = Client()
    error = await client.refused(f'mutation {{ {call} @idempotent(key: "k") {{ userErrors {{ message }} }} }}')
    assert error["message"] == "The @idempotent directive is not supported for this mutation."
    assert client.world.writes == []
