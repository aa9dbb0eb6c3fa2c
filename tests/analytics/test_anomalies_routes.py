"""Anomalies through the public door, held against the objects of the mock shop."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.fakes.shops import HeldSources
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.models.anomalies import CauseOut, DayOut, EpisodeOut, FactorOut, PromotionOut
from tillhand_analytics.models.base import Out
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client
from tillhand_mockshop import generator
from tillhand_mockshop.truths import truths

TABLES: dict[str, type[Out]] = {
    "": EpisodeOut,
    "/causes": CauseOut,
    "/factors": FactorOut,
    "/promotions": PromotionOut,
    "/days": DayOut,
}


async def rows(http: httpx.AsyncClient, table: str, **asked: str | int) -> list[dict[str, object]]:
    answer = await http.get(f"/v1/anomalies{table}", params={"limit": 1000, **asked})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


@pytest.mark.parametrize("table", TABLES)
async def test_every_row_is_of_its_model_and_says_where_it_comes_from(analytics: httpx.AsyncClient, table: str) -> None:
    answer = await analytics.get(f"/v1/anomalies{table}", params={"limit": 1000})
    assert answer.status_code == 200
    assert answer.headers["tillhand-mode"] == "mock"
    body = answer.json()
    assert body["total"] == len(body["items"])
    for item in body["items"]:
        assert TABLES[table].model_validate(item, strict=False).model_dump(mode="json").keys() == item.keys()
    assert body["provenance"]["method"]["version"] == "1"
    assert body["provenance"]["window"]["last_day"] == "2026-10-31"


@pytest.mark.parametrize("table", TABLES)
async def test_the_file_holds_the_same_rows(analytics: httpx.AsyncClient, table: str) -> None:
    items = await rows(analytics, table)
    answer = await analytics.get(f"/v1/anomalies{table}/export.csv")
    lines = list(csv.reader(io.StringIO(answer.text)))
    assert len(lines) - 1 == len(items) == int(answer.headers["tillhand-rows"])
    if items:
        assert lines[0] == list(items[0])
    assert "-MOCK" in answer.headers["content-disposition"]


async def test_the_mistaken_order_of_the_last_day_is_told_with_its_name(analytics: httpx.AsyncClient) -> None:
    orders = {order.id: order for order in generator.shop().orders}
    mistaken = orders[truths().mistaken_orders[-1]]
    found = await rows(analytics, "", metric="placed_units", dimension="all", direction="above")
    last = next(item for item in found if item["last_day"] == "2026-10-31")
    assert (last["cause_kind"], last["cause_name"]) == ("mistaken_order", mistaken.name)
    causes = await rows(analytics, "/causes", episode=str(last["id"]))
    assert [item["rank"] for item in causes] == list(range(1, len(causes) + 1))
    assert causes[0]["actual"] == sum(line.quantity for line in mistaken.lines)


async def test_filters_keep_what_they_name_and_the_overview_counts_all(analytics: httpx.AsyncClient) -> None:
    found = await rows(analytics, "", days=90)
    critical = await rows(analytics, "", days=90, severity="critical")
    assert critical
    assert [item for item in found if item["severity"] == "critical"] == critical
    value = (await analytics.get("/v1/anomalies/overview", params={"days": 90})).json()["value"]
    assert value["episodes"] == len(found)
    assert value["critical"] == len(critical)
    assert value["notice"] + value["warning"] + value["critical"] == value["episodes"]
    assert value["series"] > 100


async def test_the_days_of_a_series_are_those_of_the_shop(analytics: httpx.AsyncClient) -> None:
    days = await rows(analytics, "/days", metric="units", days=30)
    sold: dict[str, int] = {}
    shop = generator.shop()
    for order in shop.orders:
        if order.cancelled_at is None:
            day = order.created_at.astimezone(__import__("zoneinfo").ZoneInfo(shop.time_zone)).date().isoformat()
            sold[day] = sold.get(day, 0) + sum(line.quantity for line in order.lines)
    assert {str(item["day"]): item["actual"] for item in days} == {
        str(item["day"]): sold[str(item["day"])] for item in days
    }
    assert len(days) == 30
    assert all(item["low"] < item["expected"] < item["high"] for item in days)  # type: ignore[operator]  # numbers


async def test_the_promotions_of_the_shop_are_told(analytics: httpx.AsyncClient) -> None:
    found = {(str(item["first_day"]), item["discount_percent"]) for item in await rows(analytics, "/promotions")}
    planted = {(each.first_day.isoformat(), float(each.percent)) for each in truths().promotions}
    assert len(found & planted) >= 0.8 * len(planted)


async def test_a_series_is_drawn_with_a_text_alternative(analytics: httpx.AsyncClient) -> None:
    asked = {"metric": "sessions", "dimension": "channel", "element": "Email"}
    answer = await analytics.get("/v1/anomalies/chart.svg", params=asked)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "Visits a day: Email" in answer.text
    assert (await analytics.get("/v1/anomalies/chart.svg", params={"metric": "conversion"})).status_code == 200


@pytest.mark.parametrize(
    ("path", "asked", "status", "field"),
    [
        ("", {"days": "0"}, 422, "query.days"),
        ("", {"alpha": "0.9"}, 422, "query.alpha"),
        ("", {"rate": "1"}, 422, "query.rate"),
        ("", {"metric": "happiness"}, 422, "query.metric"),
        ("", {"sort": "colour"}, 422, "query.sort"),
        ("/days", {"metric": "units", "dimension": "colour"}, 422, "query.dimension"),
        ("/days", {"metric": "units", "dimension": "category", "element": "Swords"}, 404, "query.element"),
        ("/chart.svg", {"metric": "orders", "element": "web"}, 404, "query.element"),
    ],
)
async def test_what_cannot_be_asked_is_told_with_its_field(
    analytics: httpx.AsyncClient, path: str, asked: dict[str, str], status: int, field: str
) -> None:
    answer = await analytics.get(f"/v1/anomalies{path}", params=asked)
    assert (answer.status_code, answer.json()["field"]) == (status, field)


def emptied(shop: Shop, days: int) -> Shop:
    """The shop before anybody came, with so many days."""

    def none(table: object) -> object:
        cleared: dict[str, object] = {}
        for name in table.__slots__:  # type: ignore[attr-defined]  # a dataclass of records
            value = getattr(table, name)
            cleared[name] = value[:0] if isinstance(value, np.ndarray) else value
        if "ids" in cleared:
            cleared["ids"] = ()
        if "names" in cleared:
            cleared["names"] = ()
        return replace(table, **cleared)  # type: ignore[type-var]  # a dataclass of records

    tables = {
        name: none(getattr(shop, name)) for name in ("orders", "lines", "refunds", "searches", "visits", "stock_outs")
    }
    return replace(shop, first_day=shop.last_day - np.timedelta64(days - 1, "D"), **tables)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("days", [1, 200])
async def test_a_shop_without_anything_has_no_anomalies(shop: Shop, tmp_path: Path, days: int) -> None:
    sources = HeldSources(emptied(shop, days))
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=sources)) as http:
        for table in ("", "/causes", "/factors", "/promotions"):
            assert await rows(http, table) == []
        answer = await http.get("/v1/anomalies/days")
        assert (answer.status_code, answer.json()["field"]) == (404, "query.element")
        assert (await http.get("/v1/anomalies/overview")).json()["value"]["series"] == 0


async def test_a_source_that_lags_is_no_fall_to_nothing(shop: Shop, tmp_path: Path) -> None:
    late = shop.visits.day <= np.datetime64("2026-10-28")
    lagging = replace(
        shop.visits,
        **{
            name: getattr(shop.visits, name)[late]
            for name in shop.visits.__slots__
            if isinstance(getattr(shop.visits, name), np.ndarray)
        },
    )
    sources = HeldSources(replace(shop, visits=lagging), complete_through={"ga4": date(2026, 10, 28)})
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=sources)) as http:
        found = await rows(http, "", days=7)
        assert not [item for item in found if item["metric"] in {"sessions", "conversion"}]
        days = await rows(http, "/days", metric="sessions", days=5)
        assert [item["actual"] is None for item in days] == [False, False, True, True, True]
