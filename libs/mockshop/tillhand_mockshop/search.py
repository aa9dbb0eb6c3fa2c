"""The search rows: what the planned pairs brought each day, by engine, country and device."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import fsum
from random import Random
from typing import Final

from tillhand_mockshop.dice import dice, pick, waiting
from tillhand_mockshop.known import Cannibalised, Decay, PageQuery, SearchTruth
from tillhand_mockshop.model import Device, Engine, SearchRow
from tillhand_mockshop.search_plan import Pair
from tillhand_mockshop.seasons import season_factor

# The share of impressions that is clicked at position 1, 2, 3 and so on; behind the last one it falls as 1 / position.
CTR_CURVE: Final = (0.28, 0.155, 0.105, 0.073, 0.053, 0.041, 0.032, 0.026, 0.021, 0.017, 0.012, 0.0105, 0.0095, 0.0085)
_BRAND_CTR: Final = 0.52
_GAP: Final = 0.28
_TURN: Final = 0.35
_BEHIND: Final = 3.0
_FOLLOWER: Final = 0.6
_FOUR_WEEKS: Final = 28
_DIP: Final = 0.75
_WEEK: Final = (1.04, 1.02, 1.0, 0.98, 0.93, 0.96, 1.07)


@dataclass(frozen=True, slots=True)
class _Place:
    """An engine, a country and a device, and the share of a pair's impressions that is seen there."""

    engine: Engine
    country: str
    device: Device
    share: float
    chance: float


_MOBILE: Final = _Place("google", "DE", "mobile", 0.55, 1.0)
_DESKTOP: Final = _Place("google", "DE", "desktop", 0.35, 0.3)
_OTHERS: Final = (
    _Place("bing", "DE", "desktop", 0.07, 0.22),
    _Place("google", "AT", "mobile", 0.09, 0.14),
    _Place("google", "DE", "tablet", 0.03, 0.06),
    _Place("google", "NL", "mobile", 0.05, 0.05),
    _Place("bing", "DE", "mobile", 0.03, 0.05),
    _Place("google", "FR", "desktop", 0.04, 0.04),
    _Place("google", "GB", "desktop", 0.04, 0.04),
)
_SELDOM: Final = (_MOBILE, _MOBILE, _MOBILE, _DESKTOP, _DESKTOP, *_OTHERS[:3])


def _ctr_table() -> tuple[float, ...]:
    """The curve by tenths of a position, straight between whole ones."""
    last = len(CTR_CURVE)
    table = []
    for tenth in range(1001):
        position = max(tenth / 10, 1.0)
        if position >= last:
            table.append(CTR_CURVE[-1] * last / position)
            continue
        whole = int(position)
        before, after = CTR_CURVE[whole - 1], CTR_CURVE[whole]
        table.append(before + (after - before) * (position - whole))
    return tuple(table)


_CTR: Final = _ctr_table()


class _Leads:
    """Which of two rival pages is ahead on each day, by query."""

    def __init__(self, random: Random, days: int) -> None:
        self._random = random
        self._days = days
        self._ahead: dict[str, tuple[bool, ...]] = {}

    def ahead(self, pair: Pair) -> tuple[bool, ...]:
        """Whether this page is ahead, day by day."""
        if pair.query not in self._ahead:
            first, turns = True, []
            for _ in range(self._days):
                first = first != (self._random.random() < _TURN)
                turns.append(first)
            self._ahead[pair.query] = tuple(turns)
        turns_of_first = self._ahead[pair.query]
        return turns_of_first if pair.page < pair.rival else tuple(not turn for turn in turns_of_first)


def _course(pair: Pair, leads: _Leads, days: int) -> tuple[Sequence[float], Sequence[float]]:
    """The position and the share of usual impressions of each day."""
    positions, shares = [pair.position] * days, [1.0] * days
    if pair.role == "decay":
        span = max(days - 1 - pair.since, 1)
        for day in range(pair.since, days):
            positions[day] += pair.positions_lost * (day - pair.since) / span
    if pair.role == "rival":
        for day, ahead in enumerate(leads.ahead(pair)):
            if not ahead:
                positions[day] += _BEHIND
                shares[day] = _FOLLOWER
    return positions, shares


def _clicked(pair: Pair) -> float:
    """What the usual share of clicks is multiplied by."""
    return _GAP if pair.role == "gap" else 1.0


def _daily(
    random: Random, pair: Pair, place: _Place, dates: Sequence[date], factors: Sequence[float], leads: _Leads
) -> list[tuple[int, SearchRow]]:
    positions, shares = _course(pair, leads, len(dates))
    rate, times, draw = pair.impressions * place.share, _clicked(pair), random.random
    fixed = _BRAND_CTR if pair.role == "brand" else 0.0
    page, query, engine, country, device = pair.page, pair.query, place.engine, place.country, place.device
    rows = []
    for day, factor in enumerate(factors):
        shown = int(rate * factor * shares[day] * (0.78 + 0.44 * draw()) + draw())
        if shown:
            position = round(max(positions[day] * (0.95 + 0.1 * draw()), 1.0), 2)
            expected = shown * (fixed or _CTR[int(position * 10)] * times) * (0.75 + 0.5 * draw())
            clicks = min(int(expected + draw()), shown)
            rows.append((day, SearchRow(engine, dates[day], page, query, country, device, clicks, shown, position)))
    return rows


def _seldom(random: Random, pair: Pair, dates: Sequence[date], sums: Sequence[float]) -> list[tuple[int, SearchRow]]:
    """Rows of a pair that is shown now and then, one to three times on such a day."""
    rows = []
    clock, draw = waiting(random, pair.impressions), random.random
    last = -1
    while clock < sums[-1]:
        day = bisect_right(sums, clock) - 1
        if day != last:
            place = pick(random, _SELDOM)
            shown = 1 + int(draw() * draw() * 4)
            position = round(max(pair.position * (0.8 + 0.4 * draw()), 1.0), 2)
            clicks = min(int(shown * _CTR[int(position * 10)] + draw()), shown)
            row = SearchRow(
                *(place.engine, dates[day], pair.page, pair.query, place.country, place.device, clicks, shown, position)
            )
            rows.append((day, row))
        last = day
        clock += waiting(random, pair.impressions)
    return rows


def _places(random: Random, pair: Pair) -> list[_Place]:
    """Where a pair is seen; whatever is to be found out is seen on mobiles and desktops."""
    told = pair.role != "usual"
    desktop = [_DESKTOP] if told or random.random() < _DESKTOP.chance else []
    return [_MOBILE, *desktop, *(place for place in _OTHERS if random.random() < place.chance)]


def search_rows(
    seed: int, heads: Sequence[Pair], tails: Sequence[Pair], dates: Sequence[date]
) -> tuple[SearchRow, ...]:
    """All rows, by day."""
    random = dice(seed, "search")
    leads = _Leads(dice(seed, "search leads"), len(dates))
    seasons = sorted({pair.season for pair in (*heads, *tails)})
    factors = {season: [season_factor(season, day) * _WEEK[day.weekday()] for day in dates] for season in seasons}
    sums = {season: tuple(accumulate(values, initial=0.0)) for season, values in factors.items()}
    by_day: list[list[SearchRow]] = [[] for _ in dates]
    for pair in heads:
        for place in _places(random, pair):
            for day, row in _daily(random, pair, place, dates, factors[pair.season], leads):
                by_day[day].append(row)
    for pair in tails:
        for day, row in _seldom(random, pair, dates, sums[pair.season]):
            by_day[day].append(row)
    return tuple(row for rows in by_day for row in rows)


def _dips(pair: Pair, dates: Sequence[date]) -> bool:
    """Whether the season alone takes a quarter or more between the last two periods of four weeks."""
    factors = [season_factor(pair.season, day) for day in dates[-2 * _FOUR_WEEKS :]]
    return len(factors) == 2 * _FOUR_WEEKS and fsum(factors[_FOUR_WEEKS:]) <= _DIP * fsum(factors[:_FOUR_WEEKS])


def search_truth(heads: Sequence[Pair], dates: Sequence[date]) -> SearchTruth:
    """What the planned pairs have been given."""
    rivals = {pair.query: tuple(sorted((pair.page, pair.rival))) for pair in heads if pair.role == "rival"}
    return SearchTruth(
        decays=tuple(
            Decay(pair.page, pair.query, dates[pair.since], pair.positions_lost)
            for pair in heads
            if pair.role == "decay"
        ),
        cannibalised=tuple(Cannibalised(query, (pages[0], pages[1])) for query, pages in rivals.items()),
        ctr_gaps=tuple(PageQuery(pair.page, pair.query) for pair in heads if pair.role == "gap"),
        striking=tuple(PageQuery(pair.page, pair.query) for pair in heads if pair.role == "striking"),
        seasonal_only=tuple(
            PageQuery(pair.page, pair.query) for pair in heads if pair.role != "decay" and _dips(pair, dates)
        ),
        ctr_curve=CTR_CURVE,
    )
