"""Search rows hold what the truths say, and nothing that looks like it by accident."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from tillhand_mockshop.known import Truths
from tillhand_mockshop.model import SearchRow, Shop

PairRows = dict[tuple[str, str], list[SearchRow]]


@pytest.fixture(scope="module")
def rows(shop: Shop) -> PairRows:
    """Rows of Google in the main country, by page and query."""
    found: PairRows = defaultdict(list)
    for row in shop.search:
        if row.engine == "google" and row.country == "DE":
            found[row.page, row.query].append(row)
    return found


def _position(rows: list[SearchRow], first: date, last: date) -> float:
    chosen = [row for row in rows if first <= row.day <= last]
    return sum(row.position * row.impressions for row in chosen) / sum(row.impressions for row in chosen)


def _impressions(rows: list[SearchRow], first: date, last: date) -> int:
    return sum(row.impressions for row in rows if first <= row.day <= last)


def test_rows_are_possible(shop: Shop) -> None:
    assert 60_000 <= len(shop.search) <= 105_000
    assert {row.engine for row in shop.search} == {"google", "bing"}
    for row in shop.search:
        assert 0 <= row.clicks <= row.impressions
        assert row.impressions > 0
        assert row.position >= 1.0
        assert shop.first_day <= row.day <= shop.last_day
        assert row.page.startswith("https://brackenlane.example/")


def test_no_row_says_the_same_twice(shop: Shop) -> None:
    keys = {(row.engine, row.day, row.page, row.query, row.country, row.device) for row in shop.search}
    assert len(keys) == len(shop.search)


def test_decaying_pages_hold_until_their_day_and_sink_after_it(shop: Shop, truths: Truths, rows: PairRows) -> None:
    assert len(truths.search.decays) == 6
    for decay in truths.search.decays:
        own = rows[decay.page, decay.query]
        before = _position(own, shop.first_day, decay.first_day)
        after = _position(own, shop.last_day - timedelta(days=6), shop.last_day)
        assert before < 4.5
        assert after - before > 0.8 * decay.positions_lost
        middle = _position(own, decay.first_day - timedelta(days=28), decay.first_day)
        assert middle == pytest.approx(before, abs=0.3)


def test_rival_pages_take_turns(truths: Truths, rows: PairRows) -> None:
    assert len(truths.search.cannibalised) == 5
    for pair in truths.search.cannibalised:
        days: dict[date, dict[str, float]] = defaultdict(dict)
        for page in pair.pages:
            for row in rows[page, pair.query]:
                days[row.day].setdefault(page, row.position)
        ahead = [min(day, key=lambda page: day[page]) for day in days.values() if len(day) == 2]
        changes = sum(one != other for one, other in pairwise(ahead))
        assert changes > 80


def test_only_the_named_queries_have_two_pages(truths: Truths, rows: PairRows) -> None:
    pages: dict[str, set[str]] = defaultdict(set)
    for (page, query), own in rows.items():
        if sum(row.impressions for row in own) > 3000:
            pages[query].add(page)
    several = {query for query, found in pages.items() if len(found) > 1}
    assert several == {pair.query for pair in truths.search.cannibalised}


def test_pages_with_a_gap_are_clicked_too_seldom_and_others_are_not(truths: Truths, rows: PairRows) -> None:
    curve = truths.search.ctr_curve
    gaps = {(gap.page, gap.query) for gap in truths.search.ctr_gaps}
    assert len(gaps) == 6
    for pair, own in rows.items():
        shown = sum(row.impressions for row in own)
        position = sum(row.position * row.impressions for row in own) / shown
        if shown > 8000 and position < 7.0 and "bracken" not in pair[1]:
            expected = sum(row.impressions * curve[min(round(row.position), len(curve)) - 1] for row in own)
            assert (sum(row.clicks for row in own) / expected < 0.55) == (pair in gaps)


def test_queries_at_striking_distance_are_those_named(truths: Truths, shop: Shop, rows: PairRows) -> None:
    named = {(pair.page, pair.query) for pair in truths.search.striking}
    sinking = {(decay.page, decay.query) for decay in truths.search.decays}
    assert len(named) == 12
    found = set()
    for pair, own in rows.items():
        position = _position(own, shop.first_day, shop.last_day)
        if 8.0 <= position <= 15.0 and _impressions(own, shop.first_day, shop.last_day) > 5000:
            found.add(pair)
    assert found - sinking == named


def test_a_dip_of_the_season_leaves_the_position_alone(truths: Truths, shop: Shop, rows: PairRows) -> None:
    assert len(truths.search.seasonal_only) >= 5
    start = shop.last_day - timedelta(days=27)
    before = start - timedelta(days=28)
    rivals = {pair.query for pair in truths.search.cannibalised}
    for pair in truths.search.seasonal_only:
        own = rows[pair.page, pair.query]
        recent, earlier = (start, shop.last_day), (before, start - timedelta(days=1))
        assert _impressions(own, *recent) < 0.85 * _impressions(own, *earlier)
        if pair.query not in rivals:
            assert _position(own, *recent) == pytest.approx(_position(own, *earlier), rel=0.1)


def test_people_who_know_the_shop_find_it_first(rows: PairRows) -> None:
    own = rows["https://brackenlane.example/", "bracken lane"]
    assert sum(row.clicks for row in own) > 0.4 * sum(row.impressions for row in own)
    assert max(row.position for row in own) < 1.3
