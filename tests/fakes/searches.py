"""Search rows of a test's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tillhand_analytics.domain.records import ENGINES, Engine, Floats, Ints, Searches
from tillhand_analytics.domain.seo.pairs import Pairs, paired

LAST = np.datetime64("2026-06-30")
SITE = "https://shop.example"


@dataclass
class SearchLog:
    """Collects rows; days are counted back from `LAST`, 0 being that day itself."""

    rows: list[tuple[str, np.datetime64, str, str, str, str, int, int, float]] = field(default_factory=list)

    def add(
        self,
        page: str,
        query: str,
        days_ago: Sequence[int] | Ints,
        *,
        impressions: int | Sequence[int] | Ints = 100,
        position: float | Sequence[float] | Floats = 5.0,
        clicks: int | Sequence[int] | Ints = 0,
        engine: Engine = "google",
        country: str = "DE",
        device: str = "mobile",
    ) -> SearchLog:
        """One row for each day."""
        count = len(days_ago)
        columns = zip(
            *(np.broadcast_to(each, count).tolist() for each in (days_ago, impressions, position, clicks)), strict=True
        )
        for ago, shown, place, clicked in columns:
            day = LAST - np.timedelta64(ago, "D")
            self.rows.append((engine, day, SITE + page, query, country, device, clicked, shown, place))
        return self

    def searches(self) -> Searches:
        """As columns."""
        engines, days, pages, queries, countries, devices, clicks, impressions, positions = (
            zip(*self.rows, strict=True) if self.rows else [()] * 9
        )
        page_texts, page = _numbered(pages)
        query_texts, query = _numbered(queries)
        country_texts, country = _numbered(countries)
        device_texts, device = _numbered(devices)
        return Searches(
            *(page_texts, query_texts, country_texts, device_texts),
            engine=np.array([ENGINES.index(engine) for engine in engines], dtype=np.int64),
            day=np.array(days, dtype="datetime64[D]"),
            page=page,
            query=query,
            country=country,
            device=device,
            clicks=np.array(clicks, dtype=np.int64),
            impressions=np.array(impressions, dtype=np.int64),
            position=np.array(positions, dtype=np.float64),
        )

    def pairs(self, brand: Sequence[str] = (), through: np.datetime64 = LAST) -> Pairs:
        """Paired; `brand` are the queries that ask for the shop."""
        searches = self.searches()
        return paired(searches, np.array([query in brand for query in searches.queries], dtype=np.bool_), through)


def place_of(pairs: Pairs, page: str, query: str, engine: Engine = "google") -> int:
    """The place of a pair."""
    searches = pairs.searches
    wanted = (
        (pairs.page == searches.pages.index(SITE + page))
        & (pairs.query == searches.queries.index(query))
        & (pairs.engine == ENGINES.index(engine))
    )
    return int(np.flatnonzero(wanted)[0])


def _numbered(texts: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    names = tuple(dict.fromkeys(texts))
    return names, np.array([names.index(text) for text in texts], dtype=np.int64)
