"""How search does, in one glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from tillhand_analytics.domain.seo.branding import branding
from tillhand_analytics.domain.seo.findings import KINDS, Finding, Kind
from tillhand_analytics.domain.seo.health import health
from tillhand_analytics.domain.seo.pairs import totals
from tillhand_analytics.domain.seo.study import Study
from tillhand_analytics.domain.seo.windows import Window


@dataclass(frozen=True, slots=True)
class Period:
    """Both engines together over a window; `ctr` and `position` are None without impressions."""

    first_day: date
    last_day: date
    clicks: int
    impressions: int
    ctr: float | None
    position: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """How many findings of a kind there are, and what they say is to be won a month."""

    findings: int
    clicks_month: float
    money_month_minor: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A window, the one before, and what was found. Shares are of the window's clicks, None without any."""

    now: Period
    before: Period
    brand_share: float | None
    bing_share: float | None
    pages: int
    queries: int
    score: float | None
    clicks_within_reach_month: float
    kinds: Mapping[Kind, Told]


def summary(found: Study, told: Sequence[Finding]) -> Summary:
    """Sums of all pages; `score` is that of a page that has them all."""
    pairs, window = found.pairs, found.window
    split, well = branding(pairs, window), health(found, told)
    clicks = split.now.clicks.reshape(-1, 2)
    whole = int(clicks.sum())
    now = found.gaps.seen.impressions > 0
    reach, month = float(well.missing.sum()), whole * window.per_month
    return Summary(
        now=_period(found, window),
        before=_period(found, window.before),
        brand_share=_share(clicks[:, 1].sum(), whole),
        bing_share=_share(clicks[1].sum(), whole),
        pages=len(np.unique(pairs.page[now])),
        queries=len(np.unique(pairs.query[now])),
        score=float(100 * ((month + 1) / (month + 1 + reach))) if now.any() else None,
        clicks_within_reach_month=reach,
        kinds={kind: _told([each for each in told if each.kind == kind]) for kind in KINDS},
    )


def _period(found: Study, window: Window) -> Period:
    every = np.zeros(len(found.pairs.row), dtype=np.int64)
    sums = totals(found.pairs, window, every, 1)
    shown, position = int(sums.impressions[0]), float(sums.position[0])
    first: date = window.first_day.astype("datetime64[D]").item()
    last: date = window.last_day.astype("datetime64[D]").item()
    return Period(
        *(first, last, int(sums.clicks[0]), shown),
        ctr=float(sums.ctr[0]) if shown else None,
        position=position if shown else None,
    )


def _share(part: float, whole: int) -> float | None:
    return float(part / whole) if whole else None


def _told(findings: Sequence[Finding]) -> Told:
    money = [each.impact.money_minor for each in findings if each.impact.money_minor is not None]
    return Told(len(findings), sum(each.impact.clicks for each in findings), round(sum(money)) if money else None)
