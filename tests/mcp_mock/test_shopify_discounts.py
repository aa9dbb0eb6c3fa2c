"""Codes that take something off are created once each, and found again by what they say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mcp_mock.shopify_client import Answer, Client

CREATE = """mutation($given: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $given) {
  codeDiscountNode { id codeDiscount { __typename ... on DiscountCodeBasic {
    title status summary startsAt endsAt usageLimit appliesOncePerCustomer
    codes(first: 2) { nodes { code } }
    customerGets { value { ... on DiscountPercentage { percentage } ... on DiscountAmount { amount { amount } } }
      items { ... on AllDiscountItems { allItems } } } } } }
  userErrors { field message code extraInfo } } }"""


def given(**changed: object) -> dict[str, Any]:
    return {
        "title": "Spring",
        "code": "SPRING10",
        "startsAt": "2026-02-01T00:00:00Z",
        "customerGets": {"value": {"percentage": 0.1}, "items": {"all": True}},
        "context": {"all": "ALL"},
        **changed,
    }


async def create(client: Client, **changed: object) -> Answer:
    found: Answer = (await client.ask(CREATE, given=given(**changed)))["discountCodeBasicCreate"]
    return found


async def test_a_code_is_created_and_found_by_its_text() -> None:
    client = Client()
    found = await create(client, usageLimit=100)
    assert found["userErrors"] == []
    discount = found["codeDiscountNode"]["codeDiscount"]
    assert (discount["title"], discount["status"], discount["usageLimit"]) == ("Spring", "ACTIVE", 100)
    assert discount["codes"]["nodes"] == [{"code": "SPRING10"}]
    assert discount["customerGets"] == {"value": {"percentage": 0.1}, "items": {"allItems": True}}
    document = '{ codeDiscountNodeByCode(code: "spring10") { id } codeDiscountNodes(first: 5) { nodes { id } } }'
    by_code = await client.ask(document)
    assert by_code["codeDiscountNodeByCode"]["id"] == found["codeDiscountNode"]["id"]
    assert len(by_code["codeDiscountNodes"]["nodes"]) == 1
    assert [write.operation for write in client.world.writes] == ["discountCodeBasicCreate"]


async def test_a_code_may_take_off_an_amount_and_begin_later() -> None:
    value = {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}}
    found = await create(
        Client(), customerGets={"value": value, "items": {"all": True}}, startsAt="2026-03-01T00:00:00Z"
    )
    discount = found["codeDiscountNode"]["codeDiscount"]
    assert (discount["status"], discount["summary"]) == ("SCHEDULED", "5.00 GBP off")
    assert discount["customerGets"]["value"] == {"amount": {"amount": "5.0"}}


async def test_a_code_ends_when_it_was_to_end() -> None:
    client = Client()
    await create(client, endsAt="2026-02-02T00:00:00Z")
    await client.clock.advance(24 * 3600)
    document = '{ codeDiscountNodeByCode(code: "SPRING10") { codeDiscount { ... on DiscountCodeBasic { status } } } }'
    assert (await client.ask(document))["codeDiscountNodeByCode"]["codeDiscount"] == {"status": "EXPIRED"}


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"title": " "}, ["title"], "BLANK"),
        ({"code": None}, ["code"], "BLANK"),
        ({"code": "x" * 256}, ["code"], "TOO_LONG"),
        ({"startsAt": None}, ["startsAt"], "BLANK"),
        ({"endsAt": "2026-01-31T00:00:00Z"}, ["endsAt"], "END_DATE_BEFORE_START_DATE"),
        ({"usageLimit": 0}, ["usageLimit"], "GREATER_THAN"),
        ({"customerGets": {"items": {"all": True}}}, ["customerGets", "value"], "BLANK"),
        (
            {"customerGets": {"value": {"percentage": 10}, "items": {"all": True}}},
            ["customerGets", "value", "percentage"],
            "VALUE_OUTSIDE_RANGE",
        ),
        (
            {"customerGets": {"value": {"discountAmount": {"amount": "0"}}, "items": {"all": True}}},
            ["customerGets", "value", "discountAmount", "amount"],
            "GREATER_THAN",
        ),
        (
            {"customerGets": {"value": {"percentage": 0.1, "discountAmount": {"amount": "1"}}, "items": {"all": True}}},
            ["customerGets", "value"],
            "TOO_MANY_ARGUMENTS",
        ),
    ],
)
async def test_a_code_that_cannot_be_is_told(changed: dict[str, Any], field: list[str], code: str) -> None:
    client = Client()
    found = await create(client, **changed)
    assert found["codeDiscountNode"] is None
    assert [(error["field"], error["code"]) for error in found["userErrors"]] == [(["basicCodeDiscount", *field], code)]
    assert client.world.writes == []


async def test_a_code_that_there_is_already_cannot_be_created_again() -> None:
    client = Client()
    await create(client)
    found = await create(client, code="spring10")
    assert [error["code"] for error in found["userErrors"]] == ["TAKEN"]
    assert len(client.world.writes) == 1


async def test_a_code_for_some_products_is_refused_rather_than_created_for_all() -> None:
    items = {"products": {"productsToAdd": ["gid://shopify/Product/1001"]}}
    error = await Client().refused(CREATE, given=given(customerGets={"value": {"percentage": 0.1}, "items": items}))
    assert error["extensions"]["code"] == "NOT_IN_THE_MOCK"
