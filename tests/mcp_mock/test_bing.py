"""Bing Webmaster Tools, as its documentation and its users describe its answers."""

from __future__ import annotations

import httpx
import pytest

from tests.mcp_mock.tiny_shop import LAST_DAY
from tillhand_common.testing import FakeClock
from tillhand_mcp.mock.world import BING_KEY, BING_SITE, World

BASE = "/webmaster/api.svc/json"
SHELF = f"{BING_SITE}products/oak-shelf"
DAY_S = 24 * 60 * 60


async def read(http: httpx.AsyncClient, method: str, **given: str) -> httpx.Response:
    """Call a method that reads."""
    return await http.get(f"{BASE}/{method}", params={"apikey": BING_KEY, "siteUrl": BING_SITE, **given})


async def write(http: httpx.AsyncClient, method: str, body: object) -> httpx.Response:
    """Call a method that writes."""
    return await http.post(f"{BASE}/{method}", params={"apikey": BING_KEY}, json=body)


async def test_traffic_is_summed_by_day(http: httpx.AsyncClient) -> None:
    rows = (await read(http, "GetRankAndTrafficStats")).json()["d"]
    assert [(row["Clicks"], row["Impressions"]) for row in rows] == [(0, 3), (0, 4), (1, 4)]
    assert rows[-1] == {
        "__type": "RankAndTrafficStats:#Microsoft.Bing.Webmaster.Api",
        "Clicks": 1,
        "Date": "/Date(1773471600000-0700)/",
        "Impressions": 4,
    }


async def test_queries_are_summed_by_week(http: httpx.AsyncClient) -> None:
    rows = (await read(http, "GetQueryStats")).json()["d"]
    assert [(row["Query"], row["Clicks"], row["Impressions"]) for row in rows] == [("lamp", 0, 3), ("oak shelf", 1, 8)]
    assert rows[0]["AvgClickPosition"] == -1
    assert (rows[1]["AvgClickPosition"], rows[1]["AvgImpressionPosition"]) == (3, 4)
    assert LAST_DAY.weekday() == 5
    assert rows[1]["Date"] == "/Date(1773471600000-0700)/"
    assert rows[0]["Date"] == "/Date(1772870400000-0800)/"  # the week before, in winter time


async def test_pages_are_queries_by_another_name(http: httpx.AsyncClient) -> None:
    rows = (await read(http, "GetPageStats")).json()["d"]
    assert {row["__type"] for row in rows} == {"QueryStats:#Microsoft.Bing.Webmaster.Api"}
    assert [row["Query"] for row in rows] == [f"{BING_SITE}products/old-lamp", SHELF]


async def test_sites_are_listed(http: httpx.AsyncClient) -> None:
    [site] = (await http.get(f"{BASE}/GetUserSites", params={"apikey": BING_KEY})).json()["d"]
    assert (site["Url"], site["IsVerified"]) == (BING_SITE, True)


async def test_a_submission_is_on_record_and_counts(http: httpx.AsyncClient, world: World) -> None:
    assert (await write(http, "SubmitUrl", {"siteUrl": BING_SITE, "url": SHELF})).json() == {"d": None}
    batch = {"siteUrl": BING_SITE, "urlList": [SHELF, BING_SITE]}
    assert (await write(http, "SubmitUrlBatch", batch)).json() == {"d": None}
    assert [(each.operation, each.arguments.get("url")) for each in world.writes] == [
        ("SubmitUrl", SHELF),
        ("SubmitUrlBatch", None),
    ]
    quota = (await read(http, "GetUrlSubmissionQuota")).json()["d"]
    assert (quota["DailyQuota"], quota["MonthlyQuota"]) == (97, 2797)


async def test_beyond_the_quota_nothing_is_submitted_until_the_next_day(
    http: httpx.AsyncClient, world: World, clock: FakeClock
) -> None:
    await http.post("/mock/quotas", json={"bing.urlsPerDay": 1})
    batch = {"siteUrl": BING_SITE, "urlList": [SHELF, BING_SITE]}
    answer = await write(http, "SubmitUrlBatch", batch)
    assert (answer.status_code, answer.json()["ErrorCode"]) == (400, 2)
    assert "daily url submission quota" in answer.json()["Message"]
    assert world.writes == []
    one = {"siteUrl": BING_SITE, "url": SHELF}
    assert [(await write(http, "SubmitUrl", one)).status_code for _ in range(2)] == [200, 400]
    await clock.advance(DAY_S)
    assert (await write(http, "SubmitUrl", one)).status_code == 200


@pytest.mark.parametrize(
    ("params", "code", "word"),
    [
        ({"apikey": "no"}, 3, "InvalidApiKey"),
        ({"siteUrl": ""}, 8, "InvalidParameter"),
        ({"siteUrl": "https://elsewhere.example/"}, 14, "NotAuthorized"),
    ],
)
async def test_a_refusal_has_a_number_and_a_word(
    http: httpx.AsyncClient, params: dict[str, str], code: int, word: str
) -> None:
    answer = await read(http, "GetQueryStats", **params)
    assert answer.status_code == 400
    assert answer.json() == {"ErrorCode": code, "Message": f"ERROR!!! {word}"}


@pytest.mark.parametrize(
    ("method", "body", "code"),
    [
        ("SubmitUrl", {"siteUrl": BING_SITE, "url": "https://elsewhere.example/"}, 7),
        ("SubmitUrl", {"siteUrl": BING_SITE}, 7),
        ("SubmitUrl", [], 8),
        ("SubmitUrlBatch", {"siteUrl": BING_SITE, "urlList": []}, 8),
        ("SubmitUrlBatch", {"siteUrl": BING_SITE, "urlList": [SHELF] * 501}, 8),
        ("SubmitUrlBatch", {"siteUrl": "https://elsewhere.example", "urlList": [SHELF]}, 14),
    ],
)
async def test_a_submission_that_is_refused_leaves_no_trace(
    http: httpx.AsyncClient, world: World, method: str, body: object, code: int
) -> None:
    answer = await write(http, method, body)
    assert (answer.status_code, answer.json()["ErrorCode"]) == (400, code)
    assert world.writes == []
