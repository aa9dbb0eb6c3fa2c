"""Forecasts of a shop: what adds up, what is known when, how surely, and what is said where little is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import pytest_asyncio

from tests.analytics.sales_shops import FIRST_DAY, weekday_shop
from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.statsforecast_models import AUTO_ETS, OPTIMISED_THETA, statsforecast_menu
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.inventory.panel import panel_of
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales_forecast.history import history_of
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAYS = 200
Rows = list[dict[str, Any]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def analytics(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """One service for all of them: none changes it."""
    settings = AnalyticsSettings(data_dir=tmp_path_factory.mktemp("analytics"))
    async with client(create_app(settings, sources=HeldSources(shop))) as http:
        yield http


@pytest.fixture(scope="module")
def small() -> Shop:
    return weekday_shop(DAYS)


async def rows(http: httpx.AsyncClient, path: str = "", **asked: str | float) -> Rows:
    found, cursor = [], ""
    while True:
        page = {"cursor": cursor} if cursor else {}
        answer = await http.get(f"/v1/sales/forecast{path}", params={"limit": 1000, **asked, **page})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if not (cursor := answer.json()["next_cursor"]):
            return found


@pytest.mark.parametrize("measure", ["sales", "units"])
async def test_skus_add_up_to_categories_and_these_to_the_shop(analytics: httpx.AsyncClient, measure: str) -> None:
    found = await rows(analytics, measure=measure)
    by_level: dict[str, Rows] = {}
    for row in found:
        by_level.setdefault(row["level"], []).append(row)
    (total,) = by_level["total"]
    for level in ("category", "sku"):
        assert sum(row["expected"] for row in by_level[level]) == pytest.approx(total["expected"], abs=1e-3)
    if measure == "sales":
        assert all(row["expected"] == int(row["expected"]) for row in found), "money is in whole minor units"
        assert sum(row["expected"] for row in by_level["sku"]) == total["expected"]
    tents = await rows(analytics, measure=measure, category="Tents")
    assert [row["level"] for row in tents].count("category") == 1
    assert sum(row["expected"] for row in tents[1:]) == pytest.approx(tents[0]["expected"], abs=1e-3)


async def test_each_row_tells_its_interval_its_model_and_its_record(analytics: httpx.AsyncClient) -> None:
    for row in await rows(analytics):
        assert row["low"] <= row["expected"] <= row["high"]
        assert row["model"] in row["note"] or row["note"]
        assert row["origins"] >= 3
        if row["beats_naive"]:
            assert row["wape"] < row["naive_wape"]
        elif row["wape"] is not None:
            assert "a naive forecast was not worse" in row["note"]
    (answer,) = await rows(analytics, level="total")
    assert answer["coverage"] >= 0.75
    narrow, wide = [(await rows(analytics, level="total", coverage=coverage))[0] for coverage in (0.6, 0.95)]
    assert wide["low"] <= narrow["low"] <= narrow["high"] <= wide["high"]


async def test_days_are_those_after_the_last_and_add_up(analytics: httpx.AsyncClient) -> None:
    days = await rows(analytics, "/days", level="category", key="Tents", horizon_days=14)
    assert [row["day"] for row in days] == [f"2026-11-{day:02}" for day in range(1, 15)]
    (tents,) = await rows(analytics, level="category", category="Tents", horizon_days=14)
    assert sum(row["expected"] for row in days) == tents["expected"]


async def test_the_backtest_tells_which_models_were_tried_and_how_all_of_it_did(analytics: httpx.AsyncClient) -> None:
    found = await rows(analytics, "/backtest", measure="units")
    for level in ("total", "category", "sku"):
        of_level = [row for row in found if row["level"] == level]
        models = [row for row in of_level if row["model"] != "as_forecast"]
        (chosen,) = [row for row in models if row["chosen"]]
        assert chosen["wape"] == min(row["wape"] for row in models)
        assert chosen["against_naive"] < 1
        assert [row["chosen"] for row in of_level if row["model"] == "as_forecast"] == [True]
        assert {"naive", "seasonal_naive"} <= {row["model"] for row in models}


async def test_what_cannot_be_forecast_names_the_field(
    analytics: httpx.AsyncClient, small: Shop, tmp_path: Path
) -> None:
    for path, asked, status, field in (
        ("/days", {"level": "sku", "key": "nothing"}, 404, "query.key"),
        ("/chart.svg", {"level": "category", "key": "nothing"}, 404, "query.key"),
        ("", {"category": "nothing"}, 422, "query.category"),
        ("", {"horizon_days": 92}, 422, "query.horizon_days"),
    ):
        answer = await analytics.get(f"/v1/sales/forecast{path}", params=asked)
        assert (answer.status_code, answer.json().get("field") or answer.json()["errors"][0]["field"]) == (
            status,
            field,
        )
    short = replace(small, last_day=FIRST_DAY + 59)
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=HeldSources(short))) as http:
        answer = await http.get("/v1/sales/forecast")
        assert (answer.status_code, answer.json()["field"]) == (422, "query.horizon_days")
        assert "at most 6 days" in answer.json()["detail"]
        assert len((await http.get("/v1/sales/forecast", params={"horizon_days": 6})).json()["items"]) > 1
        sku = small.variants.skus[0]
        plain = await http.get(f"/v1/inventory/skus/{sku}/chart.svg")
        assert plain.status_code == 200, "history is shown all the same"
        assert "Forecast" not in plain.text


async def test_pictures_show_what_is_expected(analytics: httpx.AsyncClient) -> None:
    picture = await analytics.get("/v1/sales/forecast/chart.svg", params={"level": "category", "key": "Tents"})
    assert "Forecast for the next 28 days" in picture.text
    assert "90 % interval" in picture.text
    assert "50 % interval" in picture.text
    sku = (await rows(analytics, level="sku"))[0]["key"]
    demand = f"/v1/inventory/skus/{sku}/chart.svg"
    assert "Forecast for the next 28 days" in (await analytics.get(demand)).text
    assert "Forecast" not in (await analytics.get(demand, params={"forecast_days": 0})).text


async def test_models_of_a_library_stand_beside_our_own(small: Shop, tmp_path: Path) -> None:
    menu = statsforecast_menu(7)
    assert {AUTO_ETS, OPTIMISED_THETA, "pooled"} <= set(menu.names)
    history = history_of(small, panel_of(small), "units")
    ahead = menu.only([AUTO_ETS, OPTIMISED_THETA]).forecasts(history.sums, 7)
    weekly = history.sums[:, -28:].sum(axis=1) / 4
    for name in (AUTO_ETS, OPTIMISED_THETA):
        np.testing.assert_allclose(ahead[name].sum(axis=1), weekly, rtol=0.25)
    young = history.sums.copy()
    young[1, :-10] = np.nan
    assert np.isnan(menu.only([AUTO_ETS]).forecasts(young, 7)[AUTO_ETS][1]).all()
    settings = AnalyticsSettings(data_dir=tmp_path, analytics_forecaster="statsforecast")
    short = replace(small, first_day=small.last_day - 60)
    async with client(create_app(settings, sources=HeldSources(short))) as http:
        answer = await http.get("/v1/sales/forecast/backtest", params={"horizon_days": 5})
    assert answer.json()["provenance"]["method"]["name"] == "sales-forecast-statsforecast"
    assert AUTO_ETS in {row["model"] for row in answer.json()["items"]}
