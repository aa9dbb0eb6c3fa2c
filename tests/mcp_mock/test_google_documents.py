"""Whether the answers are such as Google's own descriptions of its interfaces allow."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.mcp_mock.reports import BASE, WEEK, names
from tillhand_mcp.mock.world import SEARCH_CONSOLE_SITE

discovery = pytest.importorskip("tillhand_mcp.schemas.discovery")

SITE = f"/webmasters/v3/sites/{SEARCH_CONSOLE_SITE}"
REPORT: dict[str, Any] = {
    "dateRanges": WEEK * 2,
    "dimensions": names("date", "country"),
    "metrics": names("sessions", "engagementRate", "purchaseRevenue"),
    "metricAggregations": ["TOTAL", "MINIMUM", "MAXIMUM"],
    "returnPropertyQuota": True,
}
SEARCHED: dict[str, Any] = {
    "startDate": "2026-02-15",
    "endDate": "2026-03-15",
    "dimensions": ["date", "query", "page", "country", "device"],
    "dataState": "all",
}


@pytest.mark.parametrize(
    ("api", "schema", "path", "body"),
    [
        ("analyticsdata", "RunReportResponse", f"{BASE}:runReport", REPORT),
        ("analyticsdata", "BatchRunReportsResponse", f"{BASE}:batchRunReports", {"requests": [REPORT]}),
        ("analyticsdata", "RunRealtimeReportResponse", f"{BASE}:runRealtimeReport", {"metrics": names("activeUsers")}),
        ("analyticsdata", "CheckCompatibilityResponse", f"{BASE}:checkCompatibility", {}),
        ("analyticsdata", "Metadata", f"{BASE}/metadata", None),
        ("searchconsole", "SearchAnalyticsQueryResponse", f"{SITE}/searchAnalytics/query", SEARCHED),
        ("searchconsole", "SitesListResponse", "/webmasters/v3/sites", None),
        ("searchconsole", "WmxSite", SITE, None),
        ("searchconsole", "SitemapsListResponse", f"{SITE}/sitemaps", None),
    ],
)
async def test_an_answer_is_one_that_google_could_have_given(
    http: httpx.AsyncClient, api: str, schema: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = await (http.get(path) if body is None else http.post(path, json=body))
    assert answer.status_code == 200
    assert discovery.violations(api, schema, answer.json()) == []


@pytest.mark.parametrize("page", ["products/oak-shelf", "products/old-lamp", "nowhere"])
async def test_an_inspection_is_one_that_google_could_have_made(http: httpx.AsyncClient, page: str) -> None:
    asked = {"siteUrl": SEARCH_CONSOLE_SITE, "inspectionUrl": f"https://brackenlane.example/{page}"}
    answer = await http.post("/v1/urlInspection/index:inspect", json=asked)
    assert discovery.violations("searchconsole", "InspectUrlIndexResponse", answer.json()) == []
