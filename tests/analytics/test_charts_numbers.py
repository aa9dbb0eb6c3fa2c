"""The numbers behind charts over days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.app import create_app
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client
from tillhand_mockshop.generator import build


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The service over a small shop."""
    sources = HeldSources(columns(build(skus=40, days=200)))
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=sources)) as http:
        yield http


async def test_the_numbers_behind_a_chart_are_those_of_its_days(small: httpx.AsyncClient) -> None:
    listed = (await small.get("/v1/inventory/at-risk", params={"limit": 1})).json()
    sku = listed["items"][0]["sku"]
    path = f"/v1/inventory/skus/{sku}/chart.json"
    answer = await small.get(path, params={"days": 60, "forecast_days": 28})
    assert answer.status_code == 200, answer.text
    found = answer.json()["value"]
    assert answer.headers["tillhand-mode"] == answer.json()["provenance"]["mode"]
    assert found["days"] == sorted(found["days"])
    sold, expected = found["lines"]
    bands = [band[end] for band in found["bands"] for end in ("low", "high")]
    assert {len(each) for each in (found["days"], sold["values"], expected["values"], *bands)} == {88}
    assert [value is None for value in sold["values"]] == [False] * 60 + [True] * 28
    assert [value is None for value in expected["values"]] == [True] * 60 + [False] * 28
    assert all(low <= high for low, high in zip(bands[0][60:], bands[1][60:], strict=True))
    past = (await small.get(path, params={"days": 60, "forecast_days": 0})).json()["value"]
    assert (past["bands"], [each["values"] for each in past["lines"]]) == ([], [sold["values"][:60]])


async def test_a_forecast_in_money_is_told_in_the_unit_of_its_axis(small: httpx.AsyncClient) -> None:
    found = (await small.get("/v1/sales/forecast/chart.json")).json()["value"]
    days = (await small.get("/v1/sales/forecast/days", params={"limit": 91})).json()
    assert found["unit"] == f"Sales a day ({days['provenance']['currency']})"
    expected = [value for value in found["lines"][1]["values"] if value is not None]
    assert [round(100 * value) for value in expected] == [round(row["expected"]) for row in days["items"]]
    unknown = await small.get("/v1/sales/forecast/chart.json", params={"level": "sku", "key": "NO-SUCH"})
    assert unknown.status_code == 404
