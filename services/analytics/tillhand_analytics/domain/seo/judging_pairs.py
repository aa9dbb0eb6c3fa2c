"""Findings about a page for a query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from tillhand_analytics.domain.records import ENGINES, Floats
from tillhand_analytics.domain.seo import wording
from tillhand_analytics.domain.seo.decay import Decays
from tillhand_analytics.domain.seo.findings import Basis, Finding, Kind, impact
from tillhand_analytics.domain.seo.gaps import expected_clicks
from tillhand_analytics.domain.seo.striking import LEAST_DISPERSION
from tillhand_analytics.domain.seo.study import Study
from tillhand_analytics.domain.seo.windows import Window


def sinking(found: Study) -> Iterator[Finding]:
    """Pairs that sink."""
    sunk = found.decays
    clicks, low, high = decay_clicks(found)
    for place in np.flatnonzero(sunk.found):
        pair = int(sunk.series[place])
        page, query = names(found, pair)
        yield of_pair(
            *(found, "decay", pair, (clicks[pair], low[pair], high[pair])),
            basis="clicks at the position before the decay",
            confidence=sure(sunk.q_value[place]),
            evidence=decay_evidence(sunk, int(place)),
            action=wording.sinks(page, query, sunk.before[place], sunk.now[place], sunk.began[place]),
            window=sunk.window,
            since=sunk.began[place],
        )


def gapped(found: Study) -> Iterator[Finding]:
    """Pairs that are clicked less than the site's curve says."""
    gaps = found.gaps
    for pair in np.flatnonzero(gaps.found):
        page, query = names(found, int(pair))
        shown, clicks, due = gaps.seen.impressions[pair], gaps.seen.clicks[pair], gaps.expected[pair]
        yield of_pair(
            *(found, "ctr_gap", int(pair), (gaps.missing[pair], gaps.low[pair], gaps.high[pair])),
            basis="clicks by the site's own curve at this position",
            confidence=sure(gaps.q_value[pair]),
            evidence={
                "impressions": float(shown),
                "clicks": float(clicks),
                "expected_clicks": float(due),
                "ctr": float(clicks / shown),
                "expected_ctr": float(due / shown),
                "position": float(gaps.seen.position[pair]),
                "q_value": float(gaps.q_value[pair]),
            },
            action=wording.gapped(page, query, gaps.seen.position[pair], clicks / shown, due / shown),
            window=found.window,
        )


def nearly_seen(found: Study) -> Iterator[Finding]:
    """Pairs in striking distance, without those that came there by sinking."""
    near = found.striking
    sunk = np.zeros(len(found.pairs), dtype=np.bool_)
    sunk[found.decays.series[found.decays.found]] = True
    for pair in np.flatnonzero(near.core & ~sunk):
        page, query = names(found, int(pair))
        position, month = near.seen.position[pair], found.window.per_month
        yield of_pair(
            *(found, "striking_distance", int(pair), (near.gain[pair], near.low[pair], near.high[pair])),
            basis="clicks at position 3",
            confidence=None,
            evidence={
                "impressions": float(near.seen.impressions[pair]),
                "clicks": float(near.seen.clicks[pair]),
                "position": float(position),
                "clicks_at_target": float(near.there[pair]),
            },
            action=wording.nearly(page, query, position, near.seen.impressions[pair] * month, near.gain[pair] * month),
            window=found.window,
        )


def decay_clicks(found: Study) -> tuple[Floats, Floats, Floats]:
    """Clicks of the window that each pair would have more where it stood before it sank, with bounds; by pair."""
    pairs, sunk, expected = found.pairs, found.decays, found.gaps.expected
    now, chosen = sunk.now[sunk.found], sunk.series[sunk.found]
    prior = 1 / max(found.curves.dispersion, LEAST_DISPERSION)
    own = (found.gaps.seen.clicks + prior) / (expected + prior)
    among = np.zeros(len(pairs), dtype=np.bool_)
    among[chosen] = True

    def more(lost: Floats) -> Floats:
        shift = np.ones(len(pairs))
        shift[chosen] = np.maximum(now - lost[sunk.found], 1.0) / now
        better = expected_clicks(pairs, found.curves, found.window, shift, among)
        gained: Floats = own * np.maximum(better - expected, 0.0)
        return gained

    return more(sunk.lost), more(sunk.lost_low), more(sunk.lost_high)


def names(found: Study, pair: int) -> tuple[str, str]:
    """The page and the query of a pair."""
    searches = found.pairs.searches
    return searches.pages[found.pairs.page[pair]], searches.queries[found.pairs.query[pair]]


def sure(q_value: float) -> float:
    """How sure a test is."""
    return float(1 - q_value)


def decay_evidence(sunk: Decays, place: int) -> dict[str, float]:
    """The figures behind a decay."""
    return {
        "position_before": float(sunk.before[place]),
        "position_now": float(sunk.now[place]),
        "positions_lost": float(sunk.lost[place]),
        "positions_lost_low": float(sunk.lost_low[place]),
        "positions_lost_high": float(sunk.lost_high[place]),
        "days_seen": float(sunk.days[place]),
        "impressions": float(sunk.impressions[place]),
        "q_value": float(sunk.q_value[place]),
    }


def of_pair(
    found: Study,
    kind: Kind,
    pair: int,
    clicks: tuple[float, float, float],
    *,
    basis: Basis,
    confidence: float | None,
    evidence: Mapping[str, float],
    action: str,
    window: Window,
    since: np.datetime64 | None = None,
) -> Finding:
    """A finding about a pair; `clicks` of the window of the study, with their lower and upper bound."""
    page, query = names(found, pair)
    money = found.money_per_click[found.pairs.page[pair]]
    return Finding(
        kind=kind,
        engine=ENGINES[found.pairs.engine[pair]],
        page=page,
        query=query,
        impact=impact(*clicks, basis=basis, per_month=found.window.per_month, money_per_click=money),
        confidence=confidence,
        evidence=evidence,
        action=action,
        window=window,
        since=since,
    )
