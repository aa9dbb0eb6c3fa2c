"""Search Console over the small shop, counted by hand."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tillhand_common.testing import FakeClock
from tillhand_mcp.mock.world import SEARCH_CONSOLE_SITE

SITE = f"/webmasters/v3/sites/{quote(SEARCH_CONSOLE_SITE, safe='')}"
QUERY = f"{SITE}/searchAnalytics/query"
INSPECT = "/v1/urlInspection/index:inspect"
MONTH = {"startDate": "2026-02-15", "endDate": "2026-03-15"}
SHELF = "https://brackenlane.example/products/oak-shelf"
LAMP = "https://brackenlane.example/products/old-lamp"
DAY_S = 24 * 60 * 60


async def query(http: httpx.AsyncClient, **body: object) -> dict[str, Any]:
    """Return what was searched for."""
    answer = await http.post(QUERY, json={**MONTH, **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def chosen(dimension: str, operator: str, expression: str) -> list[dict[str, Any]]:
    """Return the filter of one dimension."""
    one = {"dimension": dimension, "operator": operator, "expression": expression}
    return [{"groupType": "and", "filters": [one]}]


async def test_all_together_is_one_row(http: httpx.AsyncClient) -> None:
    found = await query(http)
    [row] = found["rows"]
    assert (row["clicks"], row["impressions"]) == (16, 85)
    assert row["ctr"] == pytest.approx(16 / 85)
    assert row["position"] == pytest.approx((30 * 2 + 5 * 4 + 50 * 1.5) / 85)
    assert "keys" not in row
    assert found["responseAggregationType"] == "BY_PROPERTY"


async def test_the_most_clicked_come_first(http: httpx.AsyncClient) -> None:
    rows = (await query(http, dimensions=["query"]))["rows"]
    assert [(row["keys"], row["clicks"]) for row in rows] == [
        (["shelf brackets"], 9),
        (["oak shelf"], 6),
        (["Lamp Shade"], 1),
    ]


async def test_days_come_in_their_order(http: httpx.AsyncClient) -> None:
    rows = (await query(http, dimensions=["QUERY", "DATE"]))["rows"]
    assert [row["keys"] for row in rows] == [
        ["shelf brackets", "2026-03-10"],
        ["oak shelf", "2026-03-11"],
        ["Lamp Shade", "2026-03-11"],
    ]


async def test_places_and_devices_have_the_vendors_codes(http: httpx.AsyncClient) -> None:
    rows = (await query(http, dimensions=["country", "device", "page"]))["rows"]
    assert [row["keys"] for row in rows] == [["gbr", "DESKTOP", SHELF], ["irl", "MOBILE", LAMP]]


async def test_what_may_still_change_is_shown_on_demand(http: httpx.AsyncClient) -> None:
    found = await query(http, dimensions=["date"], dataState="all")
    assert [row["keys"][0] for row in found["rows"]][-1] == "2026-03-14"
    assert found["metadata"] == {"firstIncompleteDate": "2026-03-13"}
    assert "metadata" not in await query(http, dimensions=["date"])
    assert "metadata" not in await query(http, dataState="ALL")


@pytest.mark.parametrize(
    ("groups", "clicks"),
    [
        (chosen("query", "equals", "oak shelf"), 6),
        (chosen("query", "equals", "Oak Shelf"), None),
        (chosen("query", "contains", "SHELF"), 15),
        (chosen("query", "notContains", "shelf"), 1),
        (chosen("QUERY", "NOT_EQUALS", "oak shelf"), 10),
        (chosen("query", "includingRegex", "^(oak|Lamp)"), 7),
        (chosen("query", "excludingRegex", "^oak"), 10),
        (chosen("country", "equals", "IRL"), 1),
        (chosen("device", "equals", "mobile"), 1),
        (chosen("page", "contains", "old-lamp"), 1),
        ([*chosen("query", "contains", "shelf"), *chosen("query", "notEquals", "oak shelf")], 9),
        ([{"filters": [{"dimension": "query", "expression": "oak shelf"}]}], 6),
        ([], 16),
    ],
)
async def test_a_filter_chooses_searches(
    http: httpx.AsyncClient, groups: list[dict[str, Any]], clicks: int | None
) -> None:
    rows = (await query(http, dimensionFilterGroups=groups)).get("rows", [])
    assert [row["clicks"] for row in rows] == ([clicks] if clicks else [])


async def test_a_page_is_cut_from_all_rows(http: httpx.AsyncClient) -> None:
    rows = (await query(http, dimensions=["query"], rowLimit=1, startRow=1))["rows"]
    assert [row["keys"] for row in rows] == [["oak shelf"]]
    assert "rows" not in await query(http, dimensions=["query"], startRow=3)


async def test_pages_are_counted_by_page(http: httpx.AsyncClient) -> None:
    assert (await query(http, dimensions=["page"]))["responseAggregationType"] == "BY_PAGE"
    by_page = chosen("page", "contains", "shelf")
    assert (await query(http, dimensionFilterGroups=by_page))["responseAggregationType"] == "BY_PAGE"
    assert (await query(http, aggregationType="byPage"))["responseAggregationType"] == "BY_PAGE"


async def test_other_kinds_of_search_found_nothing(http: httpx.AsyncClient) -> None:
    assert "rows" not in await query(http, type="image")
    assert "rows" not in await query(http, searchType="googleNews")
    assert "rows" not in await query(http, dimensions=["searchAppearance"])


@pytest.mark.parametrize(
    "body",
    [
        {"startDate": None},
        {"endDate": "tomorrow"},
        {"startDate": "2026-03-20"},
        {"dimensions": ["colour"]},
        {"dimensions": ["date", "DATE"]},
        {"rowLimit": 0},
        {"rowLimit": 25_001},
        {"rowLimit": "10"},
        {"startRow": -1},
        {"type": "maps"},
        {"dataState": "some"},
        {"dimensions": ["page"], "aggregationType": "byProperty"},
        {"dimensionFilterGroups": {}},
        {"dimensionFilterGroups": ["query"]},
        {"dimensionFilterGroups": [{"filters": {}}]},
        {"dimensionFilterGroups": [{"filters": ["query"]}]},
        {"dimensions": "query"},
        {"dimensionFilterGroups": chosen("query", "includingRegex", "(")},
        {"dimensionFilterGroups": chosen("query", "like", "x")},
        {"dimensionFilterGroups": chosen("date", "equals", "x")},
        {"colour": "red"},
    ],
)
async def test_what_cannot_be_asked_is_refused(http: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await http.post(QUERY, json={**MONTH, **body})
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


async def test_the_rows_of_a_day_are_counted_by_kind_of_search(http: httpx.AsyncClient, clock: FakeClock) -> None:
    await http.post("/mock/quotas", json={"search_console.rowsPerDay": 3})
    await query(http, dimensions=["query"])
    answer = await http.post(QUERY, json=MONTH)
    error = answer.json()["error"]
    assert (answer.status_code, error["errors"][0]["reason"]) == (403, "quotaExceeded")
    await query(http, type="image")
    await clock.advance(DAY_S)
    await query(http)


async def test_calls_of_a_minute_are_counted(http: httpx.AsyncClient, clock: FakeClock) -> None:
    await http.post("/mock/quotas", json={"search_console.queriesPerMinute": 1})
    await query(http)
    assert (await http.post(QUERY, json=MONTH)).status_code == 429
    await clock.advance(60)
    await query(http)


async def test_sites_and_sitemaps_are_listed(http: httpx.AsyncClient) -> None:
    [site] = (await http.get("/webmasters/v3/sites")).json()["siteEntry"]
    assert site == {"siteUrl": SEARCH_CONSOLE_SITE, "permissionLevel": "SITE_FULL_USER"}
    assert (await http.get(SITE)).json() == site
    [sitemap] = (await http.get(f"{SITE}/sitemaps")).json()["sitemap"]
    assert sitemap["path"] == "https://brackenlane.example/sitemap.xml"
    assert (sitemap["errors"], sitemap["contents"][0]["submitted"]) == ("0", "1")
    assert sitemap["lastDownloaded"] == "2026-03-13T04:12:30.000Z"


async def test_another_site_is_forbidden(http: httpx.AsyncClient) -> None:
    other = "/webmasters/v3/sites/" + quote("https://elsewhere.example/", safe="")
    for answer in (await http.get(f"{other}/sitemaps"), await http.post(f"{other}/searchAnalytics/query", json=MONTH)):
        assert answer.status_code == 403
        assert "https://elsewhere.example/" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("url", "verdict", "state"),
    [
        (SHELF, "PASS", "Submitted and indexed"),
        (LAMP, "NEUTRAL", "Not found (404)"),
        ("https://brackenlane.example/nowhere", "NEUTRAL", "URL is unknown to Google"),
    ],
)
async def test_an_address_is_inspected(http: httpx.AsyncClient, url: str, verdict: str, state: str) -> None:
    answer = await http.post(INSPECT, json={"inspectionUrl": url, "siteUrl": SEARCH_CONSOLE_SITE})
    found = answer.json()["inspectionResult"]["indexStatusResult"]
    assert (found["verdict"], found["coverageState"]) == (verdict, state)


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/", "https://notbrackenlane.example/", "/nowhere", "https://[", None]
)
async def test_an_address_of_others_is_not_inspected(http: httpx.AsyncClient, url: str | None) -> None:
    answer = await http.post(INSPECT, json={"inspectionUrl": url, "siteUrl": SEARCH_CONSOLE_SITE})
    assert answer.status_code == 400


@pytest.mark.parametrize(("name", "seconds"), [("inspectionsPerMinute", 60), ("inspectionsPerDay", DAY_S)])
async def test_inspections_are_counted(http: httpx.AsyncClient, clock: FakeClock, name: str, seconds: int) -> None:
    await http.post("/mock/quotas", json={f"search_console.{name}": 1})
    asked = {"inspectionUrl": SHELF, "siteUrl": SEARCH_CONSOLE_SITE}
    assert [(await http.post(INSPECT, json=asked)).status_code for _ in range(2)] == [200, 429]
    await clock.advance(seconds)
    assert (await http.post(INSPECT, json=asked)).status_code == 200
