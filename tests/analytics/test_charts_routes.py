"""Charts over HTTP: an image of its own, safe wherever it is opened, never sent twice."""

from __future__ import annotations

import base64
import hashlib
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi.openapi.utils import get_openapi

from tests.analytics.served_table import router
from tests.fakes.shops import HeldSources
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.provenance import Mode
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client

PATH = "/v1/things/chart.svg"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
async def http(shop: Shop, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    mode: Mode = getattr(request, "param", "mock")
    app = create_app(AnalyticsSettings(data_dir=tmp_path), sources=HeldSources(shop, mode))
    app.routes.extend(router.routes)
    async with client(app) as asked:
        yield asked


async def test_a_chart_is_an_image_that_loads_nothing(http: httpx.AsyncClient) -> None:
    answer = await http.get(PATH)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["tillhand-mode"] == "mock"
    assert answer.headers["cache-control"] == "private, no-cache"
    root = ET.fromstring(answer.text)  # noqa: S314  # our own
    assert root.findtext(f"{SVG}title") == "Days of cover & <things>"
    style = root.findtext(f"{SVG}style") or ""
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{allowed}'; frame-ancestors 'none'"


@pytest.mark.parametrize("http", ["live"], indirect=True)
async def test_a_chart_of_what_is_live_has_no_mark(http: httpx.AsyncClient) -> None:
    answer = await http.get(PATH)
    assert answer.headers["tillhand-mode"] == "live"
    assert "MOCK" not in answer.text


async def test_a_chart_that_is_made_up_says_so_in_itself(http: httpx.AsyncClient) -> None:
    text = (await http.get(PATH)).text
    assert ">MOCK<" in text
    assert "All of it is made up." in text


async def test_a_chart_is_as_large_as_it_is_asked_to_be(http: httpx.AsyncClient) -> None:
    assert 'viewBox="0 0 390 300"' in (await http.get(f"{PATH}?width=390&height=300")).text
    assert 'viewBox="0 0 720 360"' in (await http.get(PATH)).text


async def test_a_bad_parameter_of_a_chart_is_named(http: httpx.AsyncClient) -> None:
    for query, field in {"width=9": "query.width", "height=1e9": "query.height", "above=-1": "query.above"}.items():
        answer = await http.get(f"{PATH}?{query}")
        assert answer.status_code == 422, query
        assert field in answer.text, query


async def test_who_has_the_chart_gets_no_second_one(http: httpx.AsyncClient) -> None:
    first = await http.get(PATH)
    again = await http.get(PATH, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await http.get(f"{PATH}?above=100", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200
    head = await http.head(PATH)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])


def test_charts_are_in_the_document_as_images() -> None:
    told = get_openapi(title="", version="", routes=router.routes)["paths"][PATH]["get"]
    assert set(told["responses"]["200"]["content"]) == {"image/svg+xml"}
    assert told["description"] == "Days of cover of the things."
    assert {"above", "width", "height"} <= {each["name"] for each in told["parameters"]}
