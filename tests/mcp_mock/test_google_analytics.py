"""Reports of Analytics over the small shop, counted by hand."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.mcp_mock.reports import WEEK, named, names, run, table
from tillhand_common.testing import FakeClock

HOUR_S = 60 * 60


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
    assert "rows" not in report


async def test_several_ranges_are_told_apart(http: httpx.AsyncClient) -> None:
    ranges = [*WEEK, {"startDate": "14daysAgo", "endDate": "8daysAgo", "name": "before"}]
    report = await run(http, dateRanges=ranges, metrics=names("sessions"), metricAggregations=["TOTAL"])
    assert report["dimensionHeaders"] == [{"name": "dateRange"}]
    assert table(report) == [("date_range_0", "34"), ("before", "7")]
    assert table(report, "totals") == [("date_range_0", "34"), ("before", "7")]


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
