"""Results that are clicked less than others at their position."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.chance import as_few, poisson_interval, q_values
from tillhand_analytics.domain.records import Bools, Floats
from tillhand_analytics.domain.seo.curve import Curves
from tillhand_analytics.domain.seo.pairs import Pairs, Totals, summed, totals
from tillhand_analytics.domain.seo.windows import Window


@dataclass(frozen=True, slots=True)
class GapRule:
    """What counts as a gap: enough to judge by, far enough below, and not by chance."""

    min_impressions: int = 100
    min_expected_clicks: float = 5.0
    most_of_expected: float = 0.7
    false_discoveries: float = 0.05
    confidence: float = 0.9


@dataclass(frozen=True, slots=True)
class Gaps:
    """By pair: what was clicked and what the curve says for the positions of its rows, both over the window.

    `low` and `high` bound `missing` (clicks of the window) by chance in the clicks; they and `q_value` are NaN where
    too little was seen.
    """

    seen: Totals
    expected: Floats
    missing: Floats
    low: Floats
    high: Floats
    q_value: Floats
    found: Bools


def expected_clicks(
    pairs: Pairs, curves: Curves, window: Window, shift: Floats | None = None, among: Bools | None = None
) -> Floats:
    """What the curve says for each pair over a window, row by row.

    `shift` multiplies the positions of each pair; pairs that are not `among` those asked for get 0.
    """
    searches = pairs.searches
    rows = pairs.within(window)
    if among is not None:
        rows = rows[among[pairs.row[rows]]]
    pair = pairs.row[rows]
    position = searches.position[rows] if shift is None else searches.position[rows] * shift[pair]
    group = curves.group(pairs.engine[pair], searches.device[rows], pairs.brand[pair].astype(np.int64))
    return summed(pair, searches.impressions[rows] * curves.rate(group, position), len(pairs))


def gaps(pairs: Pairs, curves: Curves, window: Window, rule: GapRule | None = None) -> Gaps:
    """Pairs whose clicks are fewer than the curve and the spread between pages explain.

    Each pair is tested by a Poisson whose mean varies as it does between the site's own pages (lognormal), the share of
    false discoveries is held by Benjamini and Hochberg, and only pairs below `most_of_expected` of the curve count.
    """
    rule = rule or GapRule()
    seen, expected = totals(pairs, window), expected_clicks(pairs, curves, window)
    judged = (seen.impressions >= rule.min_impressions) & (expected >= rule.min_expected_clicks)
    chances = np.full(len(pairs), np.nan)
    chances[judged] = as_few(seen.clicks[judged], expected[judged], curves.dispersion)
    q_value = q_values(chances)
    low, high = np.full((2, len(pairs)), np.nan)
    low[judged], high[judged] = poisson_interval(seen.clicks[judged], rule.confidence)
    return Gaps(
        seen=seen,
        expected=expected,
        missing=expected - seen.clicks,
        low=expected - high,
        high=expected - low,
        q_value=q_value,
        found=(q_value <= rule.false_discoveries) & (seen.clicks <= rule.most_of_expected * expected),
    )
