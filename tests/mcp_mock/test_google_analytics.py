"""Reports of Analytics over the small shop, counted by hand."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tillhand_common.testing import FakeClock
from tillhand_mcp.mock.world import GA4_PROPERTY

BASE = f"/v1beta/properties/{GA4_PROPERTY}"
WEEK = [{"startDate": "7daysAgo", "endDate": "yesterday"}]
HOUR_S = 60 * 60


def names(*listed: str) -> list[dict[str, str]]:
    """Return dimensions or metrics as a request holds them."""
    return [{"name": name} for name in listed]


async def run(http: httpx.AsyncClient, **body: object) -> dict[str, Any]:
    """Return a report."""
    answer = await http.post(f"{BASE}:runReport", json={"dateRanges": WEEK, **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refused(http: httpx.AsyncClient, **body: object) -> dict[str, Any]:
    """Return why a report is refused."""
    answer = await http.post(f"{BASE}:runReport", json={"dateRanges": WEEK, **body})
    error: dict[str, Any] = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (400, 400, "INVALID_ARGUMENT")
    return error


def table(report: dict[str, Any], part: str = "rows") -> list[tuple[str, ...]]:
    """Return the values of a report's rows."""
    return [
        (*(each["value"] for each in row["dimensionValues"]), *(each["value"] for each in row["metricValues"]))
        for row in report[part]
    ]


async def test_visits_are_summed_by_dimension(http: httpx.AsyncClient) -> None:
    report = await run(http, dimensions=names("sessionDefaultChannelGroup"), metrics=names("sessions", "totalRevenue"))
    assert table(report) == [("Organic Search", "30", "25"), ("Direct", "4", "0")]
    assert report["metricHeaders"] == [
        {"name": "sessions", "type": "TYPE_INTEGER"},
        {"name": "totalRevenue", "type": "TYPE_CURRENCY"},
    ]
    assert report["rowCount"] == 2
    assert report["metadata"] == {"currencyCode": "GBP", "timeZone": "Europe/London"}
    assert report["kind"] == "analyticsData#runReport"


async def test_rates_are_of_the_sums(http: httpx.AsyncClient) -> None:
    report = await run(
        http, metrics=names("engagementRate", "bounceRate", "sessionKeyEventRate", "averagePurchaseRevenue")
    )
    [row] = table(report)
    assert row == ("0.5", "0.5", "0.058823529412", "12.5")


@pytest.mark.parametrize(
    ("dimension", "value"),
    [
        ("date", "20260314"),
        ("yearMonth", "202603"),
        ("dayOfWeek", "6"),
        ("sessionSource", "google"),
        ("sessionMedium", "organic"),
        ("sessionSourceMedium", "google / organic"),
        ("landingPage", "/products/oak-shelf"),
        ("landingPagePlusQueryString", "/products/oak-shelf?ref=a"),
        ("deviceCategory", "desktop"),
        ("country", "United Kingdom"),
        ("countryId", "GB"),
    ],
)
async def test_a_dimension_has_the_vendors_form(http: httpx.AsyncClient, dimension: str, value: str) -> None:
    only = [{"startDate": "2026-03-14", "endDate": "2026-03-14"}]
    organic = {"filter": {"fieldName": "sessionMedium", "stringFilter": {"value": "organic"}}}
    report = await run(http, dateRanges=only, dimensions=names(dimension), dimensionFilter=organic)
    assert table(report) == [(value,)]


async def test_today_is_the_propertys(http: httpx.AsyncClient, clock: FakeClock) -> None:
    report = await run(http, dateRanges=[{"startDate": "1daysAgo", "endDate": "today"}], metrics=names("sessions"))
    assert table(report) == [("14",)]
    await clock.advance(12 * HOUR_S)
    report = await run(http, dateRanges=[{"startDate": "yesterday", "endDate": "today"}], metrics=names("sessions"))
    assert report["rows"] == []


async def test_several_ranges_are_told_apart(http: httpx.AsyncClient) -> None:
    ranges = [*WEEK, {"startDate": "14daysAgo", "endDate": "8daysAgo", "name": "before"}]
    report = await run(http, dateRanges=ranges, metrics=names("sessions"), metricAggregations=["TOTAL"])
    assert report["dimensionHeaders"] == [{"name": "dateRange"}]
    assert table(report) == [("date_range_0", "34"), ("before", "7")]
    assert table(report, "totals") == [("date_range_0", "34"), ("before", "7")]


def named(field: str, **test: object) -> dict[str, Any]:
    """Return the filter of a field."""
    return {"filter": {"fieldName": field, **test}}


MOBILE = named("deviceCategory", stringFilter={"value": "MOBILE"})
DIRECT = named("sessionSource", stringFilter={"matchType": "CONTAINS", "value": "direct"})


@pytest.mark.parametrize(
    ("expression", "sessions"),
    [
        (MOBILE, "20"),
        (named("deviceCategory", stringFilter={"value": "MOBILE", "caseSensitive": True}), None),
        ({"notExpression": MOBILE}, "14"),
        ({"orGroup": {"expressions": [MOBILE, DIRECT]}}, "24"),
        ({"andGroup": {"expressions": [MOBILE, DIRECT]}}, None),
        (named("landingPage", stringFilter={"matchType": "BEGINS_WITH", "value": "/products"}), "34"),
        (named("landingPage", stringFilter={"matchType": "ENDS_WITH", "value": "shelf"}), "34"),
        (named("landingPage", stringFilter={"matchType": "FULL_REGEXP", "value": "/products/.*f"}), "34"),
        (named("landingPage", stringFilter={"matchType": "FULL_REGEXP", "value": "products"}), None),
        (named("landingPage", stringFilter={"matchType": "PARTIAL_REGEXP", "value": "oak|elm"}), "34"),
        (named("countryId", inListFilter={"values": ["ie", "fr"]}), "20"),
        (named("countryId", inListFilter={"values": ["ie"], "caseSensitive": True}), None),
        (named("countryId", emptyFilter={}), None),
        (named("date", numericFilter={"operation": "GREATER_THAN", "value": {"int64Value": "20260313"}}), "14"),
    ],
)
async def test_a_filter_of_dimensions_chooses_visits(
    http: httpx.AsyncClient, expression: dict[str, Any], sessions: str | None
) -> None:
    report = await run(http, metrics=names("sessions"), dimensionFilter=expression)
    assert table(report) == ([(sessions,)] if sessions else [])


@pytest.mark.parametrize(
    ("test", "channels"),
    [
        ({"numericFilter": {"operation": "LESS_THAN", "value": {"int64Value": "10"}}}, ["Direct"]),
        ({"numericFilter": {"operation": "EQUAL", "value": {"doubleValue": 30}}}, ["Organic Search"]),
        (
            {"betweenFilter": {"fromValue": {"int64Value": "4"}, "toValue": {"int64Value": "30"}}},
            ["Organic Search", "Direct"],
        ),
    ],
)
async def test_a_filter_of_metrics_chooses_rows(
    http: httpx.AsyncClient, test: dict[str, Any], channels: list[str]
) -> None:
    report = await run(
        http,
        dimensions=names("sessionDefaultChannelGroup"),
        metrics=names("sessions"),
        metricFilter=named("sessions", **test),
    )
    assert [row[0] for row in table(report)] == channels


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ({"metric": {"metricName": "sessions"}}, "4"),
        ({"metric": {"metricName": "sessions"}, "desc": True}, "20"),
        ({"dimension": {"dimensionName": "date"}}, "20"),
        ({"dimension": {"dimensionName": "date", "orderType": "NUMERIC"}, "desc": True}, "10"),
        ({"dimension": {"dimensionName": "deviceCategory", "orderType": "CASE_INSENSITIVE_ALPHANUMERIC"}}, "10"),
    ],
)
async def test_rows_come_in_the_order_that_is_asked_for(
    http: httpx.AsyncClient, order: dict[str, Any], first: str
) -> None:
    by = {"metric": {"metricName": "sessions"}, "desc": True}
    report = await run(
        http,
        dimensions=names("date", "deviceCategory", "sessionSource"),
        metrics=names("sessions"),
        orderBys=[order, by],
    )
    assert table(report)[0][-1] == first


async def test_a_page_is_cut_from_all_rows(http: httpx.AsyncClient) -> None:
    asked: dict[str, Any] = {"dimensions": names("date", "sessionSource"), "metrics": names("sessions")}
    report = await run(http, **asked, limit="1", offset="1")
    assert (table(report)[0][-1], len(report["rows"]), report["rowCount"]) == ("10", 1, 3)
    assert len((await run(http, **asked, limit=250000, offset=2))["rows"]) == 1


async def test_rows_of_nothing_are_kept_only_on_demand(http: httpx.AsyncClient) -> None:
    asked: dict[str, Any] = {"dimensions": names("sessionSource"), "metrics": names("transactions")}
    assert len((await run(http, **asked))["rows"]) == 1
    assert len((await run(http, **asked, keepEmptyRows=True))["rows"]) == 2


async def test_aggregations_stand_beside_the_rows(http: httpx.AsyncClient) -> None:
    report = await run(
        http,
        dimensions=names("sessionSource"),
        metrics=names("sessions", "engagementRate"),
        metricAggregations=["TOTAL", "MINIMUM", "MAXIMUM"],
        limit="1",
    )
    assert table(report, "totals") == [("RESERVED_TOTAL", "34", "0.5")]
    assert table(report, "minimums") == [("RESERVED_MINIMUM", "4", "0.25")]
    assert table(report, "maximums")[0][:2] == ("RESERVED_MAXIMUM", "30")


async def test_the_quota_tells_what_a_report_cost(http: httpx.AsyncClient) -> None:
    asked: dict[str, Any] = {"metrics": names("sessions"), "returnPropertyQuota": True}
    await run(http, **asked)
    quota = (await run(http, **asked))["propertyQuota"]
    assert quota["tokensPerProjectPerHour"] == {"consumed": 1, "remaining": 13_998}
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
