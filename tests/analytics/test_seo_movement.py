"""What came, what went, why clicks changed, and how engines and brand differ."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.searches import LAST, SITE, SearchLog, place_of
from tillhand_analytics.domain.seo.branding import branding
from tillhand_analytics.domain.seo.brands import asks_for_brand, brand_terms
from tillhand_analytics.domain.seo.curve import curves
from tillhand_analytics.domain.seo.daily import daily
from tillhand_analytics.domain.seo.engines import engines
from tillhand_analytics.domain.seo.movement import CAUSES, comings, movers
from tillhand_analytics.domain.seo.pairs import totals
from tillhand_analytics.domain.seo.windows import ending

AGO = np.arange(90)[::-1]
NOW, BEFORE = np.arange(28), np.arange(28, 56)
MONTH = ending(LAST, 28)
QUARTER = ending(LAST, 90)


def steady() -> SearchLog:
    return SearchLog().add("/steady", "pans", AGO, position=4.0, clicks=8)


def test_queries_that_appear_and_vanish_are_told_apart_from_chance() -> None:
    log = steady().add("/page", "came", NOW[:20], clicks=1).add("/page", "went", BEFORE[:20], clicks=1)
    log.add("/page", "once", NOW[:2])
    pairs = log.pairs()
    found = comings(pairs, MONTH)
    name = pairs.searches.queries
    assert [name[query] for query in np.flatnonzero(found.new)] == ["came"]
    assert [name[query] for query in np.flatnonzero(found.lost)] == ["went"]
    went = name.index("went")
    assert found.last_seen[went] == LAST - np.timedelta64(28, "D")
    assert found.before.clicks[went] == 20
    assert pairs.searches.pages[found.page[went]] == f"{SITE}/page"


def test_a_query_of_every_second_day_is_neither_new_nor_lost() -> None:
    pairs = steady().add("/page", "now and then", AGO[::2]).pairs()
    found = comings(pairs, MONTH)
    assert not found.new.any()
    assert not found.lost.any()


@pytest.mark.parametrize(
    ("shown", "position", "clicks", "cause"),
    [
        ((200, 50), (4.0, 4.0), (16, 4), "demand"),
        ((100, 100), (3.0, 9.0), (10, 3), "position"),
        ((100, 100), (4.0, 4.0), (16, 4), "click_rate"),
    ],
)
def test_why_clicks_changed(
    shown: tuple[int, int], position: tuple[float, float], clicks: tuple[int, int], cause: str
) -> None:
    log = SearchLog()
    for place in range(2, 14):
        log.add(f"/{place}", "pans", AGO, impressions=200, position=float(place), clicks=max(60 // place, 1))
    for days, each in ((BEFORE, 0), (NOW, 1)):
        log.add("/moved", "jars", days, impressions=shown[each], position=position[each], clicks=clicks[each])
    pairs = log.pairs()
    found = movers(pairs, curves(pairs, QUARTER), MONTH)
    moved = place_of(pairs, "/moved", "jars")
    assert found.found[moved]
    assert CAUSES[found.cause[moved]] == cause
    assert found.found.sum() == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 55), st.integers(1, 90), st.floats(1, 40)), min_size=1, max_size=40))
def test_the_causes_of_a_change_add_up_to_it(rows: list[tuple[int, int, float]]) -> None:
    log = SearchLog()
    for number, (ago, shown, position) in enumerate(rows):
        log.add(f"/{number % 5}", "pans", [ago], impressions=shown, position=position, clicks=shown // 7)
    pairs = log.pairs()
    found = movers(pairs, curves(pairs, QUARTER), MONTH)
    change = found.now.clicks - found.before.clicks
    assert found.demand + found.position + found.click_rate == pytest.approx(change, abs=1e-6)


def test_what_bing_ranks_and_google_does_not_is_a_chance_on_google() -> None:
    log = steady()
    log.add("/better", "jars", NOW, position=18.0).add("/better", "jars", NOW, position=3.0, engine="bing")
    log.add("/alike", "jars", NOW, position=5.0).add("/alike", "jars", NOW, position=5.5, engine="bing")
    log.add("/only", "jars", NOW, position=4.0, engine="bing")
    pairs = log.pairs()
    found = engines(pairs, curves(pairs, QUARTER), MONTH)
    pages = np.array([pairs.searches.pages[page].removeprefix(SITE) for page in found.page])
    assert set(pages[found.bing_ahead]) == {"/better", "/only"}
    assert set(pages[found.google_ahead]) == {"/steady"}
    better = int(np.flatnonzero(pages == "/better")[0])
    assert found.gap[better] == pytest.approx(15.0)
    assert found.gain[better] > 0
    assert np.isnan(found.gain[pages == "/only"]).all()


def test_the_shop_is_known_by_its_name_its_domain_and_what_else_it_is_called() -> None:
    terms = brand_terms("Bracken Lane", "www.brackenlane.example", ["B&L Goods"])
    assert terms == ("bracken lane", "brackenlane", "b l goods")
    asked = ("Bracken-Lane returns", "brackenlane", "brackenlanes", "lane bracken", "b&l goods sale", "Bräcken Lane")
    assert asks_for_brand(asked, terms).tolist() == [True, True, False, False, True, True]
    assert not asks_for_brand(asked, ()).any()


def test_a_term_is_text_and_no_pattern() -> None:
    assert asks_for_brand(("anything", "a b"), brand_terms("a.b", "")).tolist() == [False, True]


def test_brand_and_other_queries_have_the_sums_of_their_rows() -> None:
    log = (
        steady().add("/", "bracken", NOW, position=1.0, clicks=50).add("/", "bracken", BEFORE, position=1.0, clicks=20)
    )
    found = branding(log.pairs(brand=["bracken"]), MONTH)
    assert found.now.clicks.tolist() == [28 * 8, 28 * 50, 0, 0]
    assert found.before.clicks.tolist() == [28 * 8, 28 * 20, 0, 0]
    assert found.share[:2] == pytest.approx([8 / 58, 50 / 58])
    assert np.isnan(found.share[2:]).all()
    assert found.p_value[1] < 0.001 < found.p_value[0]
    assert found.queries.tolist() == [1, 1, 0, 0]


def test_days_add_up_to_their_window() -> None:
    pairs = steady().add("/steady", "jars", NOW[::3], clicks=2, position=9.0).pairs()
    clicks, shown, position = daily(pairs, MONTH, pairs.row, len(pairs))
    whole = totals(pairs, MONTH)
    assert clicks.sum(axis=1).tolist() == whole.clicks.tolist()
    assert shown.sum(axis=1).tolist() == whole.impressions.tolist()
    assert np.isnan(position[1]).sum() == 28 - len(NOW[::3])
