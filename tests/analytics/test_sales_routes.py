"""Sales through the public door, held against the objects of the mock shop."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest
import pytest_asyncio

from tests.analytics.sales_shops import Plain, shop_of
from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.mockshop import gid
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.models.base import Out
from tillhand_analytics.models.sales import (
    BreakdownOut,
    DropOffOut,
    KpiOut,
    MismatchOut,
    OrderToCheckOut,
    PairOut,
    PeriodOut,
    PromotionOut,
    StageOut,
    StatementOut,
)
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client
from tillhand_mockshop import generator
from tillhand_mockshop.truths import truths

TABLES: dict[str, type[Out]] = {
    "kpis": KpiOut,
    "series": PeriodOut,
    "breakdown": BreakdownOut,
    "baskets": PairOut,
    "promotions": PromotionOut,
    "funnel": StageOut,
    "funnel/drop-offs": DropOffOut,
    "orders-to-check": OrderToCheckOut,
    "reconciliation/orders": MismatchOut,
}
OCTOBER = {"first_day": "2026-10-01", "last_day": "2026-10-31"}
Rows = list[dict[str, object]]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def analytics(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """One service for all of them: none changes it."""
    async with service_over(shop, tmp_path_factory.mktemp("analytics")) as http:
        yield http


async def rows(http: httpx.AsyncClient, table: str, **asked: str) -> Rows:
    answer = await http.get(f"/v1/sales/{table}", params={"limit": 1000, **asked})
    assert answer.status_code == 200, answer.text
    items: Rows = answer.json()["items"]
    return items


@asynccontextmanager
async def service_over(shop: Shop, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client(create_app(AnalyticsSettings(data_dir=folder), sources=HeldSources(shop))) as http:
        yield http


@pytest.mark.parametrize("table", TABLES)
async def test_every_row_is_of_its_model_and_says_where_it_comes_from(analytics: httpx.AsyncClient, table: str) -> None:
    answer = await analytics.get(f"/v1/sales/{table}", params={"limit": 1000})
    assert answer.status_code == 200
    assert answer.headers["tillhand-mode"] == "mock"
    body = answer.json()
    for item in body["items"]:
        assert TABLES[table].model_validate(item, strict=False).model_dump(mode="json").keys() == item.keys()
    provenance = body["provenance"]
    assert provenance["method"]["name"].startswith("sales-")
    assert provenance["parameters"]["last_day"] == "2026-10-31"
    assert provenance["parameters"]["first_day"] < "2026-10-31"
    assert provenance["currency"] == generator.shop().currency
    assert {source["source"] for source in provenance["sources"]} <= {"shopify", "ga4"}


@pytest.mark.parametrize("table", [name for name in TABLES if name != "reconciliation/orders"])
async def test_a_file_holds_the_rows_of_the_list(analytics: httpx.AsyncClient, table: str) -> None:
    listed = await rows(analytics, table)
    exported = await analytics.get(f"/v1/sales/{table}/export.csv")
    assert "MOCK" in exported.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(exported.text)))
    assert listed
    total = int(exported.headers["tillhand-rows"])
    assert len(lines) == total
    assert list(lines[0]) == list(listed[0])
    for line, item in zip(lines, listed, strict=False):
        assert {name: _read(line[name], value) for name, value in item.items()} == item


def _read(cell: str, value: object) -> object:
    """A cell as what its JSON counterpart is; texts that a spreadsheet might calculate are guarded by a quote."""
    if value is None:
        return cell or None
    if isinstance(value, bool):
        return {"true": True, "false": False}[cell]
    if isinstance(value, int | float):
        return type(value)(cell)
    return cell.removeprefix("'")


async def test_key_figures_are_those_of_the_shops_own_orders(analytics: httpx.AsyncClient) -> None:
    zone, made = ZoneInfo("Europe/Berlin"), generator.shop()
    placed = [order for order in made.orders if date(2026, 10, 1) <= order.created_at.astimezone(zone).date()]
    kept = [order for order in placed if order.cancelled_at is None]
    found = {str(row["kpi"]): row for row in await rows(analytics, "kpis", basis="order", **OCTOBER)}
    goods = [sum(line.quantity * line.unit_price_minor - line.discount_minor for line in order.lines) for order in kept]
    back = sum(refund.amount_minor for order in kept for refund in order.refunds)
    assert found["orders_placed"]["value"] == len(placed)
    assert found["net_total"]["value"] == sum(order.total_minor for order in kept) - back
    assert found["average_order_value"]["value"] == pytest.approx(sum(goods) / len(goods))
    assert found["median_order_value"]["value"] == np.median(goods)
    sessions = sum(row.sessions for row in made.sessions if row.day >= date(2026, 10, 1))
    assert found["sessions"]["value"] == sessions
    assert found["orders"]["previous_whole"] is True
    assert found["orders"]["last_year_whole"] is False
    assert found["orders"]["last_year_change"] is None


async def test_days_of_a_series_add_up_to_the_key_figures(analytics: httpx.AsyncClient) -> None:
    found = {str(row["kpi"]): row["value"] for row in await rows(analytics, "kpis", **OCTOBER)}
    days = await rows(analytics, "series", step="day", **OCTOBER)
    assert len(days) == 31
    for name, column in (("gross_sales", "gross_minor"), ("net_total", "net_total_minor"), ("orders", "orders")):
        assert sum(int(str(day[column])) for day in days) == found[name]


async def test_the_statement_leaves_nothing_unexplained(analytics: httpx.AsyncClient) -> None:
    answer = await analytics.get("/v1/sales/reconciliation", params=OCTOBER)
    statement = StatementOut.model_validate(answer.json()["value"])
    assert statement.agrees
    assert statement.unexplained_minor == 0
    assert statement.first_day == date(2026, 10, 1)
    amounts = {step.entry: step.amount_minor for step in statement.steps}
    assert sum(amounts.values()) - amounts["net_sales"] - amounts["net_total"] == amounts["net_total"]
    assert await rows(analytics, "reconciliation/orders") == []


async def test_orders_to_check_are_the_mistaken_ones(analytics: httpx.AsyncClient) -> None:
    found = await rows(analytics, "orders-to-check", first_day="2025-11-01")
    assert {row["order_id"] for row in found} == {gid("Order", order) for order in truths().mistaken_orders}
    assert {row["standing"] for row in found} == {"cancelled_at_once"}


async def test_a_breakdown_may_be_of_one_category_and_channel(analytics: httpx.AsyncClient) -> None:
    every = await rows(analytics, "breakdown", by="sku", category="Mugs")
    web = await rows(analytics, "breakdown", by="sku", category="Mugs", channel="web")
    mugs = {
        variant.sku
        for product in generator.shop().products
        if product.product_type == "Mugs"
        for variant in product.variants
    }
    assert {row["key"] for row in every} <= mugs
    assert sum(int(str(row["gross_minor"])) for row in web) < sum(int(str(row["gross_minor"])) for row in every)
    assert every[-1]["cumulative_share"] == pytest.approx(1)


async def test_the_same_question_is_calculated_once_and_again_where_that_is_asked(analytics: httpx.AsyncClient) -> None:
    first = await analytics.get("/v1/sales/kpis")
    explicit = await analytics.get("/v1/sales/kpis", params={"first_day": "2026-10-04", "last_day": "2026-10-31"})
    anew = await analytics.get("/v1/sales/kpis", headers={"cache-control": "no-cache"})
    computed = [answer.json()["provenance"]["computed_at"] for answer in (first, explicit, anew)]
    assert computed[0] == computed[1]
    assert computed[2] > computed[0]
    assert first.json()["items"] == anew.json()["items"]


@pytest.mark.parametrize(
    ("path", "asked", "field"),
    [
        ("kpis", {"first_day": "2020-01-01"}, "query.first_day"),
        ("kpis", {"last_day": "2030-01-01"}, "query.last_day"),
        ("kpis", {"first_day": "2026-05-02", "last_day": "2026-05-01"}, "query.last_day"),
        ("kpis", {"channel": "carrier pigeon"}, "query.channel"),
        ("series", {"channel": "x", "step": "week"}, "query.channel"),
        ("breakdown", {"category": "Boats"}, "query.category"),
        ("breakdown", {"channel": "carrier pigeon"}, "query.channel"),
        ("reconciliation", {"first_day": "0001-01-01"}, "query.first_day"),
        ("baskets", {"last_day": "9999-12-31"}, "query.last_day"),
    ],
)
async def test_what_cannot_be_calculated_is_refused_by_its_parameter(
    analytics: httpx.AsyncClient, path: str, asked: dict[str, str], field: str
) -> None:
    answer = await analytics.get(f"/v1/sales/{path}", params=asked)
    assert answer.status_code == 422
    assert field in answer.text


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("kpis", {"basis": "whim"}),
        ("series", {"step": "year"}),
        ("breakdown", {"by": "moon"}),
        ("baskets", {"least_orders": "0"}),
        ("baskets", {"false_discovery_rate": "1"}),
        ("funnel", {"by": "mood"}),
        ("orders-to-check", {"factor": "nan"}),
        ("kpis", {"first_day": "yesterday"}),
    ],
)
async def test_a_value_of_the_wrong_kind_is_refused_by_its_name(
    analytics: httpx.AsyncClient, path: str, asked: dict[str, str]
) -> None:
    answer = await analytics.get(f"/v1/sales/{path}", params=asked)
    assert answer.status_code == 422
    assert next(iter(asked)) in answer.text


@pytest.mark.parametrize("plain", [Plain(), Plain(days=1), Plain(variants=0)], ids=["no orders", "one day", "no goods"])
async def test_a_shop_without_sales_gets_clear_answers(plain: Plain, tmp_path: Path) -> None:
    async with service_over(shop_of(plain), tmp_path) as http:
        for table in TABLES:
            assert len(await rows(http, table)) == {"kpis": 26, "series": min(plain.days, 91)}.get(table, 0)
            assert (await http.get(f"/v1/sales/{table}/export.csv")).status_code == 200
        assert (await http.get("/v1/sales/reconciliation")).json()["value"]["agrees"] is True
        figures = {str(row["kpi"]): row["value"] for row in await rows(http, "kpis")}
        assert figures["orders"] == 0
        assert figures["average_order_value"] is None


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        ("series/chart.svg", "Net sales a day"),
        ("series/chart.svg?shown=sessions", "Visits a day"),
        ("breakdown/chart.svg?by=sku", "Net sales by SKU"),
        ("funnel/chart.svg", "From visits to purchases"),
        ("reconciliation/chart.svg", "From gross sales to the net total"),
    ],
)
async def test_a_chart_tells_in_words_what_it_shows(analytics: httpx.AsyncClient, chart: str, said: str) -> None:
    answer = await analytics.get(f"/v1/sales/{chart}")
    assert answer.status_code == 200
    root = ET.fromstring(answer.text)  # noqa: S314  # our own
    assert root.findtext("{http://www.w3.org/2000/svg}title") == said
    assert "All of it is made up." in str(root.findtext("{http://www.w3.org/2000/svg}desc"))


async def test_the_chart_of_the_statement_ends_with_its_net_total(analytics: httpx.AsyncClient) -> None:
    total = (await analytics.get("/v1/sales/reconciliation")).json()["value"]["by_lines_minor"]
    text = (await analytics.get("/v1/sales/reconciliation/chart.svg")).text
    assert f"Net total: EUR {total / 100:,.2f}." in text


async def test_a_chart_without_sales_says_so(tmp_path: Path) -> None:
    async with service_over(shop_of(Plain()), tmp_path) as http:
        for chart in ("series", "breakdown", "funnel", "reconciliation"):
            answer = await http.get(f"/v1/sales/{chart}/chart.svg")
            assert answer.status_code == 200
        assert "nothing to show" in (await http.get("/v1/sales/breakdown/chart.svg")).text
