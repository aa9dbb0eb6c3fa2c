"""What figures need beside lists: the shop, refunds line by line, and exports as they were made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.mcp_vendors.stage import Stage, read, staged
from tillhand_common import keys
from tillhand_common.clock import SystemClock
from tillhand_common.testing import client
from tillhand_mcp.adapters.shopify import facts
from tillhand_mcp.adapters.shopify.connector import ShopifyConnector
from tillhand_mcp.adapters.shopify.exports import Exports
from tillhand_mcp.app import create_app
from tillhand_mcp.settings import McpSettings
from tillhand_mockshop.model import Refund, Shop


def refunds_of(goods: Shop) -> list[Refund]:
    return [refund for order in goods.orders for refund in order.refunds]


async def test_the_shop_says_by_which_clock_and_money_it_goes(shop: ShopifyConnector, goods: Shop) -> None:
    found = (await read(shop, "shopify_shop")).data.model_dump()
    assert found == {
        "name": goods.name,
        "domain": goods.domain,
        "currency": goods.currency,
        "time_zone": goods.time_zone,
    }


async def test_refunds_are_told_line_by_line(shop: ShopifyConnector, goods: Shop) -> None:
    wanted = refunds_of(goods)[:20]
    ids = [f"gid://shopify/Refund/{each.id}" for each in wanted]
    found = (await read(shop, "shopify_refunds", refund_ids=ids)).data.model_dump()["refunds"]
    assert [each["id"] for each in found] == ids
    assert [each["amount"]["amount_minor"] for each in found] == [each.amount_minor for each in wanted]
    told = [[(line["quantity"], line["subtotal"]["amount_minor"]) for line in each["lines"]] for each in found]
    assert told == [[(line.quantity, line.amount_minor) for line in each.lines] for each in wanted]
    assert any(len(each["lines"]) > 1 for each in found) or len(found) < 20


async def test_lines_that_do_not_fit_into_one_answer_are_read_on(
    shop: ShopifyConnector, goods: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = max(refunds_of(goods), key=lambda each: len(each.lines))
    assert len(most.lines) > 1
    monkeypatch.setattr(facts, "LINES", 1)
    monkeypatch.setattr(facts, "MORE_LINES", 1)
    answer = await read(shop, "shopify_refunds", refund_ids=[f"gid://shopify/Refund/{most.id}"])
    (found,) = answer.data.model_dump()["refunds"]
    assert sorted(each["quantity"] for each in found["lines"]) == sorted(each.quantity for each in most.lines)


async def test_as_many_as_may_be_asked_for_are_not_too_dear_and_those_that_are_not_there_are_left_out(
    shop: ShopifyConnector,
) -> None:
    ids = [f"gid://shopify/Refund/{number}" for number in range(1, facts.MOST_REFUNDS + 1)]
    answer = await read(shop, "shopify_refunds", refund_ids=ids)
    assert answer.data.model_dump() == {"refunds": []}


async def test_an_export_of_orders_can_begin_at_a_day(shop: ShopifyConnector, goods: Shop, folder: Path) -> None:
    since = goods.orders[len(goods.orders) // 2].created_at.date()
    answer = await read(shop, "shopify_bulk_export", kind="orders", since=since.isoformat())
    path = Exports(folder / "exports").file(answer.data.model_dump()["uri"].removeprefix("shopify-export://"))
    assert path is not None
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    orders = [row for row in rows if "__parentId" not in row]
    assert 0 < len(orders) < len(goods.orders)
    assert min(row["createdAt"] for row in orders) >= (since.isoformat()[:8])
    assert {each.name for each in goods.orders if each.created_at.date() > since} <= {row["name"] for row in orders}


async def test_the_mock_knows_what_suppliers_still_owe(stage: Stage, shop: ShopifyConnector, goods: Shop) -> None:
    del stage
    owed: dict[str, int] = {}
    for each in goods.deliveries:
        if each.received_on is None:
            key = f"gid://shopify/ProductVariant/{each.variant_id}"
            owed[key] = owed.get(key, 0) + each.ordered
    assert owed
    listed = []
    cursor = None
    while True:
        page = (await read(shop, "shopify_inventory", limit=25, cursor=cursor)).data.model_dump()
        listed += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    told = {item["variant_id"]: sum(level["incoming"] for level in item["levels"]) for item in listed}
    assert {key: units for key, units in told.items() if units} == owed


async def test_a_whole_export_comes_over_http_and_nothing_else_does(folder: Path, goods: Shop) -> None:
    async with staged(goods, SystemClock()) as stage:
        app = create_app(McpSettings(data_dir=folder, mock_url=stage.url, catalogue_sync="off"))
        async with client(app) as http:
            http.headers["authorization"] = f"Bearer {keys.read_token(folder, 'agent')}"
            made = await _exported(http)
            name = made["uri"].removeprefix("shopify-export://")
            answer = await http.get(f"/v1/exports/{name}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jsonl")
            assert len(answer.content) == made["size_bytes"]
            assert answer.text.count("\n") == made["objects"]
            missing = await http.get("/v1/exports/orders-1")
            assert (missing.status_code, missing.json()["type"]) == (404, "urn:tillhand:problem:unknown-export")
            outside = await http.get("/v1/exports/..%2Fmailbox")
            assert outside.status_code in {404, 422}


async def _exported(http: httpx.AsyncClient) -> dict[str, Any]:
    arguments = {"kind": "products"}
    while True:
        answer = await http.post("/v1/tools/shopify_bulk_export", json={"arguments": arguments})
        found: dict[str, Any] = answer.json()["structured"]
        if found["status"] == "completed":
            return found
        arguments["export_id"] = found["export_id"]
