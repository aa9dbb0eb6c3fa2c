"""Search rows by engine, page and query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats, Ints, Searches
from tillhand_analytics.domain.seo.windows import Window

_TABLE_SHARE: Final = 16
_TABLE_SPACE: Final = 1_000_000
"""Up to this many keys and so many for each row, a table of all keys is faster than sorting those that occur."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of a page and a query of an engine; `row` names the pair of each search row.

    `engine`, `page`, `query` and `brand` are by pair, the first three as places in `records.ENGINES`, in
    `searches.pages` and in `searches.queries`. `day` is the day of each row as a number, counted from 1970; `through`
    is the last whole day of the data. `shown` are the rows with impressions and a position by day, which all figures
    are made of, `shown_day` their days.
    """

    searches: Searches
    through: np.datetime64
    day: Ints
    row: Ints
    engine: Ints
    page: Ints
    query: Ints
    brand: Bools
    shown: Ints
    shown_day: Ints

    def __len__(self) -> int:
        return len(self.page)

    def within(self, window: Window) -> Ints:
        """The rows of a window that were shown at all."""
        first = int(window.first_day.astype("datetime64[D]").astype(np.int64))
        start, end = np.searchsorted(self.shown_day, [first, first + window.days])
        return self.shown[start:end]

    def day_in(self, window: Window, rows: Ints) -> Ints:
        """Days of rows, counted from the first of the window."""
        return self.day[rows] - int(window.first_day.astype("datetime64[D]").astype(np.int64))

    @property
    def stratum(self) -> Ints:
        """Country and device of each row as one number: positions are only comparable within one."""
        return self.searches.country * max(len(self.searches.devices), 1) + self.searches.device


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over rows. `position` is the mean weighted by impressions, NaN where there were none; `days` those seen."""

    clicks: Ints
    impressions: Ints
    position: Floats
    days: Ints

    @property
    def ctr(self) -> Floats:
        """Clicks for each impression, NaN where there were none."""
        return ratio(self.clicks, self.impressions)

    def at(self, places: Ints) -> Totals:
        """Some of them."""
        return Totals(self.clicks[places], self.impressions[places], self.position[places], self.days[places])


def paired(searches: Searches, brand_queries: Bools, through: np.datetime64) -> Pairs:
    """The pairs of all rows; `brand_queries` says which queries ask for the shop itself."""
    pages, queries = max(len(searches.pages), 1), max(len(searches.queries), 1)
    keys, row = numbered((searches.engine * pages + searches.page) * queries + searches.query)
    engine, rest = np.divmod(keys, pages * queries)
    page, query = np.divmod(rest, queries)
    day = searches.day.astype("datetime64[D]").astype(np.int64)
    shown = np.flatnonzero((searches.impressions > 0) & np.isfinite(searches.position))
    if (day[shown][1:] < day[shown][:-1]).any():
        shown = shown[np.argsort(day[shown], kind="stable")]
    return Pairs(searches, through, day, row, engine, page, query, brand_queries[query], shown, day[shown])


def numbered(keys: Ints) -> tuple[Ints, Ints]:
    """The different keys in order, and the place of each key among them; keys are not negative."""
    space = int(keys.max(initial=-1)) + 1
    if space > _TABLE_SHARE * len(keys) + _TABLE_SPACE:
        different, place = np.unique(keys, return_inverse=True)
        return different, place.astype(np.int64)
    held = np.zeros(space, dtype=np.bool_)
    held[keys] = True
    different = np.flatnonzero(held)
    number = np.empty(space, dtype=np.int64)
    number[different] = np.arange(len(different))
    return different, number[keys]


def summed(codes: Ints, values: Ints | Floats, size: int) -> Floats:
    """Values added up by code, from 0 to `size` - 1."""
    return np.asarray(np.bincount(codes, weights=values, minlength=size), dtype=np.float64)


def totals(pairs: Pairs, window: Window, codes: Ints | None = None, size: int | None = None) -> Totals:
    """Sums over the rows of a window, by pair or by the given code of each row; codes of -1 are left out."""
    searches = pairs.searches
    code = pairs.row if codes is None else codes
    length = len(pairs) if size is None else size
    rows = pairs.within(window)
    rows = rows[code[rows] >= 0]
    code, shown = code[rows], searches.impressions[rows]
    impressions = summed(code, shown, length)
    weighted = summed(code, shown * searches.position[rows], length)
    return Totals(
        clicks=summed(code, searches.clicks[rows], length).astype(np.int64),
        impressions=impressions.astype(np.int64),
        position=ratio(weighted, impressions),
        days=_distinct_days(code, pairs.day_in(window, rows), window.days, length),
    )


def _distinct_days(code: Ints, day: Ints, days: int, size: int) -> Ints:
    seen, _ = numbered(code * days + day)
    return np.bincount(seen // days, minlength=size)
