"""Searches for the shop itself against all others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.chance import changed
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import ENGINES, Floats, Ints
from tillhand_analytics.domain.seo.pairs import Pairs, Totals, totals
from tillhand_analytics.domain.seo.windows import Window


@dataclass(frozen=True, slots=True)
class Branding:
    """By engine times two, plus one for queries that ask for the shop: two windows compared.

    `share` is that of the engine's clicks in the window, NaN where it had none; `p_value` is of the chance that clicks
    of one rate differ as much between the windows.
    """

    before: Totals
    now: Totals
    queries: Ints
    share: Floats
    p_value: Floats


def branding(pairs: Pairs, window: Window) -> Branding:
    """Brand and other queries of each engine."""
    kind = pairs.engine * 2 + pairs.brand
    size = 2 * len(ENGINES)
    code = kind[pairs.row]
    before, now = totals(pairs, window.before, code, size), totals(pairs, window, code, size)
    queries = max(len(pairs.searches.queries), 1)
    rows = pairs.within(window)
    asked = np.unique(code[rows] * queries + pairs.searches.query[rows]) // queries
    both = np.repeat(now.clicks.reshape(-1, 2).sum(axis=1), 2)
    return Branding(
        before=before,
        now=now,
        queries=np.bincount(asked, minlength=size),
        share=ratio(now.clicks, both),
        p_value=changed(before.clicks, now.clicks),
    )
