"""Bing Webmaster Tools: traffic by day, queries and pages by week, and the submission of addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tillhand_mcp.mock.pages import absolute
from tillhand_mcp.mock.quotas import PACIFIC
from tillhand_mcp.mock.refusals import answer, bing_error
from tillhand_mcp.mock.state import Mock
from tillhand_mcp.mock.world import BING_KEY, BING_SITE
from tillhand_mockshop.model import SearchRow

PREFIX: Final = "/webmaster/api.svc/json/"
INVALID_KEY: Final = (3, "InvalidApiKey")
INVALID_URL: Final = (7, "InvalidUrl")
INVALID_PARAMETER: Final = (8, "InvalidParameter")
NOT_AUTHORIZED: Final = (14, "NotAuthorized")
OVER_QUOTA: Final = 2
WEEKS: Final = 26
SATURDAY: Final = 5
LARGEST_BATCH: Final = 500
NEVER_CLICKED: Final = -1

Method = Callable[[Mock, Mapping[str, Any]], Any]


class BingRefusal(Exception):
    """A call that Bing refuses, with its number and its word for it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def routes(mock: Mock) -> list[BaseRoute]:
    """Return Bing's methods, each a path."""
    reads = [Route(PREFIX + name, _endpoint(mock, method), methods=["GET"]) for name, method in READS.items()]
    writes = [Route(PREFIX + name, _endpoint(mock, method), methods=["POST"]) for name, method in WRITES.items()]
    return [*reads, *writes]


def _endpoint(mock: Mock, method: Method) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            _check_key(request)
            given = {**request.query_params, **(await _sent(request) if request.method == "POST" else {})}
            return answer({"d": method(mock, given)})
        except BingRefusal as refusal:
            return bing_error(refusal.code, refusal.message)

    return endpoint


def _check_key(request: Request) -> None:
    if request.query_params.get("apikey") != BING_KEY:
        raise BingRefusal(*INVALID_KEY)


async def _sent(request: Request) -> dict[str, Any]:
    try:
        content = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        raise BingRefusal(*INVALID_PARAMETER)
    return content


def _check_site(given: Mapping[str, Any]) -> None:
    site = given.get("siteUrl")
    if not isinstance(site, str) or not site:
        raise BingRefusal(*INVALID_PARAMETER)
    if site.rstrip("/") != BING_SITE.rstrip("/"):
        raise BingRefusal(*NOT_AUTHORIZED)


def _type(name: str) -> str:
    return f"{name}:#Microsoft.Bing.Webmaster.Api"


def _moment(day: date) -> str:
    midnight = datetime(day.year, day.month, day.day, tzinfo=PACIFIC)
    return f"/Date({int(midnight.timestamp() * 1000)}{midnight:%z})/"


def _user_sites(_: Mock, __: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "__type": _type("Site"),
            "AuthenticationCode": "0123456789ABCDEF0123456789ABCDEF",
            "DnsVerificationCode": "0123456789abcdef0123456789abcdef.verify.bing.com",
            "IsVerified": True,
            "Url": BING_SITE,
        }
    ]


def _traffic(mock: Mock, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    _check_site(given)
    days: defaultdict[date, list[SearchRow]] = defaultdict(list)
    for row in _rows(mock):
        days[row.day].append(row)
    return [
        {
            "__type": _type("RankAndTrafficStats"),
            "Clicks": sum(row.clicks for row in rows),
            "Date": _moment(day),
            "Impressions": sum(row.impressions for row in rows),
        }
        for day, rows in sorted(days.items())
    ]


def _queries(mock: Mock, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    _check_site(given)
    return _weekly(mock, lambda row: row.query)


def _pages(mock: Mock, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    _check_site(given)
    return _weekly(mock, lambda row: absolute(mock.world.shop, row.page))


def _rows(mock: Mock) -> list[SearchRow]:
    # Bing keeps six months.
    shop = mock.world.shop
    first = _week(shop.last_day) - timedelta(weeks=WEEKS)
    return [row for row in shop.search if row.engine == "bing" and row.day > first]


def _weekly(mock: Mock, name: Callable[[SearchRow], str]) -> list[dict[str, Any]]:
    groups: defaultdict[tuple[date, str], list[SearchRow]] = defaultdict(list)
    for row in _rows(mock):
        if _week(row.day) <= mock.world.shop.last_day:  # a week is told of once it has ended
            groups[_week(row.day), name(row)].append(row)
    return [_stats(week, named, group) for (week, named), group in sorted(groups.items())]


def _stats(week: date, named: str, rows: list[SearchRow]) -> dict[str, Any]:
    clicks, impressions = sum(row.clicks for row in rows), sum(row.impressions for row in rows)
    clicked = sum(row.position * row.clicks for row in rows)
    shown = sum(row.position * row.impressions for row in rows)
    return {
        "__type": _type("QueryStats"),
        "AvgClickPosition": round(clicked / clicks) if clicks else NEVER_CLICKED,
        "AvgImpressionPosition": round(shown / impressions) if impressions else NEVER_CLICKED,
        "Clicks": clicks,
        "Date": _moment(week),
        "Impressions": impressions,
        "Query": named,
    }


def _week(day: date) -> date:
    return day + timedelta(days=(SATURDAY - day.weekday()) % 7)


def _quota(mock: Mock, given: Mapping[str, Any]) -> dict[str, Any]:
    _check_site(given)
    daily, monthly = mock.quotas.remaining("bing.urlsPerDay"), mock.quotas.remaining("bing.urlsPerMonth")
    return {"__type": _type("UrlSubmissionQuota"), "DailyQuota": min(daily, monthly), "MonthlyQuota": monthly}


def _submit(mock: Mock, given: Mapping[str, Any]) -> None:
    _check_site(given)
    url = given.get("url")
    _take(mock, [url])
    mock.world.wrote("bing", "SubmitUrl", None, {"siteUrl": given["siteUrl"], "url": url})


def _submit_batch(mock: Mock, given: Mapping[str, Any]) -> None:
    _check_site(given)
    urls = given.get("urlList")
    if not isinstance(urls, list) or not 0 < len(urls) <= LARGEST_BATCH:
        raise BingRefusal(*INVALID_PARAMETER)
    _take(mock, urls)
    mock.world.wrote("bing", "SubmitUrlBatch", None, {"siteUrl": given["siteUrl"], "urlList": urls})


def _take(mock: Mock, urls: list[Any]) -> None:
    if not all(isinstance(url, str) and url.startswith(BING_SITE) for url in urls):
        raise BingRefusal(*INVALID_URL)
    for name, word in (("bing.urlsPerDay", "daily"), ("bing.urlsPerMonth", "monthly")):
        if mock.quotas.remaining(name) < len(urls):
            limit = mock.quotas.limits[name]
            raise BingRefusal(OVER_QUOTA, f"You have exceeded your {word} url submission quota : {limit}")
    for name in ("bing.urlsPerDay", "bing.urlsPerMonth"):
        mock.quotas.spend(name, len(urls))


READS: Final[dict[str, Method]] = {
    "GetUserSites": _user_sites,
    "GetRankAndTrafficStats": _traffic,
    "GetQueryStats": _queries,
    "GetPageStats": _pages,
    "GetUrlSubmissionQuota": _quota,
}
WRITES: Final[dict[str, Method]] = {"SubmitUrl": _submit, "SubmitUrlBatch": _submit_batch}
