"""From visits to purchases: how many go on at each step, where, and what those who leave would be worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from tillhand_analytics.domain.chance import two_shares
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Floats, Ints, Shop, Texts
from tillhand_analytics.domain.sales.counting import sums
from tillhand_analytics.domain.sales.windows import Window, place

Segment = Literal["all", "channel", "device", "country", "landing_page", "landing_kind"]
SEGMENTS: Final[tuple[Segment, ...]] = get_args(Segment)
STAGES: Final = ("sessions", "item_views", "add_to_carts", "checkouts", "purchases")
KINDS: Final = {"/products/": "product", "/collections/": "category", "/blogs/": "journal", "/pages/": "page"}
"""How the paths of a shop's pages begin."""


@dataclass(frozen=True, slots=True)
class Segments:
    """What each row of the visits belongs to."""

    keys: Texts
    of_row: Ints


@dataclass(frozen=True, slots=True)
class Flow:
    """Visits at each stage: `counts` has a row for each segment and a column for each of STAGES."""

    keys: Texts
    counts: Ints
    revenue_minor: Ints

    @property
    def whole(self) -> Ints:
        """The counts of all segments together."""
        total: Ints = self.counts.sum(axis=0)
        return total


def segmented(shop: Shop, by: Segment) -> Segments:
    """The rows of the visits by segment."""
    visits = shop.visits
    if by == "all":
        return Segments(("all",), np.zeros(len(visits.day), dtype=np.int64))
    if by == "landing_kind":
        kinds = [_kind(page) for page in visits.pages]
        keys = tuple(dict.fromkeys(kinds))
        of_page = np.array([keys.index(kind) for kind in kinds], dtype=np.int64)
        return Segments(keys, of_page[visits.page])
    keys, of_row = {
        "channel": (visits.channels, visits.channel),
        "device": (visits.devices, visits.device),
        "country": (visits.countries, visits.country),
        "landing_page": (visits.pages, visits.page),
    }[by]
    return Segments(keys, of_row)


def _kind(page: str) -> str:
    if page == "/":
        return "home"
    return next((kind for start, kind in KINDS.items() if page.startswith(start)), "other")


def flowed(shop: Shop, segments: Segments, asked: Window) -> Flow:
    """The visits of a window at each stage."""
    visits = shop.visits
    day = place(shop, visits.day)
    chosen = np.flatnonzero((day >= 0) & (day >= asked.first) & (day <= asked.last))
    of_row, groups = segments.of_row[chosen], len(segments.keys)
    stages = (visits.sessions, visits.item_views, visits.add_to_carts, visits.checkouts, visits.purchases)
    counts = np.stack([sums(of_row, stage[chosen], groups) for stage in stages], axis=1)
    return Flow(segments.keys, counts, sums(of_row, visits.revenue_minor[chosen], groups))


@dataclass(frozen=True, slots=True)
class Losses:
    """Where segments lose more than the rest, one row for each segment and stage.

    `stage` is the place of the stage that visitors leave from, `share` how many go on, `rest_share` how many do in all
    other segments. `lost_purchases` are what the missing share would bring at the later shares and order value of all;
    negative where the segment does better. `p_value` is that both shares are the same.
    """

    segment: Ints
    stage: Ints
    share: Floats
    rest_share: Floats
    lost_purchases: Floats
    lost_minor: Floats
    p_value: Floats


def losses(flow: Flow) -> Losses:
    """Compare each segment with all others, stage by stage."""
    from_here, to_next = flow.counts[:, :-1], flow.counts[:, 1:]
    whole = flow.whole
    others_here, others_next = whole[:-1] - from_here, whole[1:] - to_next
    share, rest = ratio(to_next, from_here), ratio(others_next, others_here)
    later = ratio(whole[-1:].repeat(len(STAGES) - 1), whole[1:])
    value = float(flow.revenue_minor.sum()) / max(int(whole[-1]), 1)
    purchases = np.nan_to_num((rest - share) * from_here * later)
    segment, stage = np.indices(from_here.shape)
    p_values = two_shares(*(each.ravel() for each in (to_next, from_here, others_next, others_here)))
    return Losses(
        segment.ravel().astype(np.int64),
        stage.ravel().astype(np.int64),
        share.ravel(),
        rest.ravel(),
        purchases.ravel(),
        (purchases * value).ravel(),
        p_values,
    )
