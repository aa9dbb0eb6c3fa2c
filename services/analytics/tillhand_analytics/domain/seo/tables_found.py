"""What the detectors found, as tables: findings, decay, gaps, striking distance and rivals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

import numpy as np

from tillhand_analytics.domain.records import ENGINES, Floats, Ints
from tillhand_analytics.domain.seo.columns import Partly, table, whole
from tillhand_analytics.domain.seo.findings import Finding
from tillhand_analytics.domain.seo.judging_pairs import decay_clicks
from tillhand_analytics.domain.seo.judging_sites import page_decay_clicks
from tillhand_analytics.domain.seo.striking import StrikingRule, striking
from tillhand_analytics.domain.seo.study import Study
from tillhand_analytics.domain.tables import Table

Level = Literal["query", "page"]


def findings_table(told: Sequence[Finding]) -> Table:
    """Findings, a row each."""
    money = np.array([np.nan if (m := each.impact.money_minor) is None else m for each in told], dtype=np.float64)
    sure = [np.nan if each.confidence is None else each.confidence for each in told]
    never = np.datetime64("NaT")
    return table(
        "seo-findings",
        kind=[each.kind for each in told],
        engine=[each.engine for each in told],
        page=[each.page for each in told],
        query=[each.query for each in told],
        clicks_month=np.array([each.impact.clicks for each in told], dtype=np.float64),
        clicks_month_low=np.array([each.impact.low for each in told], dtype=np.float64),
        clicks_month_high=np.array([each.impact.high for each in told], dtype=np.float64),
        basis=[each.impact.basis for each in told],
        money_month_minor=whole(money),
        confidence=np.array(sure, dtype=np.float64),
        since=np.array([never if each.since is None else each.since for each in told], dtype="datetime64[D]"),
        first_day=np.array([each.window.first_day for each in told], dtype="datetime64[D]"),
        last_day=np.array([each.window.last_day for each in told], dtype="datetime64[D]"),
        evidence=[json.dumps({name: round(value, 6) for name, value in each.evidence.items()}) for each in told],
        action=[each.action for each in told],
    )


def decay_table(found: Study, level: Level, *, judged: bool) -> Table:
    """Pairs or pages that sink, those with the most clicks to be won first; with `judged`, all that could be judged."""
    sunk, clicks = (
        (found.decays, decay_clicks(found)) if level == "query" else (found.page_decays, page_decay_clicks(found))
    )
    month, low, high = (each[sunk.series] * found.window.per_month for each in clicks)
    rows = np.flatnonzero(sunk.found | judged)
    rows = rows[np.lexsort((-sunk.lost[rows], -month[rows]))]
    engine, page, query = _owners(found, sunk.series[rows], level)
    return table(
        "seo-decay",
        **_names(found, engine, page, query),
        decaying=sunk.found[rows],
        fitted_position_before=sunk.before[rows],
        fitted_position_now=sunk.now[rows],
        positions_lost=sunk.lost[rows],
        positions_lost_low=sunk.lost_low[rows],
        positions_lost_high=sunk.lost_high[rows],
        q_value=sunk.q_value[rows],
        began=sunk.began[rows],
        began_low=sunk.began_low[rows],
        began_high=sunk.began_high[rows],
        days_seen=sunk.days[rows],
        trend_impressions=sunk.impressions[rows],
        clicks_month=month[rows],
        clicks_month_low=low[rows],
        clicks_month_high=high[rows],
        money_month_minor=_money(found, page, month[rows]),
    )


def gaps_table(found: Study) -> Table:
    """Results that are clicked too seldom, those that miss the most clicks first."""
    gaps, pairs, month = found.gaps, found.pairs, found.window.per_month
    rows = np.flatnonzero(gaps.found)
    rows = rows[np.argsort(-gaps.missing[rows], kind="stable")]
    return table(
        "seo-ctr-gaps",
        **_names(found, pairs.engine[rows], pairs.page[rows], pairs.query[rows]),
        impressions=gaps.seen.impressions[rows],
        clicks=gaps.seen.clicks[rows],
        expected_clicks=gaps.expected[rows],
        ctr=gaps.seen.ctr[rows],
        expected_ctr=gaps.expected[rows] / gaps.seen.impressions[rows],
        position=gaps.seen.position[rows],
        q_value=gaps.q_value[rows],
        clicks_month=gaps.missing[rows] * month,
        clicks_month_low=gaps.low[rows] * month,
        clicks_month_high=gaps.high[rows] * month,
        money_month_minor=_money(found, pairs.page[rows], gaps.missing[rows] * month),
    )


def striking_table(found: Study, rule: StrikingRule) -> Table:
    """Results in striking distance by a rule of the request, those with the most to win first."""
    pairs, month = found.pairs, found.window.per_month
    near = striking(pairs, found.curves, found.window, rule)
    rows = np.flatnonzero(near.found)
    rows = rows[np.argsort(-near.gain[rows], kind="stable")]
    return table(
        "seo-striking-distance",
        **_names(found, pairs.engine[rows], pairs.page[rows], pairs.query[rows]),
        core=near.core[rows],
        impressions=near.seen.impressions[rows],
        clicks=near.seen.clicks[rows],
        ctr=near.seen.ctr[rows],
        position=near.seen.position[rows],
        target_clicks_month=near.there[rows] * month,
        clicks_month=near.gain[rows] * month,
        clicks_month_low=near.low[rows] * month,
        clicks_month_high=near.high[rows] * month,
        money_month_minor=_money(found, pairs.page[rows], near.gain[rows] * month),
    )


def rivals_table(found: Study, *, judged: bool) -> Table:
    """Queries for which pages take turns, by the clicks at stake; with `judged`, all that two pages share."""
    rivals, searches = found.rivals, found.pairs.searches
    rows = np.flatnonzero(rivals.found | judged)
    rows = rows[np.argsort(-rivals.at_stake[rows], kind="stable")]
    keep, other = rivals.keep[rows], 1 - rivals.keep[rows]
    stake = rivals.at_stake[rows].astype(np.float64) * rivals.window.per_month
    return table(
        "seo-cannibalisation",
        engine=[ENGINES[place] for place in rivals.engine[rows].tolist()],
        country=[searches.countries[place] for place in rivals.country[rows].tolist()],
        query=[searches.queries[place] for place in rivals.query[rows].tolist()],
        page_keep=[searches.pages[place] for place in rivals.page[rows, keep].tolist()],
        page_other=[searches.pages[place] for place in rivals.page[rows, other].tolist()],
        cannibalised=rivals.found[rows],
        clicks_keep=rivals.clicks[rows, keep],
        clicks_other=rivals.clicks[rows, other],
        impressions_keep=rivals.impressions[rows, keep],
        impressions_other=rivals.impressions[rows, other],
        position_keep=rivals.position[rows, keep],
        position_other=rivals.position[rows, other],
        days_ahead_keep=rivals.lead_days[rows, keep],
        days_ahead_other=rivals.lead_days[rows, other],
        turns=rivals.turns[rows],
        pages=rivals.pages[rows],
        concentration=rivals.concentration[rows],
        association=rivals.association[rows],
        q_value=rivals.q_value[rows],
        clicks_month=stake,
        money_month_minor=_money(found, rivals.page[rows, keep], stake),
    )


def _owners(found: Study, series: Ints, level: Level) -> tuple[Ints, Ints, Ints | None]:
    if level == "query":
        return found.pairs.engine[series], found.pairs.page[series], found.pairs.query[series]
    engine, page = np.divmod(series, max(len(found.pairs.searches.pages), 1))
    return engine, page, None


def _names(found: Study, engine: Ints, page: Ints, query: Ints | None) -> dict[str, list[str | None]]:
    searches = found.pairs.searches
    queries = [None] * len(page) if query is None else [searches.queries[place] for place in query.tolist()]
    return {
        "engine": [ENGINES[place] for place in engine.tolist()],
        "page": [searches.pages[place] for place in page.tolist()],
        "query": list(queries),
    }


def _money(found: Study, page: Ints, clicks: Floats) -> Partly:
    return whole(clicks * found.money_per_click[page])
