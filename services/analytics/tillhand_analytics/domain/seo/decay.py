"""Results that sink: positions that rise day by day, whatever the season asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tillhand_analytics.domain.chance import q_values
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Days, Floats, Ints
from tillhand_analytics.domain.seo.bends import Bends, bends
from tillhand_analytics.domain.seo.pairs import Pairs, numbered, summed
from tillhand_analytics.domain.seo.slopes import Observations, Slopes, slopes
from tillhand_analytics.domain.seo.windows import Window, ending

_SATURATED: Final = 10.0
"""Impressions at which chance in a day's mean position is as large as what days differ by anyway."""
_HISTORY: Final = 2


@dataclass(frozen=True, slots=True)
class DecayRule:
    """What counts as decay: seen often enough, further than `least_share` deeper and not by chance, and by enough."""

    days: int = 90
    min_days_seen: int = 21
    min_impressions: int = 100
    least_share: float = 0.2
    least_positions: float = 1.0
    false_discoveries: float = 0.05
    confidence: float = 0.9


@dataclass(frozen=True, slots=True)
class Decays:
    """Series that were judged (pairs, or pages of an engine): where each stood, where it stands, how sure that is.

    `series` names them: places among the pairs, or engine times the number of pages plus the page. `before` and `now`
    are fitted positions: where it sinks, of the level before and of the last day, otherwise of the first and the last
    day of `window`. `lost_low` and `lost_high` bound their difference by the error of the trend. `began` is the day
    from which it sank, between `began_low` and `began_high`, NaT for what was not found.
    """

    window: Window
    series: Ints
    impressions: Ints
    days: Ints
    before: Floats
    now: Floats
    lost_low: Floats
    lost_high: Floats
    q_value: Floats
    found: Bools
    began: Days
    began_low: Days
    began_high: Days

    @property
    def lost(self) -> Floats:
        """Positions lost."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class _Grouping:
    """Which series and which stratum each search row belongs to."""

    series: Ints
    stratum: Ints
    size: int


def decays(pairs: Pairs, rule: DecayRule | None = None) -> Decays:
    """Pairs that sink, by the trend of the logarithm of their position within each country and device.

    Clicks and impressions only weigh the days: a season that takes them away is no decay. A minimum-effect test (the
    slope against one of `least_share` over the window), Benjamini and Hochberg across all pairs, and an estimate of at
    least `least_positions`.
    """
    strata = int(pairs.stratum.max(initial=0)) + 1
    return _decays(pairs, _Grouping(pairs.row, pairs.row * strata + pairs.stratum, len(pairs)), rule or DecayRule())


def page_decays(pairs: Pairs, rule: DecayRule | None = None) -> Decays:
    """Pages that sink, with a level of their own for each query, country and device."""
    searches = pairs.searches
    pages, strata = len(searches.pages), int(pairs.stratum.max(initial=0)) + 1
    series = searches.engine * pages + searches.page
    return _decays(pairs, _Grouping(series, pairs.row * strata + pairs.stratum, 2 * pages), rule or DecayRule())


def _decays(pairs: Pairs, by: _Grouping, rule: DecayRule) -> Decays:
    window, searches = ending(pairs.through, rule.days), pairs.searches
    rows = pairs.within(window)
    impressions = summed(by.series[rows], searches.impressions[rows], by.size).astype(np.int64)
    series = np.flatnonzero(impressions >= rule.min_impressions)
    seen = _observed(pairs, by, series, window)
    trend = slopes(replace(seen, value=np.log(seen.value)))
    last = rule.days - 1
    least = np.log1p(rule.least_share) / max(last, 1)
    q_value = q_values(np.where(trend.days >= rule.min_days_seen, trend.rising(least), np.nan))
    before, now = _ends(trend, last)
    found = (q_value <= rule.false_discoveries) & (now - before >= rule.least_positions)
    bent, began = _bent(pairs, by, series[found], rule)
    before[found], now[found] = bent.before, bent.now
    margin = ratio(trend.margin(rule.confidence), np.abs(trend.slope))
    low, day, high = (_spread(days, found) for days in began)
    return Decays(
        *(window, series, impressions[series], trend.days, before, now),
        lost_low=(now - before) * (1 - margin),
        lost_high=(now - before) * (1 + margin),
        q_value=q_value,
        found=found,
        began=day,
        began_low=low,
        began_high=high,
    )


def _ends(trend: Slopes, last: int) -> tuple[Floats, Floats]:
    """Positions on the first and the last day, of a line through the mean day; none is before the first place."""
    first = np.maximum(trend.level - trend.slope * trend.mean_day, 0.0)
    return np.exp(first), np.exp(np.maximum(trend.level + trend.slope * (last - trend.mean_day), 0.0))


def _observed(pairs: Pairs, by: _Grouping, series: Ints, window: Window) -> Observations:
    """The rows of some series, which are numbered anew."""
    searches = pairs.searches
    place = np.full(by.size, -1)
    place[series] = np.arange(len(series))
    rows = pairs.within(window)
    rows = rows[place[by.series[rows]] >= 0]
    _, stratum = numbered(by.stratum[rows])
    shown = searches.impressions[rows]
    return Observations(
        series=place[by.series[rows]],
        stratum=stratum,
        day=pairs.day_in(window, rows),
        value=np.maximum(searches.position[rows], 1.0),
        weight=shown / (shown + _SATURATED),
        size=len(series),
        days=window.days,
    )


def _bent(pairs: Pairs, by: _Grouping, sinking: Ints, rule: DecayRule) -> tuple[Bends, tuple[Days, Days, Days]]:
    """How the series that were found bend, looked for in twice the days, and the days of it with their bounds."""
    window = ending(pairs.through, _HISTORY * rule.days)
    bent = bends(_observed(pairs, by, sinking, window))
    low, day, high = (window.first_day + each for each in (bent.low, bent.day, bent.high))
    return bent, (day, low, high)


def _spread(days: Days, found: Bools) -> Days:
    """Days of the found series among all."""
    among = np.full(len(found), np.datetime64("NaT"), dtype="datetime64[D]")
    among[found] = days
    return among
