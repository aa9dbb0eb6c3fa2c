"""Search Console v1 over the shop's search rows: properties, what was searched, sitemaps, and single addresses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from tillhand_mcp.mock.content import Content
from tillhand_mcp.mock.google.calls import Refusal, body_of, guarded, invalid
from tillhand_mcp.mock.google.search_query import FIELDS, Searches, SearchQuery
from tillhand_mcp.mock.pages import absolute, local
from tillhand_mcp.mock.quotas import PACIFIC
from tillhand_mcp.mock.state import Mock
from tillhand_mcp.mock.world import SEARCH_CONSOLE_SITE

SITES: Final = "/webmasters/v3/sites"
LIMITS: Final = "Learn about usage limits: https://developers.google.com/webmaster-tools/v3/limits."
MANY: Final = 429
VISITED: Final = time(4, 12, 30, tzinfo=UTC)


def routes(mock: Mock) -> list[BaseRoute]:
    """Return the paths; a property's address keeps its slashes however it was escaped."""
    console = SearchConsole(mock)

    def path(text: str, handler: Callable[[Request], Awaitable[Any]], verb: str = "GET") -> Route:
        return Route(text, guarded(handler), methods=[verb])

    return [
        path(SITES, console.list_sites),
        path(f"{SITES}/{{site:path}}/searchAnalytics/query", console.query, "POST"),
        path(f"{SITES}/{{site:path}}/sitemaps", console.list_sitemaps),
        path(f"{SITES}/{{site:path}}", console.get_site),
        path("/v1/urlInspection/index:inspect", console.inspect, "POST"),
    ]


class SearchConsole:
    """One property, and the project that asks about it."""

    def __init__(self, mock: Mock) -> None:
        self._mock, self._shop, self._quotas = mock, mock.world.shop, mock.quotas
        self._searches = Searches(mock.world.shop)

    async def list_sites(self, _: Request) -> dict[str, Any]:
        """Answer `sites.list`."""
        return {"siteEntry": [_site()]}

    async def get_site(self, request: Request) -> dict[str, Any]:
        """Answer `sites.get`."""
        _check_site(request.path_params["site"])
        return _site()

    async def query(self, request: Request) -> dict[str, Any]:
        """Answer `searchanalytics.query`; the rows that it gives count against the day's."""
        site = request.path_params["site"]
        _check_site(site)
        query = SearchQuery.read(await body_of(request, FIELDS))
        subject = f"{site} {query.type}"
        if self._quotas.remaining("search_console.queriesPerMinute", site) == 0:
            raise Refusal(MANY, f"Search Analytics QPM quota exceeded. {LIMITS}", reason="rateLimitExceeded")
        if self._quotas.remaining("search_console.rowsPerDay", subject) == 0:
            raise Refusal(403, f"Search Analytics load quota exceeded. {LIMITS}", reason="quotaExceeded")
        answered = self._searches.answer(query, self._mock.world.clock.now().astimezone(PACIFIC).date())
        self._quotas.spend("search_console.queriesPerMinute", 1, site)
        self._quotas.spend("search_console.rowsPerDay", len(answered.get("rows", ())), subject)
        return answered

    async def list_sitemaps(self, request: Request) -> dict[str, Any]:
        """Answer `sitemaps.list`: one index over the shop's pages."""
        _check_site(request.path_params["site"])
        listed = sum(1 for product in self._shop.products if product.status == "ACTIVE")
        return {
            "sitemap": [
                {
                    "path": self._sitemap(),
                    "lastSubmitted": _moment(datetime.combine(self._shop.first_day, VISITED)),
                    "isPending": False,
                    "isSitemapsIndex": True,
                    "type": "SITEMAP",
                    "lastDownloaded": self._visited(),
                    "warnings": "0",
                    "errors": "0",
                    "contents": [{"type": "WEB", "submitted": str(listed), "indexed": "0"}],
                }
            ]
        }

    async def inspect(self, request: Request) -> dict[str, Any]:
        """Answer `urlInspection.index.inspect`."""
        content = await body_of(request, {"inspectionUrl", "siteUrl", "languageCode"})
        site, url = content.get("siteUrl", ""), content.get("inspectionUrl", "")
        _check_site(site)
        if not _is_ours(url):
            raise invalid("You do not own this site, or the inspected URL is not part of this property.")
        for name, words in (("inspectionsPerMinute", "per minute"), ("inspectionsPerDay", "per day")):
            if self._quotas.remaining(f"search_console.{name}", site) == 0:
                message = f"Quota exceeded for quota metric 'URL inspections' and limit 'URL inspections {words}'."
                raise Refusal(MANY, message, reason="rateLimitExceeded")
        for name in ("inspectionsPerMinute", "inspectionsPerDay"):
            self._quotas.spend(f"search_console.{name}", 1, site)
        link = f"https://search.google.com/search-console/inspect?resource_id={site}&id=mock"
        found = {"inspectionResultLink": link, "indexStatusResult": self._index_status(url)}
        return {"inspectionResult": found}

    def _index_status(self, url: str) -> dict[str, Any]:
        path = local(url).partition("?")[0]
        handle = path.removeprefix("/products/")
        status = next((product.status for product in self._shop.products if product.handle == handle), None)
        seen = path in self._searches.paths
        if status is None and not seen:
            return {"verdict": "NEUTRAL", "coverageState": "URL is unknown to Google"}
        crawled = {"lastCrawlTime": self._visited(), "crawledAs": "MOBILE", "robotsTxtState": "ALLOWED"}
        if status not in {None, "ACTIVE"}:
            gone = {"verdict": "NEUTRAL", "coverageState": "Not found (404)", "pageFetchState": "NOT_FOUND"}
            return {**gone, **crawled, "indexingState": "INDEXING_STATE_UNSPECIFIED"}
        return {
            "verdict": "PASS",
            "coverageState": "Submitted and indexed",
            **crawled,
            "indexingState": "INDEXING_ALLOWED",
            "pageFetchState": "SUCCESSFUL",
            "googleCanonical": url,
            "userCanonical": url,
            "sitemap": [self._sitemap()],
            "referringUrls": [absolute(self._shop, "/")],
        }

    def _sitemap(self) -> str:
        return absolute(self._shop, "/sitemap.xml")

    def _visited(self) -> str:
        return _moment(datetime.combine(self._shop.last_day - timedelta(days=1), VISITED))


def _site() -> dict[str, Any]:
    return {"siteUrl": SEARCH_CONSOLE_SITE, "permissionLevel": "SITE_FULL_USER"}


def _is_ours(url: Content) -> bool:
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:  # brackets of an address that is none
        return False
    domain = SEARCH_CONSOLE_SITE.removeprefix("sc-domain:")
    return parts.scheme in {"http", "https"} and f".{parts.hostname}".endswith(f".{domain}")


def _check_site(site: Content) -> None:
    if site == SEARCH_CONSOLE_SITE:
        return
    message = (
        f"User does not have sufficient permission for site '{site}'. See also: "
        "https://support.google.com/webmasters/answer/2451999."
    )
    raise Refusal(403, message, reason="forbidden")


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
