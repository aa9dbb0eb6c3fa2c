"""Pages of one site that get into each other's way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.chance import q_values
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats, Ints
from tillhand_analytics.domain.seo.alternation import Alternation, DayByDay, alternation, day_by_day
from tillhand_analytics.domain.seo.pairs import Pairs, numbered, summed
from tillhand_analytics.domain.seo.windows import Window, ending

_PAGES: Final = 2


@dataclass(frozen=True, slots=True)
class RivalRule:
    """What counts as cannibalisation: two pages that share a query's impressions and take turns, not by chance."""

    days: int = 90
    min_impressions: int = 100
    min_share: float = 0.1
    min_turns: int = 4
    min_lead_share: float = 0.1
    false_discoveries: float = 0.05


@dataclass(frozen=True, slots=True)
class Rivals:
    """Queries of an engine and a country for which two pages have their share of impressions, a row each.

    `page`, `clicks`, `impressions`, `position` and `lead_days` have two columns, the page with more impressions first;
    `keep` is the column of the page to keep. `turns` counts how often the lead changed from one day to the next on
    which any was shown, `concentration` is the sum of squared shares of all pages (Herfindahl), `pages` how many have
    their share. `association` is the correlation of the two positions (or of the two impressions, where that is
    clearer), below 0 where one rises as the other falls. `found` names each query of an engine once.
    """

    window: Window
    engine: Ints
    country: Ints
    query: Ints
    page: Ints
    clicks: Ints
    impressions: Ints
    position: Floats
    lead_days: Ints
    pages: Ints
    concentration: Floats
    turns: Ints
    association: Floats
    q_value: Floats
    keep: Ints
    found: Bools

    @property
    def at_stake(self) -> Ints:
        """Clicks of the window that went to the page that is not to be kept."""
        other: Ints = self.clicks[np.arange(len(self.keep)), 1 - self.keep]
        return other


@dataclass(frozen=True, slots=True)
class _Market:
    """Rows of a window by market (an engine, a country and a query) and by entry (a page in a market)."""

    rows: Ints
    markets: Ints
    market: Ints
    entries: Ints
    entry: Ints

    def add(self, values: Ints | Floats) -> Floats:
        """Values of the rows, added up by entry."""
        return summed(self.entry, values, len(self.entries))


@dataclass(frozen=True, slots=True)
class _Shares:
    """The two main entries of each market that has two, how many have their share, and the sum of squared shares."""

    entry: Ints
    pages: Ints
    concentration: Floats


def rivals(pairs: Pairs, money_per_click: Floats | None = None, rule: RivalRule | None = None) -> Rivals:
    """Queries whose two main pages share the impressions, and which of them take turns.

    Both must lead on some days, the lead must change at least `min_turns` times (a page that replaces another changes
    it once), and as one rises the other must fall more often than chance has it, after Benjamini and Hochberg: what an
    engine shows together, such as sitelinks, rises and falls together. Queries for the shop itself are left out. The
    page to keep has more clicks; with `money_per_click` (by page), those that bring more money.
    """
    rule = rule or RivalRule()
    window, searches = ending(pairs.through, rule.days), pairs.searches
    sold = _market(pairs, window)
    shown = sold.add(searches.impressions[sold.rows])
    pages = max(len(searches.pages), 1)
    shares = _shares(sold.entries // pages, shown, rule, len(sold.markets))
    turning = alternation(_by_day(pairs, sold, shares.entry, window))
    q_value = q_values(turning.chance)
    engine, country, query = _parts(pairs, sold.markets[sold.entries[shares.entry[:, 0]] // pages])
    page, impressions = sold.entries[shares.entry] % pages, shown[shares.entry].astype(np.int64)
    clicks = sold.add(searches.clicks[sold.rows])[shares.entry].astype(np.int64)
    weighted = sold.add(searches.impressions[sold.rows] * searches.position[sold.rows])
    position = ratio(weighted, shown)[shares.entry]
    alternating = (q_value <= rule.false_discoveries) & _taking_turns(turning, rule)
    return Rivals(
        *(window, engine, country, query, page, clicks, impressions, position, turning.lead_days),
        *(shares.pages, shares.concentration, turning.turns, turning.association, q_value),
        keep=_keep(clicks, position, None if money_per_click is None else money_per_click[page]),
        found=_once(alternating, engine * max(len(searches.queries), 1) + query, impressions.sum(axis=1)),
    )


def _market(pairs: Pairs, window: Window) -> _Market:
    searches = pairs.searches
    rows = pairs.within(window)
    rows = rows[~pairs.brand[pairs.row[rows]]]
    pair = pairs.row[rows]
    countries, queries = max(len(searches.countries), 1), max(len(searches.queries), 1)
    key = (pairs.engine[pair] * countries + searches.country[rows]) * queries + pairs.query[pair]
    markets, market = numbered(key)
    entries, entry = numbered(market * max(len(searches.pages), 1) + pairs.page[pair])
    return _Market(rows, markets, market, entries, entry)


def _parts(pairs: Pairs, market: Ints) -> tuple[Ints, Ints, Ints]:
    """Engine, country and query of markets."""
    countries, queries = max(len(pairs.searches.countries), 1), max(len(pairs.searches.queries), 1)
    rest, query = np.divmod(market, queries)
    engine, country = np.divmod(rest, countries)
    return engine, country, query


def _shares(market: Ints, shown: Floats, rule: RivalRule, markets: int) -> _Shares:
    """Markets whose second page still has its share; entries come in the order of their markets."""
    whole = summed(market, shown, markets)
    share = shown / whole[market]
    pages = summed(market, (share >= rule.min_share).astype(np.int64), markets).astype(np.int64)
    order = np.lexsort((-shown, market))
    starts = np.searchsorted(market, np.arange(markets))
    chosen = np.flatnonzero((pages >= _PAGES) & (whole >= rule.min_impressions))
    first = starts[chosen]
    entry = np.stack([order[first], order[first + 1]], axis=1) if len(chosen) else np.zeros((0, 2), dtype=np.int64)
    return _Shares(entry, pages[chosen], summed(market, share**2, markets)[chosen])


def _by_day(pairs: Pairs, sold: _Market, chosen: Ints, window: Window) -> DayByDay:
    """The two pages of each candidate day by day; positions beside those of both pages on the same device."""
    searches = pairs.searches
    candidate, column = np.full(len(sold.entries), -1), np.zeros(len(sold.entries), dtype=np.int64)
    candidate[chosen] = np.arange(len(chosen))[:, None]
    column[chosen] = np.arange(_PAGES)[None, :]
    used = np.flatnonzero(candidate[sold.entry] >= 0)
    rows, entry = sold.rows[used], sold.entry[used]
    devices = max(len(searches.devices), 1)
    stratum = candidate[entry] * devices + searches.device[rows]
    shown, level = searches.impressions[rows], np.log(np.maximum(searches.position[rows], 1.0))
    size = len(chosen) * devices
    usual = ratio(summed(stratum, shown * level, size), summed(stratum, shown, size))
    day = pairs.day_in(window, rows)
    shape = (len(chosen), window.days)
    return day_by_day(candidate[entry], day, column[entry], shown, level - usual[stratum], shape)


def _taking_turns(turning: Alternation, rule: RivalRule) -> Bools:
    led = turning.lead_days.sum(axis=1)
    enough: Bools = turning.lead_days.min(axis=1) >= rule.min_lead_share * np.maximum(led, 1)
    return enough & (turning.turns >= rule.min_turns)


def _keep(clicks: Ints, position: Floats, money_per_click: Floats | None) -> Ints:
    """The column of the page with more money where that is known of both, else more clicks, else a better place."""
    worth = clicks.astype(np.float64)
    if money_per_click is not None:
        known = np.isfinite(money_per_click[:, 0] + money_per_click[:, 1])
        worth = np.where(known[:, None], clicks * np.nan_to_num(money_per_click), worth)
    second = np.where(worth[:, 1] == worth[:, 0], position[:, 1] < position[:, 0], worth[:, 1] > worth[:, 0])
    return np.asarray(second, dtype=np.int64)


def _once(found: Bools, query: Ints, impressions: Ints) -> Bools:
    """Of the countries in which a query was found, the one with the most impressions."""
    order = np.lexsort((-impressions, query, ~found))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = query[order][1:] != query[order][:-1]
    once = np.zeros(len(order), dtype=np.bool_)
    once[order[first]] = True
    return once & found
