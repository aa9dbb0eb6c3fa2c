"""Results that are nearly seen: a few places better, and they would be clicked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.chance import rates
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats
from tillhand_analytics.domain.seo.curve import Curves
from tillhand_analytics.domain.seo.gaps import expected_clicks
from tillhand_analytics.domain.seo.pairs import Pairs, Totals, totals
from tillhand_analytics.domain.seo.windows import Window

LEAST_DISPERSION: Final = 0.01
"""No two titles are clicked quite alike: the spread of rates is never taken to be below a tenth."""


@dataclass(frozen=True, slots=True)
class StrikingRule:
    """Which positions count, how many impressions a month, and where a result could be."""

    best_position: float = 4.0
    worst_position: float = 20.0
    core_best: float = 8.0
    core_worst: float = 15.0
    min_impressions_month: float = 100.0
    target_position: float = 3.0
    confidence: float = 0.9


@dataclass(frozen=True, slots=True)
class Striking:
    """By pair, over the window: clicks to be gained at the target position, with bounds; `core` are the likeliest.

    `now` are the clicks to be expected where it is, `there` those at the target position, both by the curve and by how
    the pair is clicked beside it. All but `seen` is NaN for what was not found.
    """

    seen: Totals
    now: Floats
    there: Floats
    gain: Floats
    low: Floats
    high: Floats
    found: Bools
    core: Bools


def striking(pairs: Pairs, curves: Curves, window: Window, rule: StrikingRule | None = None) -> Striking:
    """Pairs between the best and the worst position of the rule that are shown often enough, brand queries apart.

    The gain is what the curve says for the same impressions at the target position less what it says where they are,
    times how the pair is clicked beside the curve (gamma prior by the spread between pages, which bounds it too).
    """
    rule = rule or StrikingRule()
    seen, expected = totals(pairs, window), expected_clicks(pairs, curves, window)
    shift = np.minimum(ratio(np.full(len(pairs), rule.target_position), np.nan_to_num(seen.position)), 1.0)
    target = expected_clicks(pairs, curves, window, np.nan_to_num(shift, nan=1.0))
    often = seen.impressions * window.per_month >= rule.min_impressions_month
    within = (seen.position >= rule.best_position) & (seen.position <= rule.worst_position)
    found = often & within & ~pairs.brand
    core = found & (seen.position >= rule.core_best) & (seen.position <= rule.core_worst)
    prior = 1 / max(curves.dispersion, LEAST_DISPERSION)
    own = np.full((3, len(pairs)), np.nan)
    own[:, found] = rates(seen.clicks[found], expected[found], prior, rule.confidence)
    gain, low, high = own * np.maximum(target - expected, 0.0)
    return Striking(seen, expected * own[0], target * own[0], gain, low, high, found, core)
