"""What the tools that read a shop give: all of it, once, in minor units, and nobody's name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.mcp_vendors.conftest import Connect
from tests.mcp_vendors.stage import How, QuickClock, Stage, read
from tillhand_common.errors import UpstreamProtocolError
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_mcp.adapters.shopify import shapes
from tillhand_mcp.adapters.shopify.catalogue import listed
from tillhand_mcp.adapters.shopify.connector import ShopifyConnector
from tillhand_mcp.domain.money import decimal_amount, minor_units
from tillhand_mcp.errors import ToolRefused
from tillhand_mockshop.model import Shop

PRODUCT = {
    "id": "gid://shopify/Product/1",
    "title": "T",
    "handle": "t",
    "status": "ACTIVE",
    "vendor": "V",
    "productType": "P",
    "tags": [],
    "updatedAt": "2026-01-01T00:00:00Z",
}


async def everything(connector: ShopifyConnector, name: str, field: str, **arguments: object) -> list[Any]:
    """All pages of a tool; a page that says it is not the last one has a cursor, and the other way about."""
    found: list[Any] = []
    cursor: str | None = None
    while True:
        answer = await read(connector, name, **arguments, **({"cursor": cursor} if cursor else {}))
        page = answer.data.model_dump(mode="json")
        found += page[field]
        cursor = page["next_cursor"]
        assert answer.origin.truncated is (cursor is not None)
        assert ("go on with next_cursor" in answer.text) is (cursor is not None)
        if cursor is None:
            return found


@pytest.mark.parametrize(
    ("name", "field", "limit", "wanted"),
    [
        ("shopify_products", "products", 7, lambda goods: [each.id for each in goods.products]),
        ("shopify_inventory", "items", 25, lambda goods: [each.id for each in goods.variants()]),
        ("shopify_orders", "orders", 40, lambda goods: [each.id for each in goods.orders]),
        ("shopify_customers", "customers", 50, lambda goods: [each.id for each in goods.customers]),
    ],
)
async def test_pages_reach_everything_exactly_once(
    shop: ShopifyConnector, goods: Shop, name: str, field: str, limit: int, wanted: Callable[[Shop], list[int]]
) -> None:
    found = await everything(shop, name, field, limit=limit)
    ids = [int((each.get("variant_id") or each["id"]).rpartition("/")[2]) for each in found]
    assert sorted(ids) == sorted(wanted(goods))


async def test_a_product_comes_with_all_of_its_variants_and_their_prices(shop: ShopifyConnector, goods: Shop) -> None:
    found = await everything(shop, "shopify_products", "products", limit=50)
    prices = {variant["sku"]: variant["price"] for product in found for variant in product["variants"]}
    assert prices == {
        each.sku: {"amount_minor": each.price_minor, "currency": goods.currency} for each in goods.variants()
    }


async def test_variants_that_do_not_fit_on_the_page_are_fetched_too(connect: Connect, goods: Shop) -> None:
    many = max(goods.products, key=lambda each: len(each.variants))
    pages = [{"hasNextPage": True, "endCursor": "1"}, {"hasNextPage": False, "endCursor": "2"}]
    first, rest = many.variants[:1], many.variants[1:]

    def variants(which: Any, page: object) -> dict[str, Any]:  # noqa: ANN401  # variants
        nodes = [
            {
                "id": f"gid://shopify/ProductVariant/{each.id}",
                "sku": each.sku,
                "title": each.title,
                "price": "1.00",
                "compareAtPrice": None,
                "inventoryQuantity": 1,
                "inventoryItem": {"id": f"gid://shopify/InventoryItem/{each.inventory_item_id}"},
            }
            for each in which
        ]
        return {"nodes": nodes, "pageInfo": page}

    product = {**PRODUCT, "variants": variants(first, pages[0])}
    async with FakeUpstream.start() as upstream:
        upstream.script(
            Reply.json({"data": {"shop": {"name": "S", "currencyCode": "GBP", "ianaTimezone": "UTC"}}}),
            Reply.json({"data": {"products": {"nodes": [product], "pageInfo": {"hasNextPage": False}}}}),
            Reply.json({"data": {"product": {"variants": variants(rest, pages[1])}}}),
        )
        connector = connect.shopify(upstream.base_url)
        found = (await read(connector, "shopify_products")).data.model_dump()
        assert [each["sku"] for each in found["products"][0]["variants"]] == [each.sku for each in many.variants]
        assert json.loads(upstream.requests[2].body)["variables"]["after"] == "1"


@pytest.mark.parametrize("following", [None, "", "here"])
async def test_a_cursor_that_does_not_advance_is_refused(following: str | None, connect: Connect) -> None:
    page = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": following}}
    async with FakeUpstream.start(Reply.json({"data": {"productVariants": page}})) as upstream:
        connector = connect.shopify(upstream.base_url)
        with pytest.raises(UpstreamProtocolError, match="cursor"):
            await read(connector, "shopify_inventory", cursor="here")


async def test_variants_whose_pages_run_in_circles_are_refused(connect: Connect) -> None:
    turns = [{"hasNextPage": True, "endCursor": each} for each in ("a", "b", "a")]
    product = {**PRODUCT, "variants": {"nodes": [], "pageInfo": turns[0]}}
    async with FakeUpstream.start(Reply(500)) as upstream:
        upstream.script(
            Reply.json({"data": {"shop": {"currencyCode": "GBP"}}}),
            Reply.json({"data": {"products": {"nodes": [product], "pageInfo": {"hasNextPage": False}}}}),
            *(Reply.json({"data": {"product": {"variants": {"nodes": [], "pageInfo": each}}}}) for each in turns[1:]),
        )
        connector = connect.shopify(upstream.base_url)
        with pytest.raises(UpstreamProtocolError, match="cursor"):
            await read(connector, "shopify_products")


async def test_an_order_tells_what_can_still_be_given_back(shop: ShopifyConnector, goods: Shop) -> None:
    given = next(each for each in goods.orders if each.refunds and each.financial == "PARTIALLY_REFUNDED")
    whole = (await read(shop, "shopify_order", order_id=f"gid://shopify/Order/{given.id}")).data.model_dump()
    back = sum(each.amount_minor for each in given.refunds)
    assert whole["refundable"] == {"amount_minor": given.total_minor - back, "currency": goods.currency}
    assert (
        whole["order"]["refunded"]["amount_minor"] == back == sum(r["amount"]["amount_minor"] for r in whole["refunds"])
    )
    assert len(whole["order"]["lines"]) == len(given.lines)


async def test_what_is_not_there_is_said_to_be_missing(shop: ShopifyConnector) -> None:
    for name, argument, kind in (("order", "order_id", "Order"), ("metafields", "owner_id", "Product")):
        with pytest.raises(ToolRefused) as refused:
            await read(shop, f"shopify_{name}", **{argument: f"gid://shopify/{kind}/1"})
        assert refused.value.extensions["reason"] == "not-found"


async def test_metafields_and_locations_are_listed(shop: ShopifyConnector, goods: Shop) -> None:
    variant = goods.products[0].variants[0]
    found = await everything(
        shop, "shopify_metafields", "metafields", owner_id=f"gid://shopify/ProductVariant/{variant.id}", limit=1
    )
    assert {each["key"]: each["value"] for each in found}["supplier"] == variant.supplier
    places = (await read(shop, "shopify_locations")).data.model_dump()["locations"]
    assert [each["name"] for each in places] == [each.name for each in goods.locations]


async def test_every_answer_says_where_it_comes_from(shop: ShopifyConnector, clock: QuickClock) -> None:
    origin = (await read(shop, "shopify_locations")).origin
    assert (origin.mode, origin.source, origin.stale) == ("mock", "shopify", False)
    assert origin.fetched_at == clock.now()
    assert origin.quota is not None
    assert (origin.quota.unit, origin.quota.limit) == ("points", 2000.0)
    assert 0 < origin.quota.left <= 2000


async def test_customers_are_ids_unless_the_operator_shows_them(
    stage: Stage, shop: ShopifyConnector, goods: Shop, connect: Connect, clock: QuickClock
) -> None:
    answer = await read(shop, "shopify_customers", limit=50)
    told = answer.data.model_dump_json() + answer.text
    (question,) = stage.graphql()
    for word in ("displayName", "firstName", "lastName", "mail", "hone", "address1", "zip"):
        assert word not in question["query"]
    received = stage.exchanges[-1].answer.decode()
    people = {f"gid://shopify/Customer/{each.id}": each for each in goods.customers}
    for each in answer.data.model_dump()["customers"]:
        person = people[each["id"]]
        assert (each["name"], each["email"], each["phone"]) == (None, None, None)
        assert person.email not in told + received
        assert f"{person.first_name} {person.last_name}" not in told + received
    shown = connect.shopify(stage.url, How(clock, show_customers=True))
    full = (await read(shown, "shopify_customers", limit=50)).data.model_dump()["customers"]
    assert all(each["email"] == people[each["id"]].email for each in full)
    assert all(each["name"] == f"{people[each['id']].first_name} {people[each['id']].last_name}" for each in full)


async def test_nobody_is_named_by_orders_either(stage: Stage, shop: ShopifyConnector, goods: Shop) -> None:
    await everything(shop, "shopify_orders", "orders", limit=40)
    await read(shop, "shopify_order", order_id=f"gid://shopify/Order/{goods.orders[0].id}")
    received = b"".join(each.answer for each in stage.exchanges).decode()
    assert not [each.email for each in goods.customers if each.email in received]
    assert not [each.address.street for each in goods.customers if each.address.street in received]


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "written"),
    [
        ("12.90", "EUR", 1290, "12.90"),
        ("1290.0", "JPY", 1290, "1290"),
        ("1290", "JPY", 1290, "1290"),
        ("1.234", "KWD", 1234, "1.234"),
        ("0.005", "KWD", 5, "0.005"),
        ("0.00", "GBP", 0, "0.00"),
        ("1000000000.00", "GBP", 10**11, "1000000000.00"),
    ],
)
def test_money_is_in_minor_units_of_its_own_currency(amount: str, currency: str, minor: int, written: str) -> None:
    assert shapes.money({"amount": amount, "currencyCode": currency}).amount_minor == minor
    assert decimal_amount(minor, currency) == written
    assert minor_units(written, currency) == minor


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "EUR"), ("1.5", "JPY"), ("NaN", "EUR"), ("", "EUR")])
def test_an_amount_that_its_currency_cannot_hold_is_no_money(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        minor_units(amount, currency)


@pytest.mark.parametrize(("kind", "rows"), [("products", 24), ("inventory", 60), ("orders", 244)])
async def test_an_export_holds_everything(
    shop: ShopifyConnector, folder: Path, stage: Stage, kind: str, rows: int
) -> None:
    answer = await read(shop, "shopify_bulk_export", kind=kind)
    found = answer.data.model_dump()
    lines = [json.loads(line) for line in (folder / "exports").glob("*.jsonl").__next__().read_text().splitlines()]
    assert found["status"] == "completed"
    assert len(lines) == found["objects"]
    assert len([line for line in lines if "__parentId" not in line]) == rows
    assert found["first"] == lines[:20]
    assert answer.origin.truncated
    assert stage.world.writes == []
    assert {each["operationName"] for each in stage.graphql()} == {"TillhandBulkRun", "TillhandBulkStatus"}


@pytest.mark.parametrize("place", ["http://127.0.0.1:9/x.jsonl", "https://storage.example.com/x", "file:///etc/passwd"])
async def test_a_file_at_a_strangers_place_is_not_fetched(place: str, connect: Connect) -> None:
    done = {"id": "gid://shopify/BulkOperation/1", "status": "COMPLETED", "objectCount": "1", "url": place}
    async with FakeUpstream.start(Reply.json({"data": {"bulkOperation": done}})) as upstream:
        connector = connect.shopify(upstream.base_url)
        with pytest.raises(UpstreamProtocolError, match="not its own"):
            await read(connector, "shopify_bulk_export", kind="orders", export_id=done["id"])


async def test_a_file_that_breaks_off_is_not_kept(folder: Path, connect: Connect) -> None:
    async with FakeUpstream.start() as upstream:
        done = {"id": "gid://shopify/BulkOperation/1", "status": "COMPLETED", "objectCount": "1"}
        url = f"{upstream.base_url}/bulk/1.jsonl"
        upstream.default = Reply.json({"data": {"bulkOperation": {**done, "url": url}}})
        connector = connect.shopify(upstream.base_url)
        for broken in (Reply(body=b'{"id": 1}\n' * 50, failure="truncate"), Reply(503), Reply(failure="reset")):
            upstream.fixed["/bulk/1.jsonl"] = broken
            with pytest.raises(Exception, match="shopify"):
                await read(connector, "shopify_bulk_export", kind="orders", export_id=done["id"])
        assert list((folder / "exports").iterdir() if (folder / "exports").exists() else ()) == []


def test_variants_without_a_sku_are_called_by_their_title() -> None:
    node = {
        "id": "gid://shopify/Product/1",
        "descriptionHtml": "",
        "updatedAt": "2026-11-01T00:00:00Z",
        "variants": {"nodes": [{"title": "Large", "sku": None, "price": "1.00"}]},
        **dict.fromkeys(("title", "handle", "vendor", "productType", "tags", "status"), "x"),
    }
    assert listed(node, "EUR").offers == ["Large: 1.00 EUR"]
