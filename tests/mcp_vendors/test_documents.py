"""What is asked of the vendors fits their own descriptions, and so does what the mock answers."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qs

import pytest
from graphql import parse

from tests.mcp_vendors.conftest import Connect
from tests.mcp_vendors.stage import How, QuickClock, Stage, read
from tests.mcp_vendors.writes import EFFECTS, executed, wanted
from tillhand_mcp.adapters.shopify import documents
from tillhand_mcp.adapters.shopify.bulk_queries import KINDS, Kind, query
from tillhand_mcp.adapters.shopify.catalogue import ShopifyCatalogue
from tillhand_mcp.adapters.shopify.operation import Operation
from tillhand_mcp.schemas import discovery, google_requests, shopify
from tillhand_mcp.settings import VERSION
from tillhand_mockshop.model import Shop

EXPORTED = [(kind, query(kind)) for kind in KINDS]
APIS: dict[str, discovery.Api] = {"ga4": "analyticsdata", "search_console": "searchconsole"}
ASKED: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "ga4": [
        ("ga4_report", {"metrics": ["sessions"]}),
        (
            "ga4_report",
            {
                "metrics": ["sessions", "totalRevenue"],
                "dimensions": ["date", "deviceCategory"],
                "start_date": "2026-10-01",
                "end_date": "yesterday",
                "filters": [
                    {"dimension": "deviceCategory", "values": ["mobile", "tablet"]},
                    {"dimension": "date", "match": "begins_with", "values": ["2026"], "exclude": True},
                    {"dimension": "date", "match": "full_regexp", "values": ["2026.*", "2025.*"]},
                ],
                "order_by": {"field": "date"},
                "limit": 5,
                "cursor": "5",
            },
        ),
        ("ga4_report", {"metrics": ["sessions"], "order_by": {"field": "sessions", "descending": False}}),
        ("ga4_realtime", {"dimensions": ["deviceCategory"]}),
        ("ga4_metadata", {"kind": "dimensions"}),
    ],
    "search_console": [
        ("search_console_analytics", {"start_date": "2026-10-01", "end_date": "2026-10-20"}),
        (
            "search_console_analytics",
            {
                "start_date": "2026-10-01",
                "end_date": "2026-10-31",
                "dimensions": ["DATE", "PAGE", "COUNTRY"],
                "filters": [{"dimension": "DEVICE", "operator": "NOT_EQUALS", "expression": "TABLET"}],
                "fresh": True,
                "limit": 7,
                "cursor": "7",
            },
        ),
        ("search_console_sitemaps", {}),
        ("search_console_inspect_url", {"url": "https://brackenlane.example/"}),
    ],
}


def test_the_documents_are_written_for_the_version_that_is_asked_for() -> None:
    assert VERSION == shopify.VERSION


@pytest.mark.parametrize("operation", documents.ALL, ids=lambda each: each.name)
def test_every_operation_fits_the_schema(operation: Operation) -> None:
    assert shopify.violations(operation.text) == []


@pytest.mark.parametrize("since", [None, date(2026, 10, 1)])
@pytest.mark.parametrize("kind", KINDS)
def test_every_query_of_an_export_fits_the_schema(kind: Kind, since: date | None) -> None:
    text = query(kind, since)
    assert shopify.violations(text) == []
    assert len(parse(text).definitions) == 1
    assert ("2026-10-01" in text) is (kind == "orders" and since is not None)


def test_what_is_asked_by_default_names_nobody() -> None:
    telling = ("displayName", "firstName", "lastName", "defaultEmailAddress", "email", "phone", "address1", "zip")
    for each in (*documents.ALL, *(Operation(name, "query", text) for name, text in EXPORTED)):
        if each is not documents.CUSTOMERS_IN_FULL:
            assert not [word for word in telling if word in each.text], each.name


def refund_id(goods: Shop) -> str:
    return next(f"gid://shopify/Refund/{refund.id}" for order in goods.orders for refund in order.refunds)


async def test_every_request_to_the_shop_fits_with_its_variables(stage: Stage, connect: Connect, goods: Shop) -> None:
    clock = stage.world.clock
    made = connect.shopify(stage.url, How(clock))
    product = f"gid://shopify/Product/{goods.products[0].id}"
    for name, arguments in (
        ("shopify_products", {"query": "status:active", "limit": 50}),
        ("shopify_inventory", {"limit": 25}),
        ("shopify_orders", {"limit": 40}),
        ("shopify_customers", {"limit": 50}),
        ("shopify_metafields", {"owner_id": product, "namespace": "care"}),
        ("shopify_locations", {}),
        ("shopify_order", {"order_id": f"gid://shopify/Order/{goods.orders[0].id}"}),
        ("shopify_shop", {}),
        ("shopify_refunds", {"refund_ids": [refund_id(goods)]}),
        ("shopify_bulk_export", {"kind": "inventory"}),
    ):
        await read(made, name, **arguments)
    for name in (each for each in EFFECTS if each.startswith("shopify_")):
        outcome, detail = await executed(made, name, wanted(name, goods), name)
        assert outcome == "executed", detail
    async for _ in ShopifyCatalogue(made.client, made.reading).changed(clock.now()):
        pass
    asked = stage.graphql()
    assert {each["operationName"] for each in asked} >= {"TillhandCatalogue", "TillhandRefund", "TillhandBulkRun"}
    for each in asked:
        assert shopify.violations(each["query"], variables=each["variables"]) == [], each["operationName"]


@pytest.mark.parametrize("name", ASKED)
async def test_every_request_to_google_fits_and_so_does_every_answer(
    stage: Stage, connect: Connect, clock: QuickClock, name: str
) -> None:
    made, _ = connect(name, stage.url, How(clock))
    for tool, arguments in ASKED[name]:
        await read(made, tool, **arguments)
    await made.check()
    api = APIS[name]
    assert len(stage.exchanges) == len(ASKED[name]) + 1
    for each in stage.exchanges:
        body = each.json() if each.body else None
        query = parse_qs(each.query, keep_blank_values=True)
        assert google_requests.request_violations(api, each.method, each.path, query, body) == [], each.path
        found = google_requests.find(api, each.method, each.path)
        assert found is not None
        assert found[0].response is not None
        assert each.status == 200
        assert discovery.violations(api, found[0].response, each.answered()) == [], each.path
