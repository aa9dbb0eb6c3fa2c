"""What the mock shop holds can be read, object by object."""

from __future__ import annotations

from tests.mcp_mock.shopify_client import Client

PRODUCT = "gid://shopify/Product/1001"


async def test_the_shop_says_who_it_is() -> None:
    found = await Client().ask(
        "{ shop { name myshopifyDomain currencyCode ianaTimezone timezoneOffsetMinutes primaryDomain { host url } } }"
    )
    assert found["shop"] == {
        "name": "Bracken Lane",
        "myshopifyDomain": "brackenlane.myshopify.example",
        "currencyCode": "GBP",
        "ianaTimezone": "Europe/London",
        "timezoneOffsetMinutes": 0,
        "primaryDomain": {"host": "brackenlane.example", "url": "https://brackenlane.example"},
    }


async def test_the_app_can_see_its_scopes() -> None:
    found = await Client().ask("{ currentAppInstallation { accessScopes { handle } } }")
    handles = {scope["handle"] for scope in found["currentAppInstallation"]["accessScopes"]}
    assert {"read_products", "write_inventory", "write_orders"} <= handles


async def test_a_product_is_read_with_what_hangs_on_it() -> None:
    document = """query($id: ID!) { product(id: $id) {
      title handle status description tags totalInventory publishedAt
      priceRangeV2 { minVariantPrice { amount currencyCode } maxVariantPrice { amount } }
      variants(first: 5) { nodes { sku price compareAtPrice position inventoryQuantity selectedOptions { name value }
        inventoryItem { sku unitCost { amount } measurement { weight { unit value } }
          inventoryLevels(first: 5) { nodes { location { name } quantities(names: ["available"]) { quantity } } } } } }
      metafield(namespace: "care", key: "advice") { value type ownerType }
      missing: metafield(namespace: "care", key: "nothing") { value }
    } }"""
    product = (await Client().ask(document, id=PRODUCT))["product"]
    assert product["title"] == "Oak Desk Lamp"
    assert product["description"] == "A oak desk lamp & nothing else."
    assert product["totalInventory"] == 3 + 2 + 6 + 2
    assert product["priceRangeV2"]["minVariantPrice"] == {"amount": "49.0", "currencyCode": "GBP"}
    first = product["variants"]["nodes"][0]
    assert (first["sku"], first["price"], first["compareAtPrice"], first["position"]) == ("BL-001", "49.00", None, 1)
    assert first["inventoryItem"]["unitCost"] == {"amount": "24.5"}
    assert first["inventoryItem"]["measurement"]["weight"] == {"unit": "GRAMS", "value": 250.0}
    assert first["inventoryItem"]["inventoryLevels"]["nodes"] == [
        {"location": {"name": "Warehouse"}, "quantities": [{"quantity": 3}]},
        {"location": {"name": "Shop floor"}, "quantities": [{"quantity": 2}]},
    ]
    assert product["metafield"] == {
        "value": "Keep it dry, 1",
        "type": "single_line_text_field",
        "ownerType": "PRODUCT",
    }
    assert product["missing"] is None


async def test_who_supplies_a_variant_is_in_its_metafields() -> None:
    document = """{ productVariant(id: "gid://shopify/ProductVariant/2001") {
      supplier: metafield(key: "supply.supplier") { value }
      lead: metafield(namespace: "supply", key: "lead_time_days") { value jsonValue } } }"""
    found = (await Client().ask(document))["productVariant"]
    assert found == {"supplier": {"value": "Kiln & Loom"}, "lead": {"value": "8", "jsonValue": 8}}


async def test_an_order_is_read_with_its_money_and_its_refunds() -> None:
    document = """{ order(id: "gid://shopify/Order/7004") {
      name displayFinancialStatus displayFulfillmentStatus createdAt updatedAt
      totalPriceSet { shopMoney { amount currencyCode } } totalRefundedSet { shopMoney { amount } }
      netPaymentSet { shopMoney { amount } } totalShippingPriceSet { presentmentMoney { amount } }
      customer { displayName email } shippingAddress { city countryCodeV2 }
      lineItems(first: 10) { nodes { sku quantity refundableQuantity discountedTotalSet { shopMoney { amount } } } }
      refunds { note totalRefundedSet { shopMoney { amount } }
        refundLineItems(first: 5) { nodes { quantity lineItem { sku } subtotalSet { shopMoney { amount } } } } }
      transactions { kind status gateway amountSet { shopMoney { amount } } }
    } }"""
    order = (await Client().ask(document))["order"]
    assert order["name"] == "#1004"
    assert order["totalPriceSet"]["shopMoney"] == {"amount": "134.9", "currencyCode": "GBP"}
    assert order["totalRefundedSet"]["shopMoney"]["amount"] == "24.0"
    assert order["netPaymentSet"]["shopMoney"]["amount"] == "110.9"
    assert order["customer"] == {"displayName": "Cleo Dale", "email": "cleo.dale@post.example"}
    assert [line["refundableQuantity"] for line in order["lineItems"]["nodes"]] == [4, 1]
    assert order["refunds"][0]["refundLineItems"]["nodes"][0]["quantity"] == 2
    assert [payment["kind"] for payment in order["transactions"]] == ["SALE", "REFUND"]
    assert order["updatedAt"] > order["createdAt"]


async def test_a_customer_is_read_with_what_they_have_bought() -> None:
    document = """{ customer(id: "gid://shopify/Customer/6002") {
      displayName numberOfOrders amountSpent { amount } lastOrder { name }
      defaultPhoneNumber { phoneNumber } defaultEmailAddress { emailAddress }
      orders(first: 5, reverse: true) { nodes { name } } } }"""
    found = (await Client().ask(document))["customer"]
    assert found["numberOfOrders"] == "2"
    assert found["lastOrder"] == {"name": "#1005"}
    assert [order["name"] for order in found["orders"]["nodes"]] == ["#1005", "#1002"]
    assert found["defaultPhoneNumber"] is None


async def test_objects_are_found_by_their_global_ids_in_the_order_asked_for() -> None:
    ids = ["gid://shopify/Order/7001", "gid://shopify/Product/1", "gid://shopify/Metafield/4002", PRODUCT]
    found = (await Client().ask("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids))["nodes"]
    assert [node and node["__typename"] for node in found] == ["Order", None, "Metafield", "Product"]


async def test_what_is_not_there_is_null() -> None:
    document = '{ product(id: "gid://shopify/Product/1") { id } order(id: "gid://shopify/Order/1") { id } }'
    assert await Client().ask(document) == {"product": None, "order": None}


async def test_an_id_of_another_kind_is_refused() -> None:
    for wrong in ("gid://shopify/Order/7001", "1001", "gid://shopify/Product/x"):
        error = await Client().refused("query($id: ID!) { product(id: $id) { id } }", id=wrong)
        assert error["message"] == f"Invalid global id '{wrong}'"


async def test_a_field_that_the_mock_lacks_is_null_where_it_may_be_and_an_error_where_not() -> None:
    found = await Client().answer(f'{{ product(id: "{PRODUCT}") {{ templateSuffix category {{ id }} }} }}')
    assert found["data"]["product"] == {"templateSuffix": None, "category": None}
    error = await Client().refused("{ shop { paymentSettings { supportedDigitalWallets } } }")
    assert error["message"] == "Shop.paymentSettings is not in the mock"
    assert error["extensions"] == {"code": "NOT_IN_THE_MOCK"}


async def test_the_first_location_is_the_one_without_an_id_and_a_product_has_its_handle() -> None:
    document = """{ location { name } productByIdentifier(identifier: {handle: "wool-rug"}) { title }
      same: productByIdentifier(identifier: {id: "gid://shopify/Product/1005"}) { title }
      inventoryLevel(id: "gid://shopify/InventoryLevel/502?inventory_item_id=3001") { location { name } } }"""
    assert await Client().ask(document) == {
        "location": {"name": "Warehouse"},
        "productByIdentifier": {"title": "Wool Rug"},
        "same": {"title": "Wool Rug"},
        "inventoryLevel": {"location": {"name": "Shop floor"}},
    }


async def test_a_quantity_by_a_name_that_there_is_not_is_refused() -> None:
    document = """{ inventoryItem(id: "gid://shopify/InventoryItem/3001") { inventoryLevels(first: 1) {
      nodes { quantities(names: ["loads"]) { quantity } } } } }"""
    assert (await Client().refused(document))["extensions"]["code"] == "INVALID_FIELD_ARGUMENTS"


async def test_lists_can_be_counted() -> None:
    document = '{ productsCount { count precision } open: ordersCount(query: "financial_status:pending") { count } }'
    assert await Client().ask(document) == {"productsCount": {"count": 8, "precision": "EXACT"}, "open": {"count": 1}}
