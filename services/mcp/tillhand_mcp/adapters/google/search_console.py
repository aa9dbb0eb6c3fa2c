"""`search_console_*`: how a site stands in Google's search, over the Search Console API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tillhand_common.http import UpstreamClient
from tillhand_mcp.adapters.google.client import GoogleClient
from tillhand_mcp.adapters.upstreams.agreed import agreed
from tillhand_mcp.adapters.upstreams.standing import Standing
from tillhand_mcp.domain.origins import ConnectorState
from tillhand_mcp.ports.connector import Answer, AnyTool, ReadTool
from tillhand_mcp.ports.toolbox import Caller, Progress

TOLD_ROWS = 20
Dimension = Literal["DATE", "QUERY", "PAGE", "COUNTRY", "DEVICE", "SEARCH_APPEARANCE"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Filter(_Model):
    """What rows must be: all filters together hold."""

    dimension: Literal["QUERY", "PAGE", "COUNTRY", "DEVICE", "SEARCH_APPEARANCE"]
    operator: Literal["EQUALS", "NOT_EQUALS", "CONTAINS", "NOT_CONTAINS", "INCLUDING_REGEX", "EXCLUDING_REGEX"] = (
        "EQUALS"
    )
    expression: Annotated[str, Field(min_length=1, max_length=4_096)]


class Analytics(_Model):
    """Clicks, impressions, click-through rate and position. Days are those of California, as Google counts them."""

    start_date: date
    end_date: date
    dimensions: Annotated[list[Dimension], Field(max_length=6)] = Field(default=["QUERY"])
    filters: Annotated[list[Filter], Field(max_length=10)] = Field(default_factory=list)
    search_type: Literal["WEB", "IMAGE", "VIDEO", "NEWS", "DISCOVER", "GOOGLE_NEWS"] = "WEB"
    fresh: bool = Field(default=False, description="Also days that are not complete yet: see first_incomplete_date.")
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    cursor: Annotated[str, StringConstraints(pattern=r"^\d{1,7}$")] | None = Field(
        default=None, description="`next_cursor` of the page before."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_date < self.start_date:
            raise ValueError("end_date must not be before start_date")
        if len(set(self.dimensions)) != len(self.dimensions):
            raise ValueError("dimensions must not repeat")
        return self


class Row(_Model):
    """One row: `keys` in the dimensions' order. `ctr` from 0 to 1, `position` from 1, null where there are no ranks."""

    keys: list[str]
    clicks: float
    impressions: float
    ctr: float
    position: float | None


class Rows(_Model):
    """Rows, most clicks first. Figures from `first_incomplete_date` on still change."""

    dimensions: list[str]
    rows: list[Row]
    aggregation: str | None
    first_incomplete_date: date | None
    next_cursor: str | None


class Nothing(_Model):
    """Takes nothing."""


class Sitemap(_Model):
    """A sitemap as Google has read it."""

    path: str
    last_submitted: datetime | None
    last_downloaded: datetime | None
    pending: bool
    errors: int
    warnings: int
    submitted_urls: int


class Sitemaps(_Model):
    """The sitemaps of the site."""

    sitemaps: list[Sitemap]


class Page(_Model):
    """Which page."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://", max_length=2_048)]


class Inspection(_Model):
    """What Google's index holds of a page."""

    url: str
    verdict: str
    coverage: str
    robots: str
    indexing: str
    fetch: str
    last_crawl: datetime | None
    google_canonical: str | None
    user_canonical: str | None
    sitemaps: list[str]


class SearchConsoleConnector:
    """One property of Search Console."""

    id = "search_console"
    title = "Google Search Console"

    def __init__(self, http: UpstreamClient, client: GoogleClient, standing: Standing, site: str) -> None:
        self._http = http
        self._client = client
        self._standing = standing
        self._site = site
        self._path = f"/webmasters/v3/sites/{quote(site, safe='')}"

    def tools(self) -> Sequence[AnyTool]:
        """Search analytics, sitemaps, and what the index holds of a page."""
        found: Sequence[ReadTool[Any]] = (
            ReadTool("search_console_analytics", "Search analytics",
                     "Report clicks, impressions, click-through rate and position in Google's search, by query, page, "
                     "country, device or day. Rare queries are left out by Google, so sums by query are lower.",
                     Analytics, Rows, agreed(self.id, self._analytics), fresh_s=3_600),
            ReadTool("search_console_sitemaps", "Sitemaps",
                     "List the site's sitemaps, and what Google found wrong with them.",
                     Nothing, Sitemaps, agreed(self.id, self._sitemaps), fresh_s=600),
            ReadTool("search_console_inspect_url", "Inspect a page",
                     "Read what Google's index holds of one page of the site: verdict, canonical, last crawl.",
                     Page, Inspection, agreed(self.id, self._inspect), fresh_s=600),
        )  # fmt: skip  # one tool a paragraph reads as a table
        return found

    async def state(self) -> ConnectorState:
        """How it stands, from what is known already."""
        return self._standing.state()

    async def check(self) -> ConnectorState:
        """Whether the site may be read."""
        return await self._standing.checked(lambda: self._client.get(self._path))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _analytics(self, caller: Caller, given: Analytics, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        start = int(given.cursor or 0)
        body: dict[str, Any] = {
            "startDate": given.start_date.isoformat(),
            "endDate": given.end_date.isoformat(),
            "dimensions": given.dimensions,
            "type": given.search_type,
            "dataState": "ALL" if given.fresh else "FINAL",
            "rowLimit": given.limit,
            "startRow": start,
        }
        if given.filters:
            body["dimensionFilterGroups"] = [
                {"groupType": "AND", "filters": [each.model_dump() for each in given.filters]}
            ]
        found = await self._client.post(f"{self._path}/searchAnalytics/query", body)
        rows = [
            Row(
                keys=each.get("keys", []),
                clicks=each["clicks"],
                impressions=each["impressions"],
                ctr=each["ctr"],
                position=each.get("position"),  # Discover and Google News know no ranks
            )
            for each in found.get("rows", ())
        ]
        # Google tells no total: a full page may be the last one, and the next is empty then.
        cursor = str(start + len(rows)) if len(rows) == given.limit else None
        metadata = found.get("metadata") or {}
        answer = Rows(
            dimensions=list(given.dimensions),
            rows=rows,
            aggregation=found.get("responseAggregationType"),
            first_incomplete_date=metadata.get("first_incomplete_date") or metadata.get("firstIncompleteDate"),
            next_cursor=cursor,
        )
        told = "\n".join(
            f"{' | '.join(each.keys)}: {each.clicks:g} clicks, {each.impressions:g} impressions{_at(each.position)}"
            for each in rows[:TOLD_ROWS]
        )
        return Answer(answer, told or "There are no rows.", self._standing.origin(truncated=cursor is not None))

    async def _sitemaps(self, caller: Caller, given: Nothing, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        found = await self._client.get(f"{self._path}/sitemaps")
        sitemaps = [
            Sitemap(
                path=each["path"],
                last_submitted=each.get("lastSubmitted"),
                last_downloaded=each.get("lastDownloaded"),
                pending=bool(each.get("isPending", False)),
                errors=int(each.get("errors", 0)),
                warnings=int(each.get("warnings", 0)),
                submitted_urls=sum(int(content.get("submitted", 0)) for content in each.get("contents", ())),
            )
            for each in found.get("sitemap", ())
        ]
        told = "\n".join(f"{each.path}: {each.errors} errors, {each.warnings} warnings" for each in sitemaps)
        return Answer(Sitemaps(sitemaps=sitemaps), told or "There are no sitemaps.", self._standing.origin())

    async def _inspect(self, caller: Caller, given: Page, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        body = {"inspectionUrl": given.url, "siteUrl": self._site}
        found = await self._client.post("/v1/urlInspection/index:inspect", body)
        index = found["inspectionResult"].get("indexStatusResult") or {}
        answer = Inspection(
            url=given.url,
            verdict=index.get("verdict", "VERDICT_UNSPECIFIED"),
            coverage=index.get("coverageState", ""),
            robots=index.get("robotsTxtState", ""),
            indexing=index.get("indexingState", ""),
            fetch=index.get("pageFetchState", ""),
            last_crawl=index.get("lastCrawlTime"),
            google_canonical=index.get("googleCanonical"),
            user_canonical=index.get("userCanonical"),
            sitemaps=list(index.get("sitemap", ())),
        )
        return Answer(answer, f"{answer.verdict}: {answer.coverage}", self._standing.origin())


def _at(position: float | None) -> str:
    return "" if position is None else f", at {position:.1f}"
