"""What a product says and what its variants cost can be changed, as far as Shopify lets it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mcp_mock.shopify_client import Answer, Client

PRODUCT = "gid://shopify/Product/1001"
UPDATE = """mutation($product: ProductUpdateInput!) { productUpdate(product: $product) {
  product { title handle vendor productType status tags descriptionHtml updatedAt seo { title description }
    metafield(key: "care.wash") { value type } }
  userErrors { field message } } }"""
PRICES = """mutation($id: ID!, $variants: [ProductVariantsBulkInput!]!, $partly: Boolean) {
  productVariantsBulkUpdate(productId: $id, variants: $variants, allowPartialUpdates: $partly) {
    product { id updatedAt }
    productVariants { id price compareAtPrice barcode sku inventoryItem { unitCost { amount } } }
    userErrors { field message code } } }"""


async def updated(client: Client, **fields: object) -> Answer:
    found: Answer = (await client.ask(UPDATE, product={"id": PRODUCT, **fields}))["productUpdate"]
    return found


async def priced(client: Client, *variants: dict[str, Any], partly: bool = False, product: str = PRODUCT) -> Answer:
    answer = await client.ask(PRICES, id=product, variants=list(variants), partly=partly)
    found: Answer = answer["productVariantsBulkUpdate"]
    return found


def variant(number: int, **fields: object) -> dict[str, Any]:
    return {"id": f"gid://shopify/ProductVariant/{number}", **fields}


async def test_what_is_given_changes_and_the_rest_stays() -> None:
    client = Client()
    metafield = {"namespace": "care", "key": "wash", "type": "single_line_text_field", "value": "By hand"}
    found = await updated(client, title="Oak Lamp", tags=["oak", "new", "oak"], metafields=[metafield])
    assert found["userErrors"] == []
    product = found["product"]
    assert (product["title"], product["vendor"], product["tags"]) == ("Oak Lamp", "Bracken Lane", ["new", "oak"])
    assert product["metafield"] == {"value": "By hand", "type": "single_line_text_field"}
    assert product["updatedAt"] == "2026-02-01T12:00:00Z"
    read = (await client.ask(f'{{ product(id: "{PRODUCT}") {{ title }} }}'))["product"]
    assert read == {"title": "Oak Lamp"}
    assert [write.operation for write in client.world.writes] == ["productUpdate"]


async def test_what_search_engines_are_told_changes_field_by_field() -> None:
    client = Client()
    await updated(client, seo={"title": "Lamp of oak"})
    found = await updated(client, seo={"description": "A lamp"})
    assert found["product"]["seo"] == {"title": "Lamp of oak", "description": "A lamp"}


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"id": "gid://shopify/Product/1"}, ["id"], "Product does not exist"),
        ({"title": " "}, ["title"], "Title can't be blank"),
        ({"title": "x" * 256}, ["title"], "Title is too long (maximum is 255 characters)"),
        ({"handle": "wool-rug"}, ["input", "handle"], "Handle 'wool-rug' already in use"),
        ({"handle": "No Handle"}, ["handle"], "Handle is invalid"),
        (
            {"metafields": [{"namespace": "care", "key": "wash", "type": "number_integer", "value": "x"}]},
            ["metafields", "0", "value"],
            "Value is invalid for type number_integer.",
        ),
    ],
)
async def test_what_a_product_cannot_be_is_told_and_nothing_changes(
    fields: dict[str, Any], field: list[str], told: str
) -> None:
    client = Client()
    found = await updated(client, **{"vendor": "Other", **fields})
    assert found["product"] is None
    assert found["userErrors"][0]["field"] == field
    assert found["userErrors"][0]["message"].startswith(told)
    assert client.world.writes == []


async def test_a_field_that_the_mock_does_not_change_is_refused_rather_than_dropped() -> None:
    client = Client()
    error = await client.refused(UPDATE, product={"id": PRODUCT, "title": "X", "templateSuffix": "y"})
    assert error["message"] == "ProductUpdateInput.templateSuffix is not in the mock"
    assert client.world.writes == []


async def test_prices_change_together() -> None:
    client = Client()
    found = await priced(
        client,
        variant(2001, price="45.50", compareAtPrice="49.00"),
        variant(2002, price="55", inventoryItem={"cost": "20.00", "sku": "NEW"}, barcode="5"),
    )
    assert found["userErrors"] == []
    one, two = found["productVariants"]
    assert (one["price"], one["compareAtPrice"]) == ("45.50", "49.00")
    assert (two["price"], two["sku"], two["barcode"]) == ("55.00", "NEW", "5")
    assert two["inventoryItem"]["unitCost"] == {"amount": "20.0"}
    again = await priced(client, variant(2001, compareAtPrice=None))
    assert again["productVariants"][0]["compareAtPrice"] is None
    assert len(client.world.writes) == 2


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        (variant(2001, price="-1"), "price", "GREATER_THAN_OR_EQUAL_TO"),
        (variant(2001, price="1.005"), "price", "INVALID_VALUE"),
        (variant(2003, price="1"), "id", "PRODUCT_VARIANT_DOES_NOT_EXIST"),
        ({"price": "1"}, "id", "PRODUCT_VARIANT_ID_MISSING"),
    ],
)
async def test_one_price_that_cannot_be_stops_them_all_unless_told_otherwise(
    wrong: dict[str, Any], field: str, code: str
) -> None:
    client = Client()
    found = await priced(client, variant(2002, price="1"), wrong)
    assert found["productVariants"] is None
    assert [(error["field"], error["code"]) for error in found["userErrors"]] == [(["variants", "1", field], code)]
    assert client.world.writes == []
    partly = await priced(client, variant(2002, price="1"), wrong, partly=True)
    assert [one["price"] for one in partly["productVariants"]] == ["1.00"]
    assert len(partly["userErrors"]) == len(client.world.writes) == 1


async def test_a_price_that_is_no_amount_is_no_price() -> None:
    error = await Client().refused(PRICES, id=PRODUCT, variants=[variant(2001, price="cheap")])
    assert "Money cannot represent 'cheap'." in error["message"]


async def test_prices_of_a_product_that_is_not_there_change_nothing() -> None:
    found = await priced(Client(), variant(2001, price="1"), product="gid://shopify/Product/1")
    assert [error["code"] for error in found["userErrors"]] == ["PRODUCT_DOES_NOT_EXIST"]


async def test_a_mutation_that_the_mock_lacks_is_an_error() -> None:
    document = 'mutation { productDelete(input: {id: "gid://shopify/Product/1001"}) { deletedProductId } }'
    error = await Client().refused(document)
    assert error["extensions"]["code"] == "NOT_IN_THE_MOCK"
