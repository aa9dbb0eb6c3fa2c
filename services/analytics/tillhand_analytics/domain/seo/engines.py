"""The same pages and queries on Google and on Bing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats, Ints
from tillhand_analytics.domain.seo.curve import Curves
from tillhand_analytics.domain.seo.pairs import Pairs, Totals, totals
from tillhand_analytics.domain.seo.windows import Window


@dataclass(frozen=True, slots=True)
class EngineRule:
    """Impressions below which an engine does not know a pair, and the positions that count as ranking and as not."""

    min_impressions: int = 20
    ranks_until: float = 10.0
    least_gap: float = 3.0


@dataclass(frozen=True, slots=True)
class Engines:
    """Pairs of a page and a query with what each engine shows of them.

    `gap` is Google's position less Bing's, above 0 where Bing ranks the page better. `bing_ahead` are chances on
    Google: Bing has the page among its first places, and Google shows it further behind or seldom; `google_ahead` the
    other way round. `gain` are Google's clicks of the window at Bing's position, by the curve, NaN without impressions
    on Google.
    """

    page: Ints
    query: Ints
    google: Totals
    bing: Totals
    gap: Floats
    bing_ahead: Bools
    google_ahead: Bools
    gain: Floats


def engines(pairs: Pairs, curves: Curves, window: Window, rule: EngineRule | None = None) -> Engines:
    """Compare the two engines pair by pair over a window; pairs that neither showed are left out."""
    rule = rule or EngineRule()
    searches = pairs.searches
    queries = max(len(searches.queries), 1)
    keys, both = np.unique(pairs.page * queries + pairs.query, return_inverse=True)
    google, bing = (
        totals(pairs, window, np.where(searches.engine == engine, both[pairs.row], -1), len(keys)) for engine in (0, 1)
    )
    page, query = np.divmod(keys, queries)
    gap = google.position - bing.position
    on_google, on_bing = (each.impressions >= rule.min_impressions for each in (google, bing))
    ranks_google, ranks_bing = (each.position <= rule.ranks_until for each in (google, bing))
    return Engines(
        *(page, query, google, bing, gap),
        bing_ahead=on_bing & ranks_bing & (~on_google | (gap >= rule.least_gap)),
        google_ahead=on_google & ranks_google & (~on_bing | (gap <= -rule.least_gap)),
        gain=_gain(pairs, curves, google, bing, query),
    )


def _gain(pairs: Pairs, curves: Curves, google: Totals, bing: Totals, query: Ints) -> Floats:
    """More clicks on Google at Bing's place, by the curve of the device with the most clicks."""
    brand_queries = np.zeros(max(len(pairs.searches.queries), 1), dtype=np.int64)
    brand_queries[pairs.query] = pairs.brand
    group = curves.group(0, curves.main_device, brand_queries[query])
    here = curves.rate(group, np.nan_to_num(google.position, nan=1.0))
    there = curves.rate(group, np.nan_to_num(bing.position, nan=1.0))
    known = np.isfinite(google.position) & np.isfinite(bing.position)
    return np.where(known, google.impressions * np.maximum(there - here, 0.0), np.nan)


def share_of_clicks(google: Totals, bing: Totals) -> Floats:
    """Bing's share of the clicks of both, NaN where there were none."""
    return ratio(bing.clicks, google.clicks + bing.clicks)
