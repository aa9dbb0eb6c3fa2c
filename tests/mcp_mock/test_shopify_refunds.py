"""A refund gives back what was paid and what was bought, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mcp_mock.shopify_client import Answer, Client

CREATE = """mutation($input: RefundInput!, $key: String!) { refundCreate(input: $input) @idempotent(key: $key) {
  refund { id note totalRefundedSet { shopMoney { amount } }
    refundLineItems(first: 5) { nodes { quantity restockType restocked lineItem { sku } location { name } } }
    transactions(first: 5) { nodes { kind parentTransaction { id } } } }
  order { displayFinancialStatus totalRefundedSet { shopMoney { amount } } }
  userErrors { field message } } }"""
ORDER = "gid://shopify/Order/7001"
LINE = "gid://shopify/LineItem/8011"
HOME = "gid://shopify/Location/501"


def payment(amount: str, **changed: object) -> dict[str, Any]:
    parent = "gid://shopify/OrderTransaction/7001"
    return {
        "amount": amount,
        "gateway": "shopify_payments",
        "kind": "REFUND",
        "orderId": ORDER,
        "parentId": parent,
        **changed,
    }


def line(quantity: int, **changed: object) -> dict[str, Any]:
    return {"lineItemId": LINE, "quantity": quantity, "restockType": "NO_RESTOCK", **changed}


async def refund(client: Client, key: str = "k", **fields: object) -> Answer:
    found: Answer = (await client.ask(CREATE, input={"orderId": ORDER, **fields}, key=key))["refundCreate"]
    return found


async def stock(client: Client) -> int:
    document = '{ productVariant(id: "gid://shopify/ProductVariant/2006") { inventoryQuantity } }'
    quantity = (await client.ask(document))["productVariant"]["inventoryQuantity"]
    assert isinstance(quantity, int)
    return quantity


async def test_money_and_goods_are_given_back_in_part() -> None:
    client = Client()
    before = await stock(client)
    back = line(2, restockType="RETURN", locationId=HOME)
    found = await refund(client, note="Chipped", refundLineItems=[back], transactions=[payment("28.50")])
    assert found["userErrors"] == []
    assert found["refund"]["note"] == "Chipped"
    assert found["refund"]["totalRefundedSet"]["shopMoney"] == {"amount": "28.5"}
    assert found["refund"]["refundLineItems"]["nodes"] == [
        {
            "quantity": 2,
            "restockType": "RETURN",
            "restocked": True,
            "lineItem": {"sku": "BL-006"},
            "location": {"name": "Warehouse"},
        }
    ]
    assert found["refund"]["transactions"]["nodes"][0]["parentTransaction"]["id"] == payment("1")["parentId"]
    assert found["order"]["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert await stock(client) == before + 2
    assert [(write.operation, write.key) for write in client.world.writes] == [("refundCreate", "k")]


async def test_all_of_it_makes_the_order_refunded_and_then_nothing_is_left() -> None:
    client = Client()
    found = await refund(client, transactions=[payment("110.90")])
    assert found["order"] == {
        "displayFinancialStatus": "REFUNDED",
        "totalRefundedSet": {"shopMoney": {"amount": "110.9"}},
    }
    again = await refund(client, "other", transactions=[payment("0.01")])
    assert again["userErrors"][0]["message"] == "Refund amount cannot be greater than 0.00 GBP"
    assert len(client.world.writes) == 1


async def test_what_is_not_restocked_stays_away() -> None:
    client = Client()
    before = await stock(client)
    await refund(client, refundLineItems=[line(1)], transactions=[payment("14.00")])
    assert await stock(client) == before


async def test_a_location_that_never_had_the_goods_takes_them_back() -> None:
    client = Client()
    back = line(1, restockType="RETURN", locationId="gid://shopify/Location/502")
    assert (await refund(client, refundLineItems=[back]))["userErrors"] == []
    document = (
        '{ inventoryItem(id: "gid://shopify/InventoryItem/3006") { inventoryLevels(first: 5) { nodes { id } } } }'
    )
    assert len((await client.ask(document))["inventoryItem"]["inventoryLevels"]["nodes"]) == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"orderId": "gid://shopify/Order/1"}, ["orderId"]),
        ({}, ["refundLineItems"]),
        ({"transactions": [payment("110.91")]}, ["transactions"]),
        ({"transactions": [payment("60"), payment("60")]}, ["transactions"]),
        ({"transactions": [payment("0")]}, ["transactions", "0", "amount"]),
        ({"transactions": [payment("-5")]}, ["transactions", "0", "amount"]),
        ({"transactions": [payment("1", kind="SALE")]}, ["transactions", "0", "kind"]),
        ({"transactions": [payment("1", orderId="gid://shopify/Order/7002")]}, ["transactions", "0", "orderId"]),
        ({"transactions": [payment("1", parentId=None)]}, ["transactions", "0", "parentId"]),
        ({"refundLineItems": [line(5)]}, ["refundLineItems", "0", "quantity"]),
        ({"refundLineItems": [line(3), line(2)]}, ["refundLineItems", "1", "quantity"]),
        ({"refundLineItems": [line(0)]}, ["refundLineItems", "0", "quantity"]),
        (
            {"refundLineItems": [line(1, lineItemId="gid://shopify/LineItem/8020")]},
            ["refundLineItems", "0", "lineItemId"],
        ),
        ({"refundLineItems": [line(1, restockType="RETURN")]}, ["refundLineItems", "0", "locationId"]),
        ({"refundLineItems": [line(1, locationId="gid://shopify/Location/9")]}, ["refundLineItems", "0", "locationId"]),
        ({"shipping": {"amount": "4.91"}}, ["shipping", "amount"]),
    ],
)
async def test_a_refund_that_cannot_be_is_told_and_changes_nothing(fields: dict[str, Any], field: list[str]) -> None:
    client = Client()
    found = await refund(client, **fields)
    assert found["refund"] is None
    assert found["userErrors"][0]["field"] == field
    assert client.world.writes == []


async def test_what_was_given_back_before_counts() -> None:
    client = Client()
    await refund(client, "a", refundLineItems=[line(3)], shipping={"fullRefund": True}, transactions=[payment("100")])
    found = await refund(
        client, "b", refundLineItems=[line(2)], shipping={"amount": "0.01"}, transactions=[payment("11")]
    )
    assert [error["field"][0] for error in found["userErrors"]] == ["refundLineItems", "shipping", "transactions"]


async def test_an_order_that_was_not_paid_has_nothing_to_give_back() -> None:
    client = Client()
    fields = {"orderId": "gid://shopify/Order/7003"}
    pay = payment("1", **fields, parentId="gid://shopify/OrderTransaction/7003")
    found = await refund(client, transactions=[pay], **fields)
    assert found["userErrors"][0]["message"] == "Refund amount cannot be greater than 0.00 GBP"


async def test_more_than_was_paid_can_be_given_back_where_that_is_meant() -> None:
    found = await refund(Client(), transactions=[payment("120")], allowOverRefunding=True)
    assert found["userErrors"] == []


async def test_a_refund_can_be_reckoned_beforehand() -> None:
    document = """query($lines: [RefundLineItemInput!]) { order(id: "gid://shopify/Order/7004") {
      suggestedRefund(refundLineItems: $lines, refundShipping: true) {
        amountSet { shopMoney { amount } } maximumRefundableSet { shopMoney { amount } }
        subtotalSet { shopMoney { amount } } shipping { maximumRefundableSet { shopMoney { amount } } }
        refundLineItems { quantity subtotalSet { shopMoney { amount } } }
        suggestedTransactions { kind gateway amountSet { shopMoney { amount } } parentTransaction { id } } } } }"""
    lines = [{"lineItemId": "gid://shopify/LineItem/8041", "quantity": 1}]
    found = (await Client().ask(document, lines=lines))["order"]["suggestedRefund"]
    assert found["subtotalSet"]["shopMoney"] == {"amount": "58.0"}
    assert found["amountSet"]["shopMoney"] == {"amount": "62.9"}
    assert found["maximumRefundableSet"]["shopMoney"] == {"amount": "110.9"}
    assert found["suggestedTransactions"][0]["parentTransaction"] == {"id": "gid://shopify/OrderTransaction/7004"}
