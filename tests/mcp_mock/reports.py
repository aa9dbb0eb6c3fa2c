"""Asking for reports of Analytics, and reading them."""

from __future__ import annotations

from typing import Any

import httpx

from tillhand_mcp.mock.world import GA4_PROPERTY

BASE = f"/v1beta/properties/{GA4_PROPERTY}"
WEEK = [{"startDate": "7daysAgo", "endDate": "yesterday"}]


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
        tuple(each["value"] for each in (*row.get("dimensionValues", ()), *row.get("metricValues", ())))
        for row in report.get(part, ())
    ]


def named(field: str, **test: object) -> dict[str, Any]:
    """Return the filter of a field."""
    return {"filter": {"fieldName": field, **test}}
