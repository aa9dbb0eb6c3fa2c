"""How a site does, as tables: queries that came and went, movers, pages, brand, engines, landing pages, the curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import ENGINES, Ints, Visits
from tillhand_analytics.domain.seo.branding import branding
from tillhand_analytics.domain.seo.columns import Partly, table
from tillhand_analytics.domain.seo.daily import daily
from tillhand_analytics.domain.seo.engines import share_of_clicks
from tillhand_analytics.domain.seo.findings import Finding
from tillhand_analytics.domain.seo.health import health
from tillhand_analytics.domain.seo.movement import CAUSES, movers
from tillhand_analytics.domain.seo.pairs import Pairs, totals
from tillhand_analytics.domain.seo.study import Study
from tillhand_analytics.domain.seo.windows import Window
from tillhand_analytics.domain.seo.worth import landings, path_of
from tillhand_analytics.domain.tables import Table

CURVE_POSITIONS: Final = 20


def queries_table(found: Study) -> Table:
    """Queries of both windows, what came and went first and those with the most clicks before others."""
    comings, searches = found.comings, found.pairs.searches
    seen = comings.before.days + comings.now.days > 0
    kinds = np.select(
        [comings.new, comings.lost, comings.before.days == 0, comings.now.days == 0], [0, 1, 2, 3], default=4
    )
    rows = np.flatnonzero(seen)
    clicks = comings.before.clicks + comings.now.clicks
    rows = rows[np.lexsort((-clicks[rows], kinds[rows]))]
    names = ("new", "lost", "appeared", "vanished", "kept")
    engine, query = np.divmod(comings.series[rows], max(len(searches.queries), 1))
    return table(
        "seo-queries",
        engine=[ENGINES[place] for place in engine.tolist()],
        query=[searches.queries[place] for place in query.tolist()],
        change=[names[kind] for kind in kinds[rows].tolist()],
        clicks=comings.now.clicks[rows],
        clicks_before=comings.before.clicks[rows],
        impressions=comings.now.impressions[rows],
        impressions_before=comings.before.impressions[rows],
        position=comings.now.position[rows],
        position_before=comings.before.position[rows],
        q_value=comings.q_value[rows],
        first_seen=comings.first_seen[rows],
        last_seen=comings.last_seen[rows],
        main_page=[searches.pages[place] if place >= 0 else None for place in comings.page[rows].tolist()],
    )


def movers_table(found: Study) -> Table:
    """Pairs whose clicks changed, the largest changes first, with the parts that made them."""
    pairs, searches = found.pairs, found.pairs.searches
    moved = movers(pairs, found.curves, found.window)
    change = moved.now.clicks - moved.before.clicks
    rows = np.flatnonzero(moved.now.clicks + moved.before.clicks > 0)
    rows = rows[np.lexsort((-np.abs(change[rows]), ~moved.found[rows]))]
    return table(
        "seo-movers",
        engine=[ENGINES[place] for place in pairs.engine[rows].tolist()],
        page=[searches.pages[place] for place in pairs.page[rows].tolist()],
        query=[searches.queries[place] for place in pairs.query[rows].tolist()],
        significant=moved.found[rows],
        clicks_change=change[rows],
        clicks=moved.now.clicks[rows],
        clicks_before=moved.before.clicks[rows],
        by_demand=moved.demand[rows],
        by_position=moved.position[rows],
        by_click_rate=moved.click_rate[rows],
        cause=[CAUSES[place] if moves else None for place, moves in _pulled(moved.cause[rows], change[rows])],
        q_value=moved.q_value[rows],
    )


def pages_table(found: Study, told: Sequence[Finding]) -> Table:
    """Pages of each engine, those with the most clicks within reach first."""
    searches, well = found.pairs.searches, health(found, told)
    rows = np.lexsort((-well.now.clicks, -well.missing))
    engine, page = np.divmod(well.series[rows], max(len(searches.pages), 1))
    before, now = well.before.at(rows), well.now.at(rows)
    return table(
        "seo-pages",
        engine=[ENGINES[place] for place in engine.tolist()],
        page=[searches.pages[place] for place in page.tolist()],
        score=well.score[rows],
        clicks=now.clicks,
        clicks_before=before.clicks,
        impressions=now.impressions,
        impressions_before=before.impressions,
        ctr=now.ctr,
        ctr_before=before.ctr,
        position=now.position,
        position_before=before.position,
        queries=well.queries[rows],
        findings=well.findings[rows],
        missing_clicks_month=well.missing[rows],
        positions_lost=well.positions_lost[rows],
        q_value=well.trend_q_value[rows],
    )


def brand_table(found: Study) -> Table:
    """Brand and other queries of each engine."""
    split = branding(found.pairs, found.window)
    engine, brand = np.divmod(np.arange(len(split.share)), 2)
    return table(
        "seo-brand",
        engine=[ENGINES[place] for place in engine.tolist()],
        brand=brand == 1,
        queries=split.queries,
        clicks=split.now.clicks,
        clicks_before=split.before.clicks,
        click_share=split.share,
        impressions=split.now.impressions,
        impressions_before=split.before.impressions,
        ctr=split.now.ctr,
        ctr_before=split.before.ctr,
        position=split.now.position,
        position_before=split.before.position,
        p_value=split.p_value,
    )


def engines_table(found: Study) -> Table:
    """Pages and queries on both engines, the largest chances first, then the most shown."""
    engines, searches = found.engines, found.pairs.searches
    shown = engines.google.impressions + engines.bing.impressions
    ahead = engines.bing_ahead | engines.google_ahead
    rows = np.flatnonzero(shown > 0)
    gain = np.nan_to_num(engines.gain) * engines.bing_ahead
    rows = rows[np.lexsort((-shown[rows], ~ahead[rows], -gain[rows]))]
    names = {(True, False): "bing", (False, True): "google"}
    leads = zip(engines.bing_ahead[rows].tolist(), engines.google_ahead[rows].tolist(), strict=True)
    return table(
        "seo-engines",
        page=[searches.pages[place] for place in engines.page[rows].tolist()],
        query=[searches.queries[place] for place in engines.query[rows].tolist()],
        ahead=[names.get(each) for each in leads],
        gap=engines.gap[rows],
        google_position=engines.google.position[rows],
        bing_position=engines.bing.position[rows],
        google_clicks=engines.google.clicks[rows],
        bing_clicks=engines.bing.clicks[rows],
        google_impressions=engines.google.impressions[rows],
        bing_impressions=engines.bing.impressions[rows],
        bing_share=share_of_clicks(engines.google, engines.bing)[rows],
        clicks_month=np.where(engines.bing_ahead, engines.gain, np.nan)[rows] * found.window.per_month,
    )


def landings_table(found: Study, visits: Visits) -> Table:
    """Pages in search and what visits from search did there, those with the most money first."""
    pairs, searches = found.pairs, found.pairs.searches
    seen = totals(pairs, found.window, searches.page, len(searches.pages))
    landed = landings(visits, searches.pages, found.window)
    known = landed.sessions >= 0
    rows = np.flatnonzero((seen.impressions > 0) | (landed.sessions > 0))
    rows = rows[np.lexsort((-seen.clicks[rows], -landed.revenue_minor[rows]))]
    sessions, revenue = landed.sessions[rows], landed.revenue_minor[rows]
    there = known[rows]
    return table(
        "seo-landing-pages",
        page=[searches.pages[place] for place in rows.tolist()],
        path=[path_of(searches.pages[place]) for place in rows.tolist()],
        clicks=seen.clicks[rows],
        impressions=seen.impressions[rows],
        ctr=seen.ctr[rows],
        position=seen.position[rows],
        sessions=Partly(sessions, there),
        engaged=Partly(landed.engaged[rows], there),
        engagement_rate=ratio(landed.engaged[rows], np.where(there, sessions, 0)),
        purchases=Partly(landed.purchases[rows], there),
        conversion_rate=ratio(landed.purchases[rows], np.where(there, sessions, 0)),
        revenue_minor=Partly(revenue, there),
        revenue_per_click_minor=ratio(revenue, np.where(there, seen.clicks[rows], 0)),
        money_per_click_minor=landed.money_per_click[rows],
    )


def curve_table(found: Study) -> Table:
    """The curve of each group at whole positions."""
    curves, devices = found.curves, found.pairs.searches.devices
    group = np.repeat(np.arange(len(curves.levels)), CURVE_POSITIONS)
    position = np.tile(np.arange(1.0, CURVE_POSITIONS + 1), len(curves.levels))
    rest, brand = np.divmod(group, 2)
    engine, device = np.divmod(rest, curves.devices)
    return table(
        "seo-curve",
        engine=[ENGINES[place] for place in engine.tolist()],
        device=[devices[place] if place < len(devices) else None for place in device.tolist()],
        brand=brand == 1,
        position=position,
        ctr=curves.rate(group, position),
        curve_clicks=curves.clicks[group].astype(np.int64),
        curve_impressions=curves.impressions[group].astype(np.int64),
    )


def trend_table(pairs: Pairs, window: Window, chosen: Ints) -> Table:
    """Clicks, impressions and position day by day, of the chosen pairs together."""
    code = np.full(len(pairs), -1)
    code[chosen] = 0
    clicks, shown, position = daily(pairs, window, code[pairs.row], 1)
    return table(
        "seo-trend",
        day=window.first_day + np.arange(window.days),
        clicks=clicks[0],
        impressions=shown[0],
        ctr=ratio(clicks[0], shown[0]),
        position=position[0],
    )


def _pulled(causes: Ints, change: Ints) -> list[tuple[int, bool]]:
    """Causes, and whether there was a change to have one."""
    return list(zip(causes.tolist(), (change != 0).tolist(), strict=True))
