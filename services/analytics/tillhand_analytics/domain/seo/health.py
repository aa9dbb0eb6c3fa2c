"""How pages do, and how much of what is within reach each gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import ENGINES, Floats, Ints
from tillhand_analytics.domain.seo.findings import Finding, Kind
from tillhand_analytics.domain.seo.pairs import Totals, summed, totals
from tillhand_analytics.domain.seo.study import Study

_REACHABLE: Final[frozenset[Kind]] = frozenset({"decay", "page_decay", "ctr_gap", "striking_distance"})
"""Findings whose clicks the page could have beside those that it has. Those of rivals are had by the site already."""


@dataclass(frozen=True, slots=True)
class Health:
    """By engine and page of pages that were shown in either window. `series` is engine times the pages plus the page.

    `missing` are the clicks a month that findings say are within reach, of each query the largest. `positions_lost` is
    of the trend of the whole page over 90 days, below 0 where it rises, NaN where too little was seen, and
    `trend_q_value` says how sure a decay is. `score` is 100 times the share of clicks within reach that the page gets:
    (clicks + 1) / (clicks + 1 + missing), both of a month; the one keeps pages without clicks from being judged by a
    fraction of one.
    """

    series: Ints
    before: Totals
    now: Totals
    queries: Ints
    findings: Ints
    missing: Floats
    positions_lost: Floats
    trend_q_value: Floats
    score: Floats


def health(found: Study, told: Sequence[Finding]) -> Health:
    """Figures of all pages, from the findings about them."""
    pairs, window = found.pairs, found.window
    pages = len(pairs.searches.pages)
    code, size = pairs.searches.engine * pages + pairs.searches.page, len(ENGINES) * pages
    before, now = totals(pairs, window.before, code, size), totals(pairs, window, code, size)
    seen = found.gaps.seen.impressions > 0
    queries = summed(pairs.engine * pages + pairs.page, seen.astype(np.int64), size).astype(np.int64)
    place = {page: number for number, page in enumerate(pairs.searches.pages)}
    owner = np.array([ENGINES.index(each.engine) * pages + place[each.page] for each in told], dtype=np.int64)
    missing = _missing(told, owner, size)
    lost, q_value = np.full(size, np.nan), np.full(size, np.nan)
    trend = found.page_decays
    lost[trend.series], q_value[trend.series] = trend.lost, trend.q_value
    clicks = now.clicks * window.per_month
    shown = np.flatnonzero(before.impressions + now.impressions > 0)
    return Health(
        series=shown,
        before=before.at(shown),
        now=now.at(shown),
        queries=queries[shown],
        findings=np.bincount(owner, minlength=size)[shown],
        missing=missing[shown],
        positions_lost=lost[shown],
        trend_q_value=q_value[shown],
        score=(100 * ((clicks + 1) / (clicks + 1 + missing)))[shown],
    )


def _missing(told: Sequence[Finding], owner: Ints, size: int) -> Floats:
    """Clicks within reach by page; where a query is told twice, the larger finding holds the smaller one."""
    largest: dict[tuple[int, str | None], float] = {}
    for each, page in zip(told, owner.tolist(), strict=True):
        if each.kind in _REACHABLE:
            key = (page, each.query)
            largest[key] = max(largest.get(key, 0.0), each.impact.clicks)
    pages = np.array([page for page, _ in largest], dtype=np.int64)
    return summed(pages, np.array(list(largest.values()), dtype=np.float64), size)
