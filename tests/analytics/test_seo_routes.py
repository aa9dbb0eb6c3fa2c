"""What search data says, over HTTP."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.fakes.searches import LAST, SITE, SearchLog
from tests.fakes.shops import HeldSources
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.models import seo as models
from tillhand_analytics.models.base import Out
from tillhand_analytics.models.provenance import ProvenanceOut
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client
from tillhand_mockshop import generator
from tillhand_mockshop.truths import truths

ROWS: dict[str, type[Out]] = {
    "findings": models.FindingOut,
    "decay": models.DecayOut,
    "ctr-gaps": models.CtrGapOut,
    "striking-distance": models.StrikingOut,
    "cannibalisation": models.CannibalisationOut,
    "queries": models.QueryOut,
    "movers": models.MoverOut,
    "pages": models.PageOut,
    "brand": models.BrandOut,
    "engines": models.EngineOut,
    "landing-pages": models.LandingPageOut,
    "curve": models.CurveOut,
    "trend": models.TrendOut,
}
FIRST, END = date(2026, 10, 4), date(2026, 10, 31)
"""The window of four weeks of the default shop."""


async def get(http: httpx.AsyncClient, path: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  # any query
    """What a route answers."""
    response = await http.get(f"/v1/seo/{path}", params=parameters)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def items(http: httpx.AsyncClient, path: str, **parameters: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # any query
    """All rows of a list of at most a thousand."""
    answer = await get(http, path, limit=1000, **parameters)
    return list(answer["items"])


@pytest.fixture
async def bare(shop: Shop, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The service over a shop without searches and visits."""
    nothing: dict[str, Any] = dict.fromkeys(("pages", "channels", "devices", "countries"), ())
    none = {name: getattr(shop.visits, name)[:0] for name in shop.visits.__slots__ if name not in nothing}
    empty = replace(shop, searches=SearchLog().searches(), visits=replace(shop.visits, **nothing, **none))
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=HeldSources(empty))) as http:
        yield http


async def test_every_row_is_as_its_model_says(analytics: httpx.AsyncClient) -> None:
    for path, model in ROWS.items():
        rows = await items(analytics, path)
        assert rows, path
        for row in rows:
            assert list(row) == list(model.model_fields), path
            model.model_validate_json(json.dumps(row))


async def test_a_file_has_the_rows_of_the_list(analytics: httpx.AsyncClient) -> None:
    for path, model in ROWS.items():
        answer = await get(analytics, path, limit=1000)
        text = (await analytics.get(f"/v1/seo/{path}/export.csv")).text
        header, *rows = csv.reader(io.StringIO(text))
        assert header == list(model.model_fields)
        assert len(rows) == answer["total"]
        for written, row in zip(rows, answer["items"], strict=False):
            for cell, value in zip(written, row.values(), strict=True):
                assert told(cell) == value or cell == str(value) or (cell == "" and value is None), path


def told(cell: str) -> object:
    """A cell as JSON would have it, where it is a number or a truth."""
    try:
        return json.loads(cell)
    except ValueError:
        return cell


async def test_every_answer_says_where_it_comes_from(analytics: httpx.AsyncClient) -> None:
    for path in (*ROWS, "summary"):
        response = await analytics.get(f"/v1/seo/{path}")
        assert response.headers["tillhand-mode"] == "mock"
        provenance = ProvenanceOut.model_validate_json(json.dumps(response.json()["provenance"]))
        assert {source.source for source in provenance.sources} >= {"search_console", "bing"}
        assert provenance.window.last_day == END
        assert provenance.parameters["last_day"] == END.isoformat()
        assert provenance.method.name


async def test_a_shop_without_searches_has_no_rows_and_no_errors(bare: httpx.AsyncClient) -> None:
    for path in ROWS.keys() - {"brand", "curve"}:
        assert await items(bare, path) == [], path
    assert {row["clicks"] for row in await items(bare, "brand")} == {0}
    assert {row["curve_clicks"] for row in await items(bare, "curve")} == {0}
    value = (await get(bare, "summary"))["value"]
    assert (value["now"]["clicks"], value["score"]) == (0, None)


async def test_the_summary_adds_up_what_the_shop_has(analytics: httpx.AsyncClient) -> None:
    rows = [row for row in generator.shop().search if FIRST <= row.day <= END]
    value = (await get(analytics, "summary"))["value"]
    assert value["now"]["clicks"] == sum(row.clicks for row in rows)
    assert value["now"]["impressions"] == sum(row.impressions for row in rows)
    assert value["pages"] == len({row.page for row in rows})
    assert value["queries"] == len({row.query for row in rows})
    brand = sum(row.clicks for row in rows if "bracken lane" in row.query or "brackenlane" in row.query)
    assert value["brand_share"] == pytest.approx(brand / value["now"]["clicks"])
    findings = await items(analytics, "findings")
    for kind, told_of in value["kinds"].items():
        mine = [row for row in findings if row["kind"] == kind]
        assert told_of["findings"] == len(mine)
        assert told_of["clicks_month"] == pytest.approx(sum(row["clicks_month"] for row in mine))


async def test_pages_have_the_sums_of_their_rows(analytics: httpx.AsyncClient) -> None:
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for made in generator.shop().search:
        if FIRST <= made.day <= END:
            held = sums[made.engine, made.page]
            held[0] += made.clicks
            held[1] += made.impressions
            held[2] += made.impressions * made.position
    for row in await items(analytics, "pages"):
        clicks, impressions, weighted = sums[row["engine"], row["page"]]
        assert (row["clicks"], row["impressions"]) == (clicks, impressions)
        if impressions:
            assert row["position"] == pytest.approx(weighted / impressions)


async def test_landing_pages_meet_the_visits_from_search(analytics: httpx.AsyncClient) -> None:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for made in generator.shop().sessions:
        if FIRST <= made.day <= END and made.channel == "Organic Search":
            for place, value in enumerate((made.sessions, made.purchases, made.revenue_minor)):
                sums[made.landing_page][place] += value
    joined = [row for row in await items(analytics, "landing-pages") if row["sessions"]]
    assert len(joined) > 10
    for row in joined:
        assert [row["sessions"], row["purchases"], row["revenue_minor"]] == sums[row["path"]]


async def test_decays_are_those_that_were_planted(analytics: httpx.AsyncClient) -> None:
    planted = {(each.page, each.query): each for each in truths().search.decays}
    rows = await items(analytics, "decay", engine="google")
    assert {(row["page"], row["query"]) for row in rows} <= planted.keys()
    assert len(rows) >= 0.8 * len(planted)
    for row in rows:
        real = planted[row["page"], row["query"]]
        assert abs(date.fromisoformat(row["began"]) - real.first_day) <= timedelta(days=7)
        assert row["positions_lost"] == pytest.approx(real.positions_lost, rel=0.2)
    judged = await items(analytics, "decay", judged=True, engine="google")
    assert len(judged) > len(rows)
    assert all(row["query"] is None for row in await items(analytics, "decay", level="page"))


async def test_filters_keep_what_is_asked_for(analytics: httpx.AsyncClient) -> None:
    every = await items(analytics, "findings")
    gaps = await items(analytics, "findings", kind="ctr_gap", engine="google")
    assert gaps == [row for row in every if (row["kind"], row["engine"]) == ("ctr_gap", "google")]
    page = gaps[0]["page"]
    assert {row["page"] for row in await items(analytics, "findings", page=page)} == {page}
    core = await items(analytics, "striking-distance", core=True)
    assert core
    assert all(8 <= row["position"] <= 15 for row in core)
    narrow = await items(analytics, "striking-distance", best_position=5, worst_position=7, target_position=1)
    assert all(5 <= row["position"] <= 7 for row in narrow)
    assert {row["ahead"] for row in await items(analytics, "engines", ahead="google")} == {"google"}
    assert await items(analytics, "findings", page="https://nowhere.example/") == []


async def test_an_earlier_day_gives_the_figures_of_then(analytics: httpx.AsyncClient) -> None:
    end = date(2026, 8, 31)
    answer = await get(analytics, "summary", last_day=end.isoformat(), days=14)
    clicks = sum(row.clicks for row in generator.shop().search if timedelta(0) <= end - row.day < timedelta(days=14))
    assert answer["value"]["now"] | {"clicks": clicks} == answer["value"]["now"]
    assert answer["value"]["before"]["last_day"] == "2026-08-17"


async def test_days_that_search_console_has_not_filled_are_not_judged(shop: Shop, tmp_path: Path) -> None:
    sources = HeldSources(shop, complete_through={"search_console": date(2026, 10, 28)})
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=sources)) as http:
        answer = await get(http, "summary")
        assert answer["value"]["now"]["last_day"] == "2026-10-28"
        assert answer["provenance"]["window"]["last_day"] == "2026-10-28"
        response = await http.get("/v1/seo/summary", params={"last_day": "2026-10-29"})
    assert response.status_code == 422


async def test_the_shop_can_be_called_by_other_names(shop: Shop, tmp_path: Path) -> None:
    settings = AnalyticsSettings(data_dir=tmp_path, brand_terms="pans, storage jars")
    async with client(create_app(settings, sources=HeldSources(shop))) as http:
        named = {row["engine"]: row["clicks"] for row in await items(http, "brand") if row["brand"]}
    rows = [row for row in generator.shop().search if FIRST <= row.day <= END and row.engine == "google"]
    words = ("bracken lane", "brackenlane", "pans", "storage jars")
    clicks = sum(row.clicks for row in rows if any(f" {word} " in f" {row.query} " for word in words))
    assert named["google"] == clicks


async def test_a_trend_is_that_of_the_rows_asked_for(analytics: httpx.AsyncClient) -> None:
    planted = truths().search.decays[0]
    rows = await items(analytics, "trend", page=planted.page, query=planted.query, days=30)
    mine = [
        row
        for row in generator.shop().search
        if (row.page, row.query, row.engine) == (planted.page, planted.query, "google")
        and END - row.day < timedelta(days=30)
    ]
    assert len(rows) == 30
    assert sum(row["clicks"] for row in rows) == sum(row.clicks for row in mine)
    assert await items(analytics, "trend", page="https://nowhere.example/") == []


async def test_a_chart_names_its_lines_in_words(analytics: httpx.AsyncClient) -> None:
    planted = truths().search.decays[0]
    response = await analytics.get("/v1/seo/trend/chart.svg", params={"page": planted.page})
    assert response.headers["content-type"].startswith("image/svg+xml")
    assert planted.query in response.text
    unknown = await analytics.get("/v1/seo/trend/chart.svg", params={"query": "<no such query>"})
    assert unknown.status_code == 200
    assert "No positions" in unknown.text
    assert "<no such query>" not in unknown.text


async def test_a_bad_parameter_is_named(analytics: httpx.AsyncClient) -> None:
    for path, parameters, field in (
        ("findings", {"days": "6"}, "days"),
        ("findings", {"kind": "bad luck"}, "kind"),
        ("decay", {"level": "site"}, "level"),
        ("pages", {"engine": "altavista"}, "engine"),
        ("summary", {"last_day": "2020-01-01"}, "last_day"),
        ("summary", {"last_day": "tomorrow"}, "last_day"),
        ("striking-distance", {"best_position": "9", "worst_position": "8"}, "worst_position"),
        ("striking-distance", {"target_position": "nan"}, "target_position"),
        ("pages", {"sort": "beauty"}, "sort"),
        ("trend", {"days": "100000"}, "days"),
    ):
        response = await analytics.get(f"/v1/seo/{path}", params=parameters)
        assert response.status_code == 422, path
        assert field in response.text


async def test_a_site_of_one_day_is_answered(shop: Shop, tmp_path: Path) -> None:
    log = SearchLog().add("/one", "jars", [0], position=2.0, clicks=10)
    young = replace(shop, searches=log.searches(), first_day=LAST, last_day=LAST)
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=HeldSources(young))) as http:
        for path in ROWS:
            await get(http, path)
        assert [row["page"] for row in await items(http, "pages")] == [f"{SITE}/one"]
        assert [row["change"] for row in await items(http, "queries")] == ["appeared"]


async def test_figures_that_are_asked_for_again_are_the_same(analytics: httpx.AsyncClient) -> None:
    first = await items(analytics, "findings")
    again = await analytics.get("/v1/seo/findings", params={"limit": 1000}, headers={"cache-control": "no-cache"})
    assert again.json()["items"] == first
    assert np.isfinite([row["clicks_month"] for row in first]).all()
