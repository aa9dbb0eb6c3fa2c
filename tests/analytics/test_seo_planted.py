"""The detectors against what is planted in the mock shop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.seo_detectors import Score, ours, planted, restless, scored, seasonal, start_errors, thumb
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.seo.study import Study, shop_pairs, study
from tillhand_mockshop.known import SearchTruth
from tillhand_mockshop.truths import truths


@pytest.fixture(scope="module")
def found(shop: Shop) -> Study:
    """All that the detectors find in the default shop."""
    return study(shop, shop_pairs(shop))


@pytest.fixture(scope="module")
def truth() -> SearchTruth:
    """What was planted in it."""
    return truths().search


def test_decays_are_found_and_little_else(found: Study, truth: SearchTruth) -> None:
    score = scored(ours(found)["decay"], planted(truth)["decay"])
    assert score.precision >= 0.8
    assert score.recall >= 0.8


def test_a_season_is_no_decay_and_a_rule_of_thumb_says_it_is(found: Study, truth: SearchTruth) -> None:
    assert seasonal(truth, ours(found)["decay"]) == Score(0, 0, len(truth.seasonal_only))
    assert seasonal(truth, thumb(found)["decay"]).found >= len(truth.seasonal_only) // 2


def test_the_day_from_which_a_page_sank_is_told_to_the_week(found: Study, truth: SearchTruth) -> None:
    missed, held = start_errors(found, truth)
    assert np.median(missed) <= 4
    assert np.mean(held) >= 0.6


def test_pages_that_take_turns_are_found(found: Study, truth: SearchTruth) -> None:
    score = scored(ours(found)["cannibalisation"], planted(truth)["cannibalisation"])
    assert score.precision >= 0.8
    assert score.recall >= 0.8
    real = {each.query: set(each.pages) for each in truth.cannibalised}
    searches, rivals = found.pairs.searches, found.rivals
    for place in np.flatnonzero(rivals.found):
        pages = {searches.pages[page] for page in rivals.page[place]}
        assert pages == real.get(searches.queries[rivals.query[place]], pages)


def test_results_that_are_clicked_too_seldom_are_found(found: Study, truth: SearchTruth) -> None:
    score = scored(ours(found)["ctr gap"], planted(truth)["ctr gap"])
    assert score.precision >= 0.8
    assert score.recall >= 0.8
    assert score.precision > scored(thumb(found)["ctr gap"], planted(truth)["ctr gap"]).precision


def test_results_in_striking_distance_are_found(found: Study, truth: SearchTruth) -> None:
    there = planted(truth)
    score = scored(ours(found)["striking distance"] - there["decay"], there["striking distance"])
    assert score.precision >= 0.8
    assert score.recall >= 0.9


@pytest.mark.parametrize(("device", "within"), [("mobile", 0.12), ("desktop", 0.12)])
def test_the_curve_is_the_planted_one_where_results_stand(
    found: Study, truth: SearchTruth, device: str, within: float
) -> None:
    group = found.curves.group(0, found.pairs.searches.devices.index(device), 0)
    positions = np.arange(2, 11, dtype=np.float64)
    rates = found.curves.rate(np.full(len(positions), group), positions)
    assert np.abs(rates / np.array(truth.ctr_curve[1:10]) - 1).max() < within


def test_missing_clicks_are_those_that_the_planted_curve_says(found: Study, truth: SearchTruth) -> None:
    gaps = found.gaps
    google = gaps.found & (found.pairs.engine == 0)
    assert gaps.missing[google] / gaps.expected[google] == pytest.approx([0.72] * int(google.sum()), abs=0.08)


def test_positions_that_wander_cost_decays_and_not_truth(shop: Shop, truth: SearchTruth) -> None:
    total = Score()
    for seed in (1, 2, 3):
        looked = restless(shop, truth, seed)
        total = total.plus(scored(ours(study(looked, shop_pairs(looked)))["decay"], planted(truth)["decay"]))
    assert total.precision >= 0.6
    assert total.recall >= 0.25


def test_days_that_are_not_whole_yet_change_nothing(shop: Shop) -> None:
    through = shop.last_day - np.timedelta64(3, "D")
    late = shop.searches.day > through
    searches = replace(
        shop.searches,
        impressions=np.where(late, shop.searches.impressions // 10, shop.searches.impressions),
        position=np.where(late, shop.searches.position * 3, shop.searches.position),
    )
    whole, half = (
        study(each, shop_pairs(each, complete_through=through)) for each in (shop, replace(shop, searches=searches))
    )
    assert ours(whole) == ours(half)
    assert np.array_equal(whole.gaps.seen.clicks, half.gaps.seen.clicks)
    assert whole.window.last_day == through
