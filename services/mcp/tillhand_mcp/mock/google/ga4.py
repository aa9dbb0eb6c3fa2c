"""The Analytics Data API v1beta over the shop's visits, and the tokens that it costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from tillhand_mcp.mock.google.calls import Refusal, body_of, check_names, guarded, invalid, without_defaults
from tillhand_mcp.mock.google.ga4_dates import DateRange, date_ranges
from tillhand_mcp.mock.google.ga4_fields import REALTIME_DIMENSIONS, REALTIME_METRICS
from tillhand_mcp.mock.google.ga4_metadata import compatibility, metadata
from tillhand_mcp.mock.google.ga4_report import Query, report
from tillhand_mcp.mock.refusals import out_of_tokens
from tillhand_mcp.mock.state import Mock
from tillhand_mcp.mock.world import GA4_PROPERTY
from tillhand_mockshop.model import SessionRow

SHARED_FIELDS: Final = frozenset({
    "dimensions", "metrics", "dimensionFilter", "metricFilter", "limit", "metricAggregations", "orderBys",
    "returnPropertyQuota",
})  # fmt: skip
REPORT_FIELDS: Final = SHARED_FIELDS | {"property", "dateRanges", "offset", "currencyCode", "keepEmptyRows"}
REALTIME_FIELDS: Final = SHARED_FIELDS | {"minuteRanges"}
COMPATIBILITY_FIELDS: Final = frozenset({
    "dimensions", "metrics", "dimensionFilter", "metricFilter", "compatibilityFilter",
})  # fmt: skip
MOST_REPORTS: Final = 5
HALF_HOURS: Final = 48
TOKENS: Final = {"tokensPerDay": "day", "tokensPerHour": "hour", "tokensPerProjectPerHour": "project"}
OTHER_QUOTAS: Final = (
    "concurrentRequests",
    "serverErrorsPerProjectPerHour",
    "potentiallyThresholdedRequestsPerHour",
)
DAYS_PER_TOKEN: Final = 31
ROWS_PER_TOKEN: Final = 5_000


def routes(mock: Mock) -> list[BaseRoute]:
    """Return the methods of a property."""
    analytics = Analytics(mock)

    def method(name: str, handler: Callable[[Request], Awaitable[Any]], verb: str = "POST") -> Route:
        return Route(f"/v1beta/properties/{{property_id}}{name}", guarded(handler), methods=[verb])

    return [
        method(":runReport", analytics.run_report),
        method(":batchRunReports", analytics.batch_run_reports),
        method(":runRealtimeReport", analytics.run_realtime_report),
        method(":checkCompatibility", analytics.check_compatibility),
        method("/metadata", analytics.get_metadata, "GET"),
    ]


class Analytics:
    """One property, and the project that asks it."""

    def __init__(self, mock: Mock) -> None:
        self._mock, self._shop, self._quotas = mock, mock.world.shop, mock.quotas
        self._days: defaultdict[date, list[SessionRow]] = defaultdict(list)
        for row in self._shop.sessions:
            self._days[row.day].append(row)

    async def run_report(self, request: Request) -> dict[str, Any]:
        """Answer `runReport`."""
        _check_property(request)
        return self._report(await body_of(request, REPORT_FIELDS))

    async def batch_run_reports(self, request: Request) -> dict[str, Any]:
        """Answer `batchRunReports`; every report costs tokens of its own."""
        _check_property(request)
        asked = (await body_of(request, {"requests"})).get("requests", [])
        if not isinstance(asked, list) or len(asked) > MOST_REPORTS:
            raise invalid(f"Batch requests are limited to {MOST_REPORTS} reports.")
        for place, content in enumerate(asked):
            check_names(content, REPORT_FIELDS, f"requests[{place}]")
        return {"reports": [self._report(content) for content in asked], "kind": "analyticsData#batchRunReports"}

    async def run_realtime_report(self, request: Request) -> dict[str, Any]:
        """Answer `runRealtimeReport`: as many visitors as the last half hour of the last day may have had."""
        _check_property(request)
        content = await body_of(request, REALTIME_FIELDS)
        last = self._shop.last_day
        query = Query.read(
            content,
            [DateRange("date_range_0", last, last)],
            dimensions=REALTIME_DIMENSIONS,
            metrics=REALTIME_METRICS,
        )
        self._check_tokens()
        answered = report(query, lambda _: (_half_hour(row) for row in self._days[last]))
        cost = self._charge(query, answered)
        return {**answered, **self._quota(content, cost), "kind": "analyticsData#runRealtimeReport"}

    async def check_compatibility(self, request: Request) -> dict[str, Any]:
        """Answer `checkCompatibility`: everything here goes with everything."""
        _check_property(request)
        content = await body_of(request, COMPATIBILITY_FIELDS)
        if content.get("dimensions") or content.get("metrics"):
            Query.read(content, ())
        return compatibility(content.get("compatibilityFilter"))

    async def get_metadata(self, request: Request) -> dict[str, Any]:
        """Answer `getMetadata`."""
        _check_property(request, anybody="0")
        return metadata(request.path_params["property_id"])

    def _report(self, content: Mapping[str, Any]) -> dict[str, Any]:
        currency = content.get("currencyCode") or self._shop.currency
        if currency != self._shop.currency:
            raise invalid(f"The currencyCode {currency} is not supported: this property reports in its own.")
        today = self._mock.world.clock.now().astimezone(ZoneInfo(self._shop.time_zone)).date()
        query = Query.read(content, date_ranges(content.get("dateRanges"), today))
        self._check_tokens()
        answered = report(query, self._rows)
        cost = self._charge(query, answered)
        about = {"currencyCode": currency, "timeZone": self._shop.time_zone}
        return {**answered, "metadata": about, **self._quota(content, cost), "kind": "analyticsData#runReport"}

    def _rows(self, each: DateRange) -> Iterable[SessionRow]:
        for day, rows in self._days.items():
            if each.first <= day <= each.last:
                yield from rows

    def _check_tokens(self) -> None:
        for name, period in TOKENS.items():
            if self._quotas.remaining(f"ga4.{name}") == 0:
                raise Refusal(429, out_of_tokens(period))

    def _charge(self, query: Query, answered: Mapping[str, Any]) -> int:
        days = sum(each.days for each in query.ranges)
        fields = len(query.dimensions) + len(query.metrics)
        cost = 1 + fields // 4 + days // DAYS_PER_TOKEN + int(answered.get("rowCount", 0)) // ROWS_PER_TOKEN
        for name in TOKENS:
            self._quotas.spend(f"ga4.{name}", cost)
        return cost

    def _quota(self, content: Mapping[str, Any], cost: int) -> dict[str, Any]:
        if not content.get("returnPropertyQuota"):
            return {}
        # What is consumed is this call's own share; what remains is everybody's.
        consumed = {**dict.fromkeys(TOKENS, cost), **dict.fromkeys(OTHER_QUOTAS, 0)}
        quota = {
            name: without_defaults({"consumed": spent, "remaining": self._quotas.remaining(f"ga4.{name}")})
            for name, spent in consumed.items()
        }
        return {"propertyQuota": quota}


def _half_hour(row: SessionRow) -> SessionRow:
    return replace(row, users=-(-row.users // HALF_HOURS))


def _check_property(request: Request, *, anybody: str = "") -> None:
    if request.path_params["property_id"] not in {GA4_PROPERTY, anybody}:
        raise Refusal(
            403,
            "User does not have sufficient permissions for this property. To learn more about Property ID, see "
            "https://developers.google.com/analytics/devguides/reporting/data/v1/property-id.",
        )
