"""Inventory through the public door, held against the objects of the mock shop."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.models import inventory as models
from tillhand_analytics.models.base import Out
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client
from tillhand_mockshop import generator
from tillhand_mockshop.truths import truths

TABLES: dict[str, type[Out]] = {
    "skus": models.SkuOut,
    "at-risk": models.AtRiskOut,
    "abc": models.AbcOut,
    "matrix": models.MatrixOut,
    "dead-stock": models.DeadStockOut,
    "overstock": models.OverstockOut,
    "reorder": models.ReorderOut,
    "service-levels": models.ServiceLevelOut,
    "suppliers": models.SupplierOut,
    "purchase-proposals": models.PurchaseLineOut,
    "purchase-orders": models.PurchaseOrderOut,
}
Rows = list[dict[str, Any]]


async def rows(http: httpx.AsyncClient, table: str, **asked: str | float) -> Rows:
    found: Rows = []
    cursor: dict[str, str] = {}
    while True:
        answer = await http.get(f"/v1/inventory/{table}", params={"limit": 1000, **asked, **cursor})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += body["items"]
        if body["next_cursor"] is None:
            assert len(found) == body["total"]
            return found
        cursor = {"cursor": body["next_cursor"]}


@asynccontextmanager
async def service_over(shop: Shop, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client(create_app(AnalyticsSettings(data_dir=folder), sources=HeldSources(shop))) as http:
        yield http


async def test_every_row_is_of_its_model_and_says_where_it_comes_from(analytics: httpx.AsyncClient) -> None:
    for table, row in TABLES.items():
        answer = await analytics.get(f"/v1/inventory/{table}", params={"limit": 1000})
        assert answer.status_code == 200
        assert answer.headers["tillhand-mode"] == "mock"
        body = answer.json()
        assert body["total"] > 0
        for item in body["items"]:
            assert row.model_validate(item).model_dump(mode="json").keys() == item.keys()
        provenance = body["provenance"]
        assert [source["source"] for source in provenance["sources"]] == ["shopify"]
        assert (provenance["window"]["first_day"], provenance["window"]["last_day"]) == ("2025-11-01", "2026-10-31")
        assert provenance["method"]["version"] == "1"
        assert provenance["digest"]


async def test_a_file_holds_what_the_list_does(analytics: httpx.AsyncClient) -> None:
    for table in TABLES:
        listed = await rows(analytics, table)
        answer = await analytics.get(f"/v1/inventory/{table}/export.csv")
        assert answer.status_code == 200
        assert answer.headers["tillhand-rows"] == str(len(listed))
        assert "-MOCK.csv" in answer.headers["content-disposition"]
        read = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        for told, item in zip(read, listed, strict=True):
            assert list(told) == list(item)
            for name, value in item.items():
                assert _same(told[name], value), (table, name, told[name], value)


def _same(told: str, value: object) -> bool:
    match value:
        case None:
            return told == ""
        case bool():
            return told == str(value).lower()
        case int() | float():
            return float(told) == value
    return told == value


async def test_stock_velocity_and_cover_are_those_of_the_shop(analytics: httpx.AsyncClient) -> None:
    mock = generator.shop()
    zone = ZoneInfo(mock.time_zone)
    since = mock.last_day - timedelta(days=27)
    sold: dict[int, int] = {}
    active: dict[int, set[date]] = {}
    for order in mock.orders:
        day = order.created_at.astimezone(zone).date()
        if order.cancelled_at is None and day >= since:
            for line in order.lines:
                sold[line.variant_id] = sold.get(line.variant_id, 0) + line.quantity
                active.setdefault(line.variant_id, set()).add(day)
    found = {row["sku"]: row for row in await rows(analytics, "skus")}
    assert len(found) == 1200
    for variant in mock.variants():
        row = found[variant.sku]
        on_hand = sum(units for (item, _), units in mock.stock.items() if item == variant.inventory_item_id)
        out = {day for day in mock.stocked_out.get(variant.id, ()) if day >= since} - active.get(variant.id, set())
        assert row["on_hand"] == on_hand
        assert row["stock_value_minor"] == on_hand * variant.unit_cost_minor
        if row["units_per_day_28"] is None:
            assert len(out) == 28
        elif variant.id in sold:
            assert row["units_per_day_28"] == pytest.approx(sold[variant.id] / (28 - len(out)))
            assert row["days_of_cover"] == pytest.approx(on_hand / row["units_per_day"])
    assert sum(row["units_per_day_28"] is None for row in found.values()) > 0


async def test_what_is_at_risk_is_what_the_generator_left_short(analytics: httpx.AsyncClient) -> None:
    numbers = {variant.sku: variant.id for variant in generator.shop().variants()}
    flagged = [numbers[row["sku"]] for row in await rows(analytics, "at-risk")]
    known = truths().variants
    true = {number for number, truth in known.items() if truth.closing in {"short", "none"}}
    assert len(true & set(flagged)) / len(flagged) >= 0.9
    assert len(true & set(flagged)) / len(true) >= 0.85


async def test_lines_to_order_reach_what_they_should_and_add_up_by_supplier(analytics: httpx.AsyncClient) -> None:
    lines = await rows(analytics, "purchase-proposals", pack_units=6)
    by_sku = {row["sku"]: row for row in await rows(analytics, "reorder", pack_units=6)}
    for line in lines:
        row = by_sku[line["sku"]]
        assert row["order_due"]
        assert line["quantity"] % 6 == 0
        assert line["quantity"] + row["position"] >= row["reorder_point"] + 28 * row["units_per_day"] - 1e-6
        assert line["order_cost_minor"] == line["quantity"] * line["unit_cost_minor"]
        assert line["service_level_measured"] > 0.9
    for order in await rows(analytics, "purchase-orders", pack_units=6):
        mine = [line for line in lines if line["supplier"] == order["supplier"]]
        assert len(mine) == order["lines"]
        assert sum(line["quantity"] for line in mine) == order["units"]
        assert sum(line["order_cost_minor"] for line in mine) == order["cost_minor"]
    assert len(lines) > 100


async def test_filters_choose_rows(analytics: httpx.AsyncClient) -> None:
    everything = await rows(analytics, "skus")
    for asked in (
        {"category": "Sledges"},
        {"supplier": "Kanto Trading"},
        {"abc_class": "A"},
        {"xyz_class": "Z"},
        {"standing": "out"},
        {"abc_class": "B", "supplier": "Velo Depot"},
    ):
        found = await rows(analytics, "skus", **asked)
        assert found == [row for row in everything if all(row[name] == value for name, value in asked.items())]
        assert 0 < len(found) < 1200
    assert await rows(analytics, "skus", category="No such") == []
    words = await rows(analytics, "skus", search="kanto KNIFE")
    shown = {row["sku"]: " ".join(row[name] for name in ("sku", "title", "category", "supplier")) for row in everything}
    assert [row["sku"] for row in words] == [
        sku for sku, text in shown.items() if all(word in text.casefold() for word in ("kanto", "knife"))
    ]
    one = everything[7]["sku"]
    assert [row["sku"] for row in await rows(analytics, "skus", search=one.lower())] == [one]
    due = await rows(analytics, "reorder", due="true")
    assert 0 < len(due) < 400
    assert all(row["order_due"] for row in due)


async def test_a_higher_service_level_asks_for_more_and_the_textbook_keeps_less(analytics: httpx.AsyncClient) -> None:
    asked = {level: await rows(analytics, "reorder", service_level=level) for level in (0.9, 0.95, 0.98)}
    points = {level: sum(row["reorder_point"] for row in found) for level, found in asked.items()}
    assert points[0.9] < points[0.95] < points[0.98]
    for row in await rows(analytics, "service-levels"):
        assert row["conformal_measured"] > 0.93
        assert row["textbook_measured"] < row["conformal_measured"]
    textbook = await rows(analytics, "reorder", method="textbook")
    assert {row["reorder_method"] for row in textbook} == {"textbook"}
    assert all(row["reorder_point"] == row["textbook_reorder_point"] for row in textbook)


async def test_totals_are_those_of_the_rows(analytics: httpx.AsyncClient) -> None:
    answer = await analytics.get("/v1/inventory/totals")
    value = answer.json()["value"]
    everything = await rows(analytics, "skus")
    assert value["stock_value_minor"] == sum(row["stock_value_minor"] for row in everything)
    assert value["out"] + value["at_risk"] == len(await rows(analytics, "at-risk"))
    assert value["dead"] == len(await rows(analytics, "dead-stock"))
    assert value["to_reorder"] == len(await rows(analytics, "purchase-proposals"))
    assert 0.94 <= value["service_level_conformal"] <= 0.975
    assert value["service_level_textbook"] < 0.91


async def test_one_sku_is_its_row(analytics: httpx.AsyncClient) -> None:
    row = (await rows(analytics, "skus", abc_class="A"))[0]
    answer = await analytics.get(f"/v1/inventory/skus/{row['sku']}")
    assert answer.json()["value"] == row
    assert answer.json()["provenance"]["parameters"]["sku"] == row["sku"]


async def test_an_unknown_sku_is_not_found(analytics: httpx.AsyncClient) -> None:
    for path in ("skus/NO-SUCH", "skus/NO/SUCH", "skus/NO-SUCH/chart.svg"):
        answer = await analytics.get(f"/v1/inventory/{path}")
        assert answer.status_code == 404
        assert answer.json()["field"] == "path.sku"


async def test_what_cannot_be_asked_names_the_field(analytics: httpx.AsyncClient) -> None:
    for path, field in (
        ("skus?service_level=1", "query.service_level"),
        ("skus?service_level=0.5", "query.service_level"),
        ("skus?method=guess", "query.method"),
        ("skus?abc_class=D", "query.abc_class"),
        ("skus?standing=odd", "query.standing"),
        ("skus?sort=nothing", "query.sort"),
        ("reorder?cover_days=0", "query.cover_days"),
        ("reorder?holding_rate=0", "query.holding_rate"),
        ("purchase-orders/export.csv?ordering_cost_minor=1519&holding_rate=4e-246", "query.holding_rate"),
        ("dead-stock?after_days=0", "query.after_days"),
        ("overstock?days=x", "query.days"),
        ("purchase-proposals?pack_units=0", "query.pack_units"),
    ):
        answer = await analytics.get(f"/v1/inventory/{path}")
        assert answer.status_code == 422, path
        assert answer.json()["field"] == field


async def test_an_order_at_the_least_holding_rate_can_still_be_written(
    analytics: httpx.AsyncClient,
) -> None:
    wish = {"ordering_cost_minor": 10_000_000, "holding_rate": 0.001, "cover_days": 365}
    wish |= {"minimum_units": 100_000, "pack_units": 100_000}
    for row in await rows(analytics, "purchase-orders", **wish):
        assert row["units"] >= 100_000 * row["lines"]


async def test_any_service_level_is_answered(analytics: httpx.AsyncClient) -> None:
    for level in (0.51, 0.999, 0.999999):
        found = await rows(analytics, "reorder", service_level=level)
        assert len(found) > 1_000
        assert all(row["reorder_point"] >= 0 for row in found)


async def test_charts_are_pictures_with_words(analytics: httpx.AsyncClient) -> None:
    sku = (await rows(analytics, "at-risk"))[0]["sku"]
    for path in ("cover/chart.svg", f"skus/{sku}/chart.svg?days=60"):
        answer = await analytics.get(f"/v1/inventory/{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("image/svg+xml")
        root = ET.fromstring(answer.text)  # noqa: S314  # of our own making
        assert root.tag.endswith("svg")
        assert "SKUs by days of cover" in answer.text or sku in answer.text


def _variations(shop: Any) -> dict[str, Any]:  # noqa: ANN401  # a mock shop
    one = shop.products[0]
    return {
        "no goods": replace(
            shop, products=(), orders=(), stock={}, stocked_out={}, deliveries=(), search=(), sessions=()
        ),
        "no sales": replace(shop, orders=(), search=(), sessions=()),
        "no stock known": replace(shop, stock={}, stocked_out={}, deliveries=(), search=(), sessions=()),
        "one day": replace(shop, first_day=shop.last_day, search=(), sessions=()),
        "one product": replace(
            shop, products=(one,), orders=(), stock={}, stocked_out={}, deliveries=(), search=(), sessions=()
        ),
    }


@pytest.mark.parametrize("kind", ["no goods", "no sales", "no stock known", "one day", "one product"])
async def test_a_shop_of_which_little_is_known_is_answered_all_the_same(kind: str, tmp_path: Path) -> None:
    small = generator.build(skus=40, days=90)
    async with service_over(columns(_variations(small)[kind]), tmp_path) as http:
        for table, row in TABLES.items():
            for item in await rows(http, table):
                assert row.model_validate(item).model_dump(mode="json").keys() == item.keys()
        assert (await http.get("/v1/inventory/totals")).status_code == 200
        assert (await http.get("/v1/inventory/cover/chart.svg")).status_code == 200
        skus, due = await rows(http, "skus"), await rows(http, "purchase-proposals")
        if kind == "no stock known":
            assert ({row["standing"] for row in skus} - {"stock_unknown", "not_for_sale"}, due) == (set(), [])
        assert kind != "no sales" or {row["no_cover_because"] for row in skus} == {"no_demand"}
