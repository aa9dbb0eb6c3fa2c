"""Everything that can be found out about a shop's search data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Floats, Shop, Visits
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


@dataclass(frozen=True)
class Study:
    """Search data over a window, and what each detector finds in them, worked out when it is first asked for.

    Trends, the curve and the worth of a click look at 90 days, all else at the window.
    """

    pairs: Pairs
    visits: Visits
    window: Window

    @cached_property
    def curves(self) -> Curves:
        """How often results are clicked by position."""
        return curves(self.pairs, ending(self.pairs.through, CURVE_DAYS))

    @cached_property
    def landings(self) -> Landings:
        """Visits from search, by page."""
        return landings(self.visits, self.pairs.searches.pages, ending(self.pairs.through, CURVE_DAYS))

    @property
    def money_per_click(self) -> Floats:
        """By page, in minor units; NaN where no visits are known."""
        return self.landings.money_per_click

    @cached_property
    def decays(self) -> Decays:
        """Pairs that sink."""
        return decays(self.pairs)

    @cached_property
    def page_decays(self) -> Decays:
        """Pages that sink."""
        return page_decays(self.pairs)

    @cached_property
    def gaps(self) -> Gaps:
        """Pairs that are clicked too seldom."""
        return gaps(self.pairs, self.curves, self.window)

    @cached_property
    def striking(self) -> Striking:
        """Pairs in striking distance."""
        return striking(self.pairs, self.curves, self.window)

    @cached_property
    def rivals(self) -> Rivals:
        """Queries that pages share."""
        return rivals(self.pairs, self.money_per_click)

    @cached_property
    def comings(self) -> Comings:
        """Queries that came and went."""
        return comings(self.pairs, self.window)

    @cached_property
    def engines(self) -> Engines:
        """Google against Bing."""
        return engines(self.pairs, self.curves, self.window)


def shop_pairs(shop: Shop, *, terms: Sequence[str] = (), complete_through: np.datetime64 | None = None) -> Pairs:
    """The pairs of a shop; `terms` are what the shop is called beside its name and domain."""
    brand = asks_for_brand(shop.searches.queries, brand_terms(shop.name, shop.domain, terms))
    return paired(shop.searches, brand, whole_through(shop.last_day, complete_through))


def study(shop: Shop, pairs: Pairs, *, days: int = WINDOW_DAYS) -> Study:
    """The study of the window of `days` that ends on the last whole day."""
    return Study(pairs, shop.visits, ending(pairs.through, days))
