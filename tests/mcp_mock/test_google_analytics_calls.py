"""What a call of Analytics costs, what is refused, and what else a property answers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.mcp_mock.reports import BASE, WEEK, named, names, refused, run, table
from tillhand_common.testing import FakeClock
from tillhand_mcp.mock.world import GA4_PROPERTY

HOUR_S = 60 * 60


async def test_the_quota_tells_what_a_report_cost(http: httpx.AsyncClient) -> None:
    asked: dict[str, Any] = {"metrics": names("sessions"), "returnPropertyQuota": True}
    await run(http, **asked)
    quota = (await run(http, **asked))["propertyQuota"]
    assert quota["tokensPerProjectPerHour"] == {"consumed": 1, "remaining": 13_998}
    assert quota["concurrentRequests"] == {"remaining": 10}
    assert set(quota) == {
        "tokensPerDay",
        "tokensPerHour",
        "concurrentRequests",
        "serverErrorsPerProjectPerHour",
        "potentiallyThresholdedRequestsPerHour",
        "tokensPerProjectPerHour",
    }
    assert "propertyQuota" not in await run(http, metrics=names("sessions"))


async def test_spent_tokens_come_back_with_the_hour(http: httpx.AsyncClient, clock: FakeClock) -> None:
    await http.post("/mock/quotas", json={"ga4.tokensPerProjectPerHour": 1})
    await run(http, metrics=names("sessions"))
    answer = await http.post(f"{BASE}:runReport", json={"dateRanges": WEEK, "metrics": names("sessions")})
    assert (answer.status_code, answer.json()["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert "Exhausted property tokens for a project per hour" in answer.json()["error"]["message"]
    await clock.advance(HOUR_S)
    await run(http, metrics=names("sessions"))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"metrics": names("session")}, "Did you mean sessions? Field session is not a valid metric."),
        ({"dimensions": names("xyzzy")}, "Field xyzzy is not a valid dimension."),
        ({"dimensionFilter": named("sessions", emptyFilter={}), "metrics": names("sessions")}, "not a valid dimension"),
        ({}, "At least one dimension or metric is required"),
        ({"metrics": names("sessions"), "colour": 1}, 'Unknown name "colour"'),
        ({"metrics": [{"name": "sessions", "expression": "a/b"}]}, "Unknown name \"expression\" at 'metrics[0]'"),
        ({"metrics": names("sessions", "sessions")}, "Duplicate metric sessions"),
        ({"dimensions": names(*"abcdefghij")}, "limited to 9 dimensions"),
        ({"metrics": names("sessions"), "limit": "-1"}, "limit must not be negative"),
        ({"metrics": names("sessions"), "limit": "x"}, "TYPE_INT64"),
        ({"metrics": names("sessions"), "dateRanges": []}, "dateRange is required"),
        ({"metrics": names("sessions"), "dateRanges": WEEK * 5}, "limited to 4 dateRanges"),
        ({"metrics": names("sessions"), "dateRanges": [{"startDate": "today", "endDate": "yesterday"}]}, "after"),
        ({"metrics": names("sessions"), "dateRanges": [{"startDate": "2026-02-30", "endDate": "today"}]}, "startDate"),
        ({"metrics": names("sessions"), "dateRanges": [{**WEEK[0], "name": "RESERVED_x"}]}, "RESERVED_x"),
        ({"metrics": names("sessions"), "dimensionFilter": {"andGroup": {}}}, "at least one expression"),
        ({"metrics": names("sessions"), "dimensionFilter": {"filter": {}, "andGroup": {}}}, "exactly one"),
        ({"metrics": names("sessions"), "metricFilter": named("users", emptyFilter={})}, "not among"),
        ({"metrics": names("sessions"), "orderBys": [{"metric": {"metricName": "checkouts"}}]}, "not among"),
        ({"metrics": names("sessions"), "orderBys": [{}]}, "exactly one of metric"),
        ({"metrics": names("sessions"), "metricAggregations": ["MEAN"]}, "MEAN"),
        ({"metrics": names("sessions"), "currencyCode": "JPY"}, "JPY"),
        ({"metrics": names("sessions"), "metricAggregations": 1}, "metric_aggregations"),
        ({"metrics": "sessions"}, "Invalid value at 'metrics'"),
        ({"metrics": names("sessions"), "dateRanges": ["today"]}, "date_ranges[0]"),
        ({"metrics": names("sessions"), "orderBys": {"desc": True}}, "order_bys"),
        ({"metrics": names("sessions"), "orderBys": [{"metric": "sessions"}]}, "order_bys.metric"),
        ({"metrics": names("sessions"), "dimensionFilter": {"orGroup": [1]}}, "orGroup"),
        ({"metrics": names("sessions"), "dimensionFilter": {"orGroup": {"expressions": 1}}}, "expressions"),
        ({"metrics": names("sessions"), "dimensionFilter": named("date", stringFilter="x")}, "string_filter"),
        ({"metrics": names("sessions"), "dimensionFilter": named("date", inListFilter={"values": "x"})}, "values"),
    ],
)
async def test_what_cannot_be_reported_is_refused_by_name(
    http: httpx.AsyncClient, body: dict[str, Any], message: str
) -> None:
    assert message in (await refused(http, **body))["message"]


async def test_a_name_of_former_times_still_works(http: httpx.AsyncClient) -> None:
    report = await run(http, metrics=names("sessionConversionRate"))
    assert report["metricHeaders"] == [{"name": "sessionConversionRate", "type": "TYPE_FLOAT"}]


async def test_another_property_is_forbidden(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1beta/properties/1:runReport", json={})
    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")


async def test_a_body_that_is_no_message_is_refused(http: httpx.AsyncClient) -> None:
    for body in ("{", "[]"):
        assert (await http.post(f"{BASE}:runReport", content=body)).status_code == 400


async def test_a_batch_holds_up_to_five_reports(http: httpx.AsyncClient) -> None:
    one = {"dateRanges": WEEK, "metrics": names("sessions")}
    answer = (await http.post(f"{BASE}:batchRunReports", json={"requests": [one, one]})).json()
    assert [table(report) for report in answer["reports"]] == [[("34",)], [("34",)]]
    assert (await http.post(f"{BASE}:batchRunReports", json={"requests": [one] * 6})).status_code == 400


async def test_there_are_some_visitors_right_now(http: httpx.AsyncClient) -> None:
    asked = {"dimensions": names("deviceCategory"), "metrics": names("activeUsers"), "returnPropertyQuota": True}
    report = (await http.post(f"{BASE}:runRealtimeReport", json=asked)).json()
    assert table(report) == [("desktop", "2")]
    assert report["kind"] == "analyticsData#runRealtimeReport"
    assert "metadata" not in report
    asked["metrics"] = names("sessions")
    assert (await http.post(f"{BASE}:runRealtimeReport", json=asked)).status_code == 400


async def test_the_metadata_names_all_that_can_be_asked_for(http: httpx.AsyncClient) -> None:
    found = (await http.get(f"{BASE}/metadata")).json()
    assert found["name"] == f"properties/{GA4_PROPERTY}/metadata"
    asked: dict[str, Any] = {
        "dimensions": [{"name": each["apiName"]} for each in found["dimensions"][:9]],
        "metrics": [{"name": each["apiName"]} for each in found["metrics"][:10]],
    }
    await run(http, **asked)
    answer = (await http.post(f"{BASE}:checkCompatibility", json=asked)).json()
    assert {each["compatibility"] for each in answer["metricCompatibilities"]} == {"COMPATIBLE"}
    none = await http.post(f"{BASE}:checkCompatibility", json={"compatibilityFilter": "INCOMPATIBLE"})
    assert none.json() == {}
