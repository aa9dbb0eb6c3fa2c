"""Pages that take turns, and pages that only stand side by side."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fakes.searches import SITE, SearchLog
from tillhand_analytics.domain.records import Floats
from tillhand_analytics.domain.seo.pairs import Pairs
from tillhand_analytics.domain.seo.rivals import Rivals, rivals

AGO = np.arange(90)[::-1]
WEEKS = (AGO // 7) % 2 == 0
"""Weeks in which the first page is ahead, in turn."""


def noise(seed: int, share: float = 0.05) -> Floats:
    return np.exp(np.random.default_rng(seed).normal(0, share, len(AGO)))


def queries(found: Rivals, pairs: Pairs) -> list[str]:
    return [pairs.searches.queries[query] for query in found.query[found.found]]


def turning(*, query: str = "jars", country: str = "DE", seed: int = 1) -> SearchLog:
    """Two pages that change places every week."""
    log = SearchLog()
    ahead, behind = 3 * noise(seed), 7 * noise(seed + 1)
    clicks, fewer = np.where(WEEKS, 12, 4), np.where(WEEKS, 3, 9)
    log.add("/one", query, AGO, position=np.where(WEEKS, ahead, behind), clicks=clicks, country=country)
    return log.add("/two", query, AGO, position=np.where(WEEKS, behind, ahead), clicks=fewer, country=country)


def test_pages_that_change_places_every_week_are_told_once() -> None:
    log = turning()
    log.rows += turning(country="AT", seed=5).rows[: 2 * 90]
    pairs = log.pairs()
    found = rivals(pairs)
    assert queries(found, pairs) == ["jars"]
    place = int(np.flatnonzero(found.found)[0])
    assert found.turns[place] == 12
    assert found.association[place] < -0.8
    assert found.lead_days[place].sum() == 90
    assert found.concentration[place] == pytest.approx(0.5)
    assert pairs.searches.pages[found.page[place, found.keep[place]]] == f"{SITE}/one"
    assert found.at_stake[place] == np.where(WEEKS, 3, 9).sum()


def test_a_page_that_is_swapped_for_another_and_back_is_found_though_they_never_meet() -> None:
    log = SearchLog().add("/one", "jars", AGO[WEEKS]).add("/two", "jars", AGO[~WEEKS])
    pairs = log.pairs()
    assert queries(rivals(pairs), pairs) == ["jars"]


def test_sitelinks_rise_and_fall_together_and_are_no_rivals() -> None:
    together = 3 * noise(3, 0.3)
    log = SearchLog().add("/one", "jars", AGO, position=together * noise(4, 0.02))
    log.add("/two", "jars", AGO, position=together * noise(5, 0.02))
    assert not rivals(log.pairs()).found.any()


def test_a_page_that_always_stands_behind_is_no_rival() -> None:
    log = SearchLog().add("/one", "jars", AGO, position=3 * noise(6)).add("/two", "jars", AGO, position=8 * noise(7))
    assert not rivals(log.pairs()).found.any()


def test_a_page_that_replaces_another_is_no_rival() -> None:
    log = SearchLog().add("/old", "jars", AGO[:45]).add("/new", "jars", AGO[45:])
    assert not rivals(log.pairs()).found.any()


def test_pages_for_different_countries_are_no_rivals() -> None:
    log = SearchLog().add("/de", "jars", AGO[WEEKS], country="DE").add("/fr", "jars", AGO[~WEEKS], country="FR")
    assert not rivals(log.pairs()).found.any()


def test_searches_for_the_shop_itself_are_left_out() -> None:
    assert len(rivals(turning(query="bracken lane").pairs(brand=["bracken lane"])).found) == 0


def test_the_page_to_keep_is_the_one_that_brings_more_money() -> None:
    pairs = turning().pairs()
    worth = np.where(np.array(pairs.searches.pages) == f"{SITE}/two", 900.0, 100.0)
    found = rivals(pairs, worth)
    place = int(np.flatnonzero(found.found)[0])
    assert pairs.searches.pages[found.page[place, found.keep[place]]] == f"{SITE}/two"
    unknown = rivals(pairs, np.where(worth > 500, np.nan, worth))
    assert pairs.searches.pages[unknown.page[place, unknown.keep[place]]] == f"{SITE}/one"


def test_noise_between_equals_is_no_rivalry() -> None:
    log = SearchLog()
    for query in range(30):
        log.add("/one", f"query {query}", AGO, position=4 * noise(100 + query, 0.1))
        log.add("/two", f"query {query}", AGO, position=4 * noise(200 + query, 0.1))
    assert rivals(log.pairs()).found.sum() <= 1
