"""The curve of clicks by position, what falls short of it, and what could be won along it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.searches import LAST, SearchLog, place_of
from tillhand_analytics.domain.records import Floats
from tillhand_analytics.domain.seo.curve import Curves, curves
from tillhand_analytics.domain.seo.gaps import gaps
from tillhand_analytics.domain.seo.striking import StrikingRule, striking
from tillhand_analytics.domain.seo.windows import ending

AGO = np.arange(90)[::-1]
MONTH = ending(LAST, 28)
QUARTER = ending(LAST, 90)


def usual(position: Floats) -> Floats:
    """How a made site is clicked."""
    return 0.3 * position**-1.1


def site(*, dip: float = 1.0, device: str = "mobile", level: float = 1.0, seed: int = 1) -> SearchLog:
    """Pages at positions 1 to 30 that follow one curve; the one at 3 is clicked `dip` times as often."""
    random = np.random.default_rng(seed)
    log = SearchLog()
    for place in (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30):
        position = np.maximum(place * np.exp(random.normal(0, 0.03, 90)), 1.0)
        share = level * usual(position) * (dip if place == 3 else 1.0)
        clicks = random.poisson(200 * share)
        log.add(f"/{place}", "jars", AGO, impressions=200, position=position, clicks=clicks, device=device)
    return log


def rate(curve: Curves, position: float, *, device: int = 0, brand: int = 0, engine: int = 0) -> float:
    return float(curve.rate(np.array([curve.group(engine, device, brand)]), np.array([position]))[0])


@pytest.mark.parametrize("position", [1.0, 1.7, 2.0, 3.0, 5.0, 9.0, 14.0, 30.0])
def test_the_curve_is_that_of_the_site(position: float) -> None:
    assert rate(curves(site().pairs(), QUARTER), position) == pytest.approx(usual(np.array(position)), rel=0.2)


def test_a_page_that_is_far_off_does_not_pull_the_curve() -> None:
    assert rate(curves(site(dip=0.2).pairs(), QUARTER), 3.0) == pytest.approx(usual(np.array(3.0)), rel=0.15)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_worse_position_is_never_clicked_more_whatever_was_seen(seed: int) -> None:
    random = np.random.default_rng(seed)
    log = SearchLog()
    for page in range(8):
        shown = random.integers(1, 500, 20)
        clicks = random.binomial(shown, random.uniform(0, 1))
        log.add(f"/{page}", "jars", AGO[:20], impressions=shown, position=random.uniform(1, 60), clicks=clicks)
    curve = curves(log.pairs(), QUARTER)
    positions = np.linspace(1, 120, 300)
    for group in range(curve.levels.shape[0]):
        rates = curve.rate(np.full(len(positions), group), positions)
        assert (np.diff(rates) <= 1e-12).all()
        assert ((rates >= 0) & (rates <= 1)).all()


def test_devices_and_searches_for_the_shop_have_curves_of_their_own() -> None:
    log = site()
    log.rows += site(device="desktop", level=0.5, seed=2).rows
    log.add("/", "bracken", AGO, impressions=200, position=1.0, clicks=130)
    curve = curves(log.pairs(brand=["bracken"]), QUARTER)
    assert rate(curve, 4.0, device=1) == pytest.approx(0.5 * rate(curve, 4.0), rel=0.1)
    assert rate(curve, 1.0, brand=1) == pytest.approx(0.65, rel=0.05)
    assert rate(curve, 1.0) == pytest.approx(0.3, rel=0.1)
    assert curve.main_device == 0


def test_an_engine_that_was_never_clicked_has_the_curve_of_all() -> None:
    log = site().add("/3", "jars", AGO[:3], impressions=2, engine="bing")
    curve = curves(log.pairs(), QUARTER)
    assert rate(curve, 6.0, engine=1) == pytest.approx(rate(curve, 6.0), rel=0.1)


def test_what_falls_short_of_the_curve_is_found_with_the_clicks_that_are_missing() -> None:
    pairs = site(dip=0.3).pairs()
    found = gaps(pairs, curves(pairs, QUARTER), MONTH)
    place = place_of(pairs, "/3", "jars")
    assert np.flatnonzero(found.found).tolist() == [place]
    due = 28 * 200 * usual(np.array(3.0))
    assert found.low[place] < 0.7 * due < found.high[place]
    assert found.missing[place] == pytest.approx(0.7 * due, rel=0.15)


def test_a_site_that_follows_its_curve_has_no_gaps() -> None:
    pairs = site().pairs()
    assert not gaps(pairs, curves(pairs, QUARTER), MONTH).found.any()


def test_where_pages_differ_anyway_one_that_is_a_little_below_is_no_gap() -> None:
    random = np.random.default_rng(3)
    log = SearchLog()
    for page in range(40):
        position = float(random.uniform(2, 9))
        clicks = random.poisson(200 * usual(np.array(position)) * np.exp(random.normal(0, 0.5)), 90)
        log.add(f"/{page}", "jars", AGO, impressions=200, position=position, clicks=clicks)
    pairs = log.pairs()
    curve = curves(pairs, QUARTER)
    assert curve.dispersion == pytest.approx(0.25, abs=0.15)
    assert gaps(pairs, curve, MONTH).found.sum() <= 1


def test_striking_distance_knows_its_positions_and_what_could_be_won() -> None:
    log = site()
    log.add("/brand", "bracken", AGO, position=10.0).add("/seldom", "rare", AGO[:2], impressions=1, position=10.0)
    pairs = log.pairs(brand=["bracken"])
    found = striking(pairs, curves(pairs, QUARTER), MONTH)
    pages = pairs.searches.pages
    core = {pages[page].rsplit("/", 1)[1] for page in pairs.page[found.core]}
    assert {"10", "12"} <= core <= {"8", "10", "12", "15"}
    assert {"2", "3", "30", "brand", "seldom"}.isdisjoint(pages[p].rsplit("/", 1)[1] for p in pairs.page[found.found])
    place = place_of(pairs, "/10", "jars")
    more = 28 * 200 * (usual(np.array(3.0)) - usual(np.array(10.0)))
    assert found.gain[place] == pytest.approx(more, rel=0.2)
    assert found.low[place] < found.gain[place] < found.high[place]


def test_who_stands_before_the_target_gains_nothing_by_it() -> None:
    pairs = site().pairs()
    found = striking(pairs, curves(pairs, QUARTER), MONTH, StrikingRule(best_position=1.0, target_position=3.0))
    assert found.gain[place_of(pairs, "/2", "jars")] == 0
