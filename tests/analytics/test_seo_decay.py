"""Results that sink, and what only looks like it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.searches import LAST, SITE, SearchLog, place_of
from tillhand_analytics.domain.records import Floats
from tillhand_analytics.domain.seo.decay import DecayRule, Decays, decays, page_decays
from tillhand_analytics.domain.seo.pairs import Pairs

AGO = np.arange(180)[::-1]
"""Half a year, the first day first."""


def noise(seed: int, share: float = 0.05) -> Floats:
    return np.exp(np.random.default_rng(seed).normal(0, share, len(AGO)))


def found(pairs: Pairs, rule: DecayRule | None = None) -> set[str]:
    """The pages that sink."""
    sunk = decays(pairs, rule)
    return {pairs.searches.pages[pairs.page[pair]].removeprefix(SITE) for pair in sunk.series[sunk.found]}


def of(sunk: Decays, series: int) -> int:
    return int(np.flatnonzero(sunk.series == series)[0])


def sinking(start_ago: int, lost: float, before: float = 3.0) -> Floats:
    return before + lost * np.maximum(start_ago - AGO, 0) / start_ago


def test_a_page_that_sinks_is_found_with_where_it_stood_and_since_when() -> None:
    log = SearchLog().add("/sinks", "jars", AGO, position=sinking(60, 6.0) * noise(1))
    log.add("/stays", "pans", AGO, position=4 * noise(2))
    pairs = log.pairs()
    sunk = decays(pairs)
    assert found(pairs) == {"/sinks"}
    place = of(sunk, place_of(pairs, "/sinks", "jars"))
    assert sunk.before[place] == pytest.approx(3.0, abs=0.4)
    assert sunk.now[place] == pytest.approx(9.0, abs=0.9)
    assert sunk.lost_low[place] <= 6.0 <= sunk.lost_high[place]
    assert abs((sunk.began[place] - (LAST - np.timedelta64(60, "D"))).astype(int)) <= 7
    assert np.isnat(sunk.began[of(sunk, place_of(pairs, "/stays", "pans"))])


def test_impressions_and_clicks_that_fall_with_the_season_are_no_decay() -> None:
    shown = np.linspace(900, 30, len(AGO)).astype(int)
    log = SearchLog().add("/sledges", "sledge", AGO, impressions=shown, clicks=shown // 10, position=4 * noise(3))
    assert found(log.pairs()) == set()


def test_a_page_that_rises_is_no_decay() -> None:
    log = SearchLog().add("/rises", "pans", AGO, position=sinking(60, 6.0)[::-1] * noise(4))
    assert found(log.pairs()) == set()


def test_a_fall_too_small_to_act_on_is_no_decay() -> None:
    log = SearchLog().add("/barely", "pans", AGO, position=sinking(80, 0.4, 5.0) * noise(5, 0.01))
    assert found(log.pairs()) == set()


def test_more_impressions_on_the_device_where_it_stands_worse_are_no_decay() -> None:
    log = SearchLog()
    log.add("/mixed", "pans", AGO, impressions=np.linspace(200, 10, 180).astype(int), position=2 * noise(6))
    log.add(
        *("/mixed", "pans", AGO),
        impressions=np.linspace(10, 200, 180).astype(int),
        position=9 * noise(7),
        device="desktop",
    )
    assert found(log.pairs()) == set()


def test_what_comes_after_the_last_whole_day_does_not_count() -> None:
    position = np.where(AGO < 3, 40.0, 4.0) * noise(8)
    log = SearchLog().add("/late", "pans", AGO, position=position)
    pairs = log.pairs(through=LAST - np.timedelta64(3, "D"))
    assert decays(pairs).window.last_day == LAST - np.timedelta64(3, "D")
    assert decays(pairs).now.max() < 6


def test_what_was_seen_on_few_days_is_not_judged() -> None:
    log = SearchLog().add("/rare", "pans", AGO[-15:], position=np.linspace(2, 12, 15))
    sunk = decays(log.pairs())
    assert not sunk.found.any()
    assert np.isnan(sunk.q_value).all()


def test_a_whole_page_sinks_where_each_query_is_too_rare_to_tell() -> None:
    random = np.random.default_rng(9)
    log = SearchLog()
    for query in range(40):
        some = np.sort(random.choice(90, 16, replace=False))[::-1]
        position = (4 + query % 5) * (1 + (90 - some) / 90) * np.exp(random.normal(0, 0.2, len(some)))
        log.add("/many", f"query {query}", some, impressions=3, position=position)
    pairs = log.pairs()
    assert found(pairs) == set()
    sunk = page_decays(pairs)
    assert sunk.found.tolist() == [True]
    assert sunk.now[0] > 1.5 * sunk.before[0]


def test_a_new_query_that_ranks_worse_does_not_make_a_page_sink() -> None:
    log = SearchLog().add("/page", "old", AGO, position=3 * noise(10))
    log.add("/page", "new", np.arange(30)[::-1], position=30.0)
    assert not page_decays(log.pairs()).found.any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(1, 40), st.floats(0.01, 0.15))
def test_noise_around_one_place_is_hardly_ever_a_decay_of_a_site(seed: int, place: float, share: float) -> None:
    random = np.random.default_rng(seed)
    log = SearchLog()
    for page in range(6):
        log.add(f"/{page}", "pans", AGO[-90:], position=np.maximum(place * np.exp(random.normal(0, share, 90)), 1.0))
    assert found(log.pairs()) == set()
