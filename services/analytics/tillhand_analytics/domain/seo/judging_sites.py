"""Findings about whole pages, several pages of one query, queries that went, and engines that differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from tillhand_analytics.domain.chance import poisson_interval
from tillhand_analytics.domain.records import ENGINES, Floats
from tillhand_analytics.domain.seo import wording
from tillhand_analytics.domain.seo.findings import Finding, impact
from tillhand_analytics.domain.seo.gaps import expected_clicks
from tillhand_analytics.domain.seo.judging_pairs import decay_evidence, sure
from tillhand_analytics.domain.seo.pairs import summed
from tillhand_analytics.domain.seo.study import Study

_CONFIDENCE: Final = 0.9


def sinking_pages(found: Study) -> Iterator[Finding]:
    """Whole pages that sink, none of whose queries was told."""
    sunk, pairs = found.page_decays, found.pairs
    pages = len(pairs.searches.pages)
    series = pairs.engine * pages + pairs.page
    told = np.isin(sunk.series, series[found.decays.series[found.decays.found]])
    chosen = np.flatnonzero(sunk.found & ~told)
    clicks, lows, highs = page_decay_clicks(found)
    for place in chosen:
        engine, page = divmod(int(sunk.series[place]), pages)
        more, low, high = (float(each[sunk.series[place]]) for each in (clicks, lows, highs))
        address = pairs.searches.pages[page]
        yield Finding(
            kind="page_decay",
            engine=ENGINES[engine],
            page=address,
            query=None,
            impact=impact(
                *(more, low, high, "clicks at the position before the decay"),
                per_month=found.window.per_month,
                money_per_click=found.money_per_click[page],
            ),
            confidence=sure(sunk.q_value[place]),
            evidence=decay_evidence(sunk, int(place)),
            action=wording.sinks(address, None, sunk.before[place], sunk.now[place], sunk.began[place]),
            window=sunk.window,
            since=sunk.began[place],
        )


def page_decay_clicks(found: Study) -> tuple[Floats, Floats, Floats]:
    """Clicks of the window that each page would have more where it stood before it sank, with bounds, by engine and
    page; all of its queries are moved by the same share.
    """
    sunk, pairs = found.page_decays, found.pairs
    pages = len(pairs.searches.pages)
    series, size = pairs.engine * pages + pairs.page, len(ENGINES) * pages
    now, chosen = sunk.now[sunk.found], sunk.series[sunk.found]
    among = np.isin(series, chosen)

    def more(lost: Floats) -> Floats:
        shift = np.ones(size)
        shift[chosen] = np.maximum(now - lost[sunk.found], 1.0) / now
        better = expected_clicks(pairs, found.curves, found.window, shift[series], among)
        return summed(series, np.maximum(better - found.gaps.expected, 0.0), size)

    return more(sunk.lost), more(sunk.lost_low), more(sunk.lost_high)


def turning(found: Study) -> Iterator[Finding]:
    """Queries for which two pages take turns."""
    rivals, searches = found.rivals, found.pairs.searches
    low, high = poisson_interval(rivals.at_stake, _CONFIDENCE)
    for place in np.flatnonzero(rivals.found):
        keep = int(rivals.keep[place])
        kept, other = rivals.page[place, keep], rivals.page[place, 1 - keep]
        query, turns = searches.queries[rivals.query[place]], int(rivals.turns[place])
        yield Finding(
            kind="cannibalisation",
            engine=ENGINES[rivals.engine[place]],
            page=searches.pages[kept],
            query=query,
            impact=impact(
                *(float(rivals.at_stake[place]), low[place], high[place], "clicks of the page that is not kept"),
                per_month=rivals.window.per_month,
                money_per_click=found.money_per_click[kept],
            ),
            confidence=sure(rivals.q_value[place]),
            evidence={
                "turns": float(turns),
                "days_ahead": float(rivals.lead_days[place, keep]),
                "days_behind": float(rivals.lead_days[place, 1 - keep]),
                "clicks": float(rivals.clicks[place, keep]),
                "clicks_other": float(rivals.clicks[place, 1 - keep]),
                "position": float(rivals.position[place, keep]),
                "position_other": float(rivals.position[place, 1 - keep]),
                "association": float(rivals.association[place]),
                "concentration": float(rivals.concentration[place]),
                "pages": float(rivals.pages[place]),
                "q_value": float(rivals.q_value[place]),
            },
            action=wording.turns(searches.pages[kept], searches.pages[other], query, turns, rivals.window.days),
            window=rivals.window,
        )


def lost(found: Study) -> Iterator[Finding]:
    """Queries that are not seen any more, and had clicks."""
    comings, searches = found.comings, found.pairs.searches
    for place in np.flatnonzero(comings.lost & (comings.before.clicks > 0) & (comings.page >= 0)):
        low, high = poisson_interval(comings.before.clicks[place], _CONFIDENCE)
        engine, query = divmod(int(comings.series[place]), len(searches.queries))
        page = searches.pages[comings.page[place]]
        clicks, days = int(comings.before.clicks[place]), int(comings.before.days[place])
        yield Finding(
            kind="lost_query",
            engine=ENGINES[engine],
            page=page,
            query=searches.queries[query],
            impact=impact(
                *(float(clicks), float(low), float(high), "clicks of the window before"),
                per_month=found.window.per_month,
                money_per_click=found.money_per_click[comings.page[place]],
            ),
            confidence=sure(comings.q_value[place]),
            evidence={
                "clicks_before": float(clicks),
                "impressions_before": float(comings.before.impressions[place]),
                "position_before": float(comings.before.position[place]),
                "days_before": float(days),
                "q_value": float(comings.q_value[place]),
            },
            action=wording.lost(page, searches.queries[query], comings.last_seen[place], days),
            window=found.window,
            since=comings.last_seen[place],
        )


def behind(found: Study) -> Iterator[Finding]:
    """Pairs that Bing ranks far better than Google, where Google shows them."""
    engines, searches = found.engines, found.pairs.searches
    gains = np.nan_to_num(engines.gain)
    for place in np.flatnonzero(engines.bing_ahead & (gains > 0)):
        page, query = searches.pages[engines.page[place]], searches.queries[engines.query[place]]
        google, bing = engines.google.position[place], engines.bing.position[place]
        yield Finding(
            kind="engine_gap",
            engine="google",
            page=page,
            query=query,
            impact=impact(
                *(float(gains[place]), 0.0, float(gains[place]), "clicks at the other engine's position"),
                per_month=found.window.per_month,
                money_per_click=found.money_per_click[engines.page[place]],
            ),
            confidence=None,
            evidence={
                "position_google": float(google),
                "position_bing": float(bing),
                "impressions_google": float(engines.google.impressions[place]),
                "impressions_bing": float(engines.bing.impressions[place]),
            },
            action=wording.behind(page, query, google, bing),
            window=found.window,
        )
