"""Everything that is found out about a shop's search data, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Floats, Shop
from tillhand_analytics.domain.seo.brands import asks_for_brand, brand_terms
from tillhand_analytics.domain.seo.curve import Curves, curves
from tillhand_analytics.domain.seo.decay import Decays, decays, page_decays
from tillhand_analytics.domain.seo.engines import Engines, engines
from tillhand_analytics.domain.seo.gaps import Gaps, gaps
from tillhand_analytics.domain.seo.movement import Comings, comings
from tillhand_analytics.domain.seo.pairs import Pairs, paired
from tillhand_analytics.domain.seo.rivals import Rivals, rivals
from tillhand_analytics.domain.seo.striking import Striking, striking
from tillhand_analytics.domain.seo.windows import Window, ending, whole_through
from tillhand_analytics.domain.seo.worth import Landings, landings

CURVE_DAYS: Final = 90
WINDOW_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class Study:
    """Search data with the curve and the visits that all findings rest on, and what was found, by detector."""

    pairs: Pairs
    window: Window
    curves: Curves
    landings: Landings
    decays: Decays
    page_decays: Decays
    gaps: Gaps
    striking: Striking
    rivals: Rivals
    comings: Comings
    engines: Engines

    @property
    def money_per_click(self) -> Floats:
        """By page, in minor units; NaN where no visits are known."""
        return self.landings.money_per_click


def shop_pairs(shop: Shop, *, terms: Sequence[str] = (), complete_through: np.datetime64 | None = None) -> Pairs:
    """The pairs of a shop; `terms` are what the shop is called beside its name and domain."""
    brand = asks_for_brand(shop.searches.queries, brand_terms(shop.name, shop.domain, terms))
    return paired(shop.searches, brand, whole_through(shop.last_day, complete_through))


def study(shop: Shop, pairs: Pairs, *, days: int = WINDOW_DAYS) -> Study:
    """Run all detectors over the window of `days` that ends on the last whole day; trends look at 90 days."""
    window = ending(pairs.through, days)
    curve = curves(pairs, ending(pairs.through, CURVE_DAYS))
    landed = landings(shop.visits, shop.searches.pages, ending(pairs.through, CURVE_DAYS))
    return Study(
        pairs=pairs,
        window=window,
        curves=curve,
        landings=landed,
        decays=decays(pairs),
        page_decays=page_decays(pairs),
        gaps=gaps(pairs, curve, window),
        striking=striking(pairs, curve, window),
        rivals=rivals(pairs, landed.money_per_click),
        comings=comings(pairs, window),
        engines=engines(pairs, curve, window),
    )
