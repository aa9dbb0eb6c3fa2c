"""Wire shapes of figures about search."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from tillhand_analytics.domain.records import Engine
from tillhand_analytics.domain.seo.columns import ABOUT
from tillhand_analytics.domain.seo.findings import Basis, Kind
from tillhand_analytics.models.base import Out

Change = Literal["new", "lost", "appeared", "vanished", "kept"]
Cause = Literal["demand", "position", "click_rate"]


def _about(name: str) -> Any:  # noqa: ANN401  # what pydantic's own Field returns
    return Field(description=ABOUT[name][1])


class FindingOut(Out):
    """What is the matter with a page, what it costs, how that is known, and what to do about it."""

    kind: Kind = _about("kind")
    engine: Engine = _about("engine")
    page: str = _about("page")
    query: str | None = _about("query")
    clicks_month: float = _about("clicks_month")
    clicks_month_low: float = _about("clicks_month_low")
    clicks_month_high: float = _about("clicks_month_high")
    basis: Basis = _about("basis")
    money_month_minor: int | None = _about("money_month_minor")
    confidence: float | None = _about("confidence")
    since: date | None = _about("since")
    first_day: date = _about("first_day")
    last_day: date = _about("last_day")
    evidence: str = _about("evidence")
    action: str = _about("action")


class DecayOut(Out):
    """A page that sinks, for a query or as a whole."""

    engine: Engine = _about("engine")
    page: str = _about("page")
    query: str | None = _about("query")
    decaying: bool = _about("decaying")
    fitted_position_before: float | None = _about("fitted_position_before")
    fitted_position_now: float | None = _about("fitted_position_now")
    positions_lost: float | None = _about("positions_lost")
    positions_lost_low: float | None = _about("positions_lost_low")
    positions_lost_high: float | None = _about("positions_lost_high")
    q_value: float | None = _about("q_value")
    began: date | None = _about("began")
    began_low: date | None = _about("began_low")
    began_high: date | None = _about("began_high")
    days_seen: int = _about("days_seen")
    trend_impressions: int = _about("trend_impressions")
    clicks_month: float = _about("clicks_month")
    clicks_month_low: float = _about("clicks_month_low")
    clicks_month_high: float = _about("clicks_month_high")
    money_month_minor: int | None = _about("money_month_minor")


class CtrGapOut(Out):
    """A result that is clicked less than the site's own curve says."""

    engine: Engine = _about("engine")
    page: str = _about("page")
    query: str = _about("query")
    impressions: int = _about("impressions")
    clicks: int = _about("clicks")
    expected_clicks: float = _about("expected_clicks")
    ctr: float = _about("ctr")
    expected_ctr: float = _about("expected_ctr")
    position: float = _about("position")
    q_value: float = _about("q_value")
    clicks_month: float = _about("clicks_month")
    clicks_month_low: float = _about("clicks_month_low")
    clicks_month_high: float = _about("clicks_month_high")
    money_month_minor: int | None = _about("money_month_minor")


class StrikingOut(Out):
    """A result that a few places more would have clicked."""

    engine: Engine = _about("engine")
    page: str = _about("page")
    query: str = _about("query")
    core: bool = _about("core")
    impressions: int = _about("impressions")
    clicks: int = _about("clicks")
    ctr: float = _about("ctr")
    position: float = _about("position")
    target_clicks_month: float = _about("target_clicks_month")
    clicks_month: float = _about("clicks_month")
    clicks_month_low: float = _about("clicks_month_low")
    clicks_month_high: float = _about("clicks_month_high")
    money_month_minor: int | None = _about("money_month_minor")


class CannibalisationOut(Out):
    """Two pages that share a query's impressions."""

    engine: Engine = _about("engine")
    country: str = _about("country")
    query: str = _about("query")
    page_keep: str = _about("page_keep")
    page_other: str = _about("page_other")
    cannibalised: bool = _about("cannibalised")
    clicks_keep: int = _about("clicks_keep")
    clicks_other: int = _about("clicks_other")
    impressions_keep: int = _about("impressions_keep")
    impressions_other: int = _about("impressions_other")
    position_keep: float = _about("position_keep")
    position_other: float = _about("position_other")
    days_ahead_keep: int = _about("days_ahead_keep")
    days_ahead_other: int = _about("days_ahead_other")
    turns: int = _about("turns")
    pages: int = _about("pages")
    concentration: float = _about("concentration")
    association: float | None = _about("association")
    q_value: float | None = _about("q_value")
    clicks_month: float = Field(description="Clicks a month of the page that is not kept: what is at stake.")
    money_month_minor: int | None = _about("money_month_minor")


class QueryOut(Out):
    """A query in the window and in the one before."""

    engine: Engine = _about("engine")
    query: str = _about("query")
    change: Change = _about("change")
    clicks: int = _about("clicks")
    clicks_before: int = _about("clicks_before")
    impressions: int = _about("impressions")
    impressions_before: int = _about("impressions_before")
    position: float | None = _about("position")
    position_before: float | None = _about("position_before")
    q_value: float | None = _about("q_value")
    first_seen: date = _about("first_seen")
    last_seen: date = _about("last_seen")
    main_page: str | None = _about("main_page")


class MoverOut(Out):
    """A page for a query whose clicks changed, and why."""

    engine: Engine = _about("engine")
    page: str = _about("page")
    query: str = _about("query")
    significant: bool = _about("significant")
    clicks_change: int = _about("clicks_change")
    clicks: int = _about("clicks")
    clicks_before: int = _about("clicks_before")
    by_demand: float = _about("by_demand")
    by_position: float = _about("by_position")
    by_click_rate: float = _about("by_click_rate")
    cause: Cause | None = _about("cause")
    q_value: float | None = _about("q_value")


class PageOut(Out):
    """How a page does on an engine."""

    engine: Engine = _about("engine")
    page: str = _about("page")
    score: float = _about("score")
    clicks: int = _about("clicks")
    clicks_before: int = _about("clicks_before")
    impressions: int = _about("impressions")
    impressions_before: int = _about("impressions_before")
    ctr: float | None = _about("ctr")
    ctr_before: float | None = _about("ctr_before")
    position: float | None = _about("position")
    position_before: float | None = _about("position_before")
    queries: int = _about("queries")
    findings: int = _about("findings")
    missing_clicks_month: float = _about("missing_clicks_month")
    positions_lost: float | None = _about("positions_lost")
    q_value: float | None = _about("q_value")


class BrandOut(Out):
    """Searches for the shop itself, or all others, on an engine."""

    engine: Engine = _about("engine")
    brand: bool = _about("brand")
    queries: int = _about("queries")
    clicks: int = _about("clicks")
    clicks_before: int = _about("clicks_before")
    click_share: float | None = _about("click_share")
    impressions: int = _about("impressions")
    impressions_before: int = _about("impressions_before")
    ctr: float | None = _about("ctr")
    ctr_before: float | None = _about("ctr_before")
    position: float | None = _about("position")
    position_before: float | None = _about("position_before")
    p_value: float = _about("p_value")


class EngineOut(Out):
    """A page for a query on Google and on Bing."""

    page: str = _about("page")
    query: str = _about("query")
    ahead: Engine | None = _about("ahead")
    gap: float | None = _about("gap")
    google_position: float | None = _about("google_position")
    bing_position: float | None = _about("bing_position")
    google_clicks: int = _about("google_clicks")
    bing_clicks: int = _about("bing_clicks")
    google_impressions: int = _about("google_impressions")
    bing_impressions: int = _about("bing_impressions")
    bing_share: float | None = _about("bing_share")
    clicks_month: float | None = Field(description="Clicks a month to be won on Google at Bing's position.")


class LandingPageOut(Out):
    """A page in search, and what visits from unpaid search did there."""

    page: str = _about("page")
    path: str = _about("path")
    clicks: int = _about("clicks")
    impressions: int = _about("impressions")
    ctr: float | None = _about("ctr")
    position: float | None = _about("position")
    sessions: int | None = _about("sessions")
    engaged: int | None = _about("engaged")
    engagement_rate: float | None = _about("engagement_rate")
    purchases: int | None = _about("purchases")
    conversion_rate: float | None = _about("conversion_rate")
    revenue_minor: int | None = _about("revenue_minor")
    revenue_per_click_minor: float | None = _about("revenue_per_click_minor")
    money_per_click_minor: float | None = _about("money_per_click_minor")


class CurveOut(Out):
    """How often a result at a position is clicked, by engine, device and kind of query."""

    engine: Engine = _about("engine")
    device: str | None = _about("device")
    brand: bool = _about("brand")
    position: float = _about("position")
    ctr: float = _about("ctr")
    curve_clicks: int = _about("curve_clicks")
    curve_impressions: int = _about("curve_impressions")


class TrendOut(Out):
    """A day in search."""

    day: date = _about("day")
    clicks: int = _about("clicks")
    impressions: int = _about("impressions")
    ctr: float | None = _about("ctr")
    position: float | None = _about("position")


class PeriodOut(Out):
    """Both engines together over some days."""

    first_day: date
    last_day: date
    clicks: int
    impressions: int
    ctr: float | None = Field(description="Clicks for each impression, from 0 to 1; null without impressions.")
    position: float | None = Field(description="Mean place among results, weighted by impressions.")


class KindOut(Out):
    """What findings of one kind say together."""

    findings: int
    clicks_month: float = Field(description="Clicks to be won a month; kinds overlap, so that they do not add up.")
    money_month_minor: int | None = Field(description="What these are worth, in minor units.")


class SummaryOut(Out):
    """How search does, in one glance."""

    now: PeriodOut
    before: PeriodOut = Field(description="The window of equal length before.")
    brand_share: float | None = Field(description="Share of the clicks that came from searches for the shop itself.")
    bing_share: float | None = Field(description="Share of the clicks that came from Bing.")
    pages: int = Field(description="Pages with impressions in the window.")
    queries: int = Field(description="Queries with impressions in the window.")
    score: float | None = Field(description="100 times the share of the clicks within reach that the site gets.")
    clicks_within_reach_month: float = Field(description="Clicks a month that findings say are to be won.")
    kinds: dict[Kind, KindOut]
