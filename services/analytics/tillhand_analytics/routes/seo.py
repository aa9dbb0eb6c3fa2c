"""What search data says, over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from tillhand_analytics.domain.records import Engine
from tillhand_analytics.domain.seo.charting import Wanted
from tillhand_analytics.domain.seo.findings import Kind
from tillhand_analytics.domain.seo.striking import StrikingRule
from tillhand_analytics.domain.seo.tables_found import Level
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.errors import BadFigure
from tillhand_analytics.models import seo as models
from tillhand_analytics.models.provenance import Answer
from tillhand_analytics.routes.charting import Drawing, charted
from tillhand_analytics.routes.dependencies import Again, Joined, Parts, Reads
from tillhand_analytics.routes.tabling import UNREADABLE, tabled, told
from tillhand_analytics.service.figures import Figure
from tillhand_analytics.service.seo import Scope, Search

router = APIRouter(prefix="/v1/seo", tags=["seo"], dependencies=[Reads])

OfEngine = Annotated[Engine | None, Query(description="Rows of one engine only.")]
OfPage = Annotated[str | None, Query(max_length=2_000, description="Rows of one page only, by its full address.")]
OfQuery = Annotated[str | None, Query(max_length=500, description="Rows of one query only.")]
Judged = Annotated[bool, Query(description="Tell too of what was looked at and found in order.")]

LastDay = Annotated[
    date | None, Query(description="Last day to be judged; by default the last whole one of Search Console.")
]


async def _scope(
    days: Annotated[
        int, Query(ge=7, le=183, description="Days of the window; it is compared with as many before.")
    ] = 28,
    last_day: LastDay = None,
) -> Scope:
    return Scope(days, last_day)


Over = Annotated[Scope, Depends(_scope)]


def _search(parts: Joined) -> Search:
    return Search(parts.figures, parts.reading, parts.defaults.brand_terms)


@router.get("/summary", responses=UNREADABLE)
async def seo_summary(response: Response, parts: Parts, scope: Over, again: Again) -> Answer[models.SummaryOut]:
    """How search does in one glance: two windows compared, and what the findings say is to be won."""
    figure = await _search(parts).summary(scope, again=again)
    value = models.SummaryOut.model_validate(figure.value)
    return Answer(provenance=told(response, figure.provenance), value=value)


@tabled(router, "/findings", row=models.FindingOut)
async def seo_findings(
    parts: Parts,
    scope: Over,
    again: Again,
    kind: Annotated[Kind | None, Query(description="Findings of one kind only.")] = None,
    engine: OfEngine = None,
    page: OfPage = None,
) -> Figure[Table]:
    """All findings, those with the most clicks to be won first: what is the matter, what it costs, and what to do."""
    return await _search(parts).findings(scope, {"kind": kind, "engine": engine, "page": page}, again=again)


@tabled(router, "/decay", row=models.DecayOut)
async def seo_decay(
    parts: Parts,
    scope: Over,
    again: Again,
    level: Annotated[Level, Query(description="Pages by query, or whole pages.")] = "query",
    judged: Judged = False,
    engine: OfEngine = None,
    page: OfPage = None,
) -> Figure[Table]:
    """Pages that sink among the results, by the trend of their position over 90 days, whatever the season asks for."""
    filters = {"engine": engine, "page": page}
    return await _search(parts).decay(scope, filters, level=level, judged=judged, again=again)


@tabled(router, "/ctr-gaps", row=models.CtrGapOut)
async def seo_ctr_gaps(
    parts: Parts, scope: Over, again: Again, engine: OfEngine = None, page: OfPage = None
) -> Figure[Table]:
    """Results that are clicked less than the site's other results at their position, beyond chance."""
    return await _search(parts).plain("ctr_gaps", scope, {"engine": engine, "page": page}, again=again)


@tabled(router, "/striking-distance", row=models.StrikingOut)
async def seo_striking_distance(
    parts: Parts,
    scope: Over,
    again: Again,
    best_position: Annotated[float, Query(ge=1, le=100, description="Best mean position that counts.")] = 4.0,
    worst_position: Annotated[float, Query(ge=1, le=100, description="Worst mean position that counts.")] = 20.0,
    min_impressions_month: Annotated[
        float, Query(ge=1, le=1e9, description="Least impressions, as of a month.")
    ] = 100.0,
    target_position: Annotated[
        float, Query(ge=1, le=10, description="The position at which clicks are counted.")
    ] = 3.0,
    core: Annotated[bool | None, Query(description="Positions 8 to 15 only, or all others.")] = None,
    engine: OfEngine = None,
    page: OfPage = None,
) -> Figure[Table]:
    """Results that a few places more would have clicked, with the clicks that the target position would bring."""
    if worst_position < best_position:
        raise BadFigure("It is better than the best position.", field="query.worst_position")
    rule = StrikingRule(
        best_position=best_position,
        worst_position=worst_position,
        min_impressions_month=min_impressions_month,
        target_position=target_position,
    )
    return await _search(parts).striking(scope, {"core": core, "engine": engine, "page": page}, rule, again=again)


@tabled(router, "/cannibalisation", row=models.CannibalisationOut)
async def seo_cannibalisation(
    parts: Parts, scope: Over, again: Again, judged: Judged = False, engine: OfEngine = None, query: OfQuery = None
) -> Figure[Table]:
    """Queries for which two pages of the site take turns, and which of them to keep."""
    filters = {"engine": engine, "query": query}
    return await _search(parts).cannibalisation(scope, filters, judged=judged, again=again)


@tabled(router, "/queries", row=models.QueryOut)
async def seo_queries(
    parts: Parts,
    scope: Over,
    again: Again,
    change: Annotated[models.Change | None, Query(description="Queries that changed in one way only.")] = None,
    engine: OfEngine = None,
) -> Figure[Table]:
    """Queries in the window and in the one before: what came, what went, and whether that may be chance."""
    return await _search(parts).plain("queries", scope, {"change": change, "engine": engine}, again=again)


@tabled(router, "/movers", row=models.MoverOut)
async def seo_movers(
    parts: Parts,
    scope: Over,
    again: Again,
    cause: Annotated[models.Cause | None, Query(description="Changes of one cause only.")] = None,
    significant: Annotated[bool | None, Query(description="Those beyond chance only, or all others.")] = None,
    engine: OfEngine = None,
) -> Figure[Table]:
    """Pages whose clicks changed for a query, and how much of that came with demand, position and rate of clicks."""
    filters = {"cause": cause, "significant": significant, "engine": engine}
    return await _search(parts).plain("movers", scope, filters, again=again)


@tabled(router, "/pages", row=models.PageOut)
async def seo_pages(
    parts: Parts, scope: Over, again: Again, engine: OfEngine = None, page: OfPage = None
) -> Figure[Table]:
    """How each page does: two windows compared, its trend, its findings, and a score of the clicks within its reach."""
    return await _search(parts).pages(scope, {"engine": engine, "page": page}, again=again)


@tabled(router, "/brand", row=models.BrandOut)
async def seo_brand(parts: Parts, scope: Over, again: Again, engine: OfEngine = None) -> Figure[Table]:
    """Searches for the shop itself against all others, by engine; the setting for brand terms adds to its names."""
    return await _search(parts).plain("brand", scope, {"engine": engine}, again=again)


@tabled(router, "/engines", row=models.EngineOut)
async def seo_engines(
    parts: Parts,
    scope: Over,
    again: Again,
    ahead: Annotated[
        Engine | None, Query(description="Rows where one engine ranks the page and the other not.")
    ] = None,
    page: OfPage = None,
) -> Figure[Table]:
    """Google against Bing, for each page and query that either shows."""
    return await _search(parts).plain("engines", scope, {"ahead": ahead, "page": page}, again=again)


@tabled(router, "/landing-pages", row=models.LandingPageOut)
async def seo_landing_pages(parts: Parts, scope: Over, again: Again, page: OfPage = None) -> Figure[Table]:
    """Pages in search joined with what visits from unpaid search did there, by path: engagement, purchases, money."""
    return await _search(parts).plain("landing_pages", scope, {"page": page}, again=again)


@tabled(router, "/curve", row=models.CurveOut)
async def seo_curve(
    parts: Parts,
    scope: Over,
    again: Again,
    engine: OfEngine = None,
    device: Annotated[str | None, Query(max_length=50, description="Rows of one device only.")] = None,
    brand: Annotated[bool | None, Query(description="Queries for the shop itself only, or all others.")] = None,
) -> Figure[Table]:
    """How often the site's results are clicked by position, fitted to 90 days: what all expected clicks rest on."""
    return await _search(parts).plain("curve", scope, {"engine": engine, "device": device, "brand": brand}, again=again)


async def _wanted(
    engine: Annotated[Engine, Query(description="Which engine.")] = "google",
    page: Annotated[str | None, Query(max_length=2_000, description="Of one page, by its full address.")] = None,
    query: Annotated[str | None, Query(max_length=500, description="Of one query.")] = None,
) -> Wanted:
    return Wanted(engine, page, query)


async def _long(
    days: Annotated[int, Query(ge=7, le=366, description="How many days.")] = 90, last_day: LastDay = None
) -> Scope:
    return Scope(days, last_day)


Long = Annotated[Scope, Depends(_long)]
Rows = Annotated[Wanted, Depends(_wanted)]


@tabled(router, "/trend", row=models.TrendOut)
async def seo_trend(parts: Parts, scope: Long, again: Again, wanted: Rows) -> Figure[Table]:
    """Clicks, impressions and mean position day by day: of the site, a page, a query, or a page for a query; no rows
    where no such page and query are known.
    """
    return await _search(parts).trend(scope, wanted, again=again)


@charted(router, "/trend/chart.svg")
async def seo_trend_chart(parts: Parts, scope: Long, again: Again, wanted: Rows) -> Figure[Drawing]:
    """Mean positions day by day: of a page, its five most shown queries on the engine; else a line for each engine."""
    return await _search(parts).positions(scope, wanted, again=again)
