"""What chance alone would bring."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tillhand_analytics.domain.chance import as_few, changed, poisson_interval, q_values, rates, two_shares, wilson

CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@settings(max_examples=40)
@given(CHANCES)
def test_false_discoveries_are_held_as_scipy_holds_them(chances: list[float]) -> None:
    assert np.allclose(q_values(np.array(chances)), stats.false_discovery_control(chances))


@settings(max_examples=40)
@given(CHANCES, st.integers(1, 20))
def test_what_was_not_tested_makes_no_test_weaker(chances: list[float], untested: int) -> None:
    q = q_values(np.array([*chances, *[np.nan] * untested]))
    assert np.allclose(q[: len(chances)], q_values(np.array(chances)))
    assert np.isnan(q[len(chances) :]).all()


def test_what_was_left_out_counts_among_the_tests() -> None:
    assert q_values(np.array([0.001]), 40)[0] == pytest.approx(0.04)


def test_what_has_many_rows_is_one_family_and_nothing_is_none() -> None:
    chances = np.random.default_rng(1).random((3, 7))
    assert np.array_equal(q_values(chances), q_values(chances.ravel()).reshape(3, 7))
    assert np.isnan(q_values(np.full((2, 3), np.nan))).all()
    assert q_values(np.empty((0, 3))).shape == (0, 3)


def test_wilson_intervals_are_those_of_the_paper() -> None:
    low, high = wilson(np.array([0, 5, 10, 8, 3, 2]), np.array([10, 10, 10, 10, 0, 1]))
    assert low[:4] == pytest.approx([0.0, 0.236593, 0.722467, 0.490162], abs=1e-6)
    assert high[:4] == pytest.approx([0.277533, 0.763407, 1.0, 0.943318], abs=1e-6)
    assert np.isnan(low[4:]).all()


def test_the_same_share_is_no_difference_and_nothing_is_compared_with_nothing() -> None:
    p_values = two_shares(
        np.array([5, 50, 1, 0]), np.array([10, 100, 0, 7]), *(np.array(x) for x in ([50, 90, 1, 0], [100, 100, 5, 9]))
    )
    assert p_values[0] == pytest.approx(1)
    assert p_values[1] < 1e-8
    assert list(p_values[2:]) == [1, 1]


@settings(max_examples=40)
@given(st.integers(0, 500), st.floats(0.1, 400))
def test_without_dispersion_few_clicks_are_those_of_a_poisson(count: int, mean: float) -> None:
    assert as_few(np.array([count]), np.array([mean]))[0] == pytest.approx(stats.poisson.cdf(count, mean), abs=1e-9)


def test_where_pages_differ_anyway_few_clicks_are_less_of_a_surprise() -> None:
    few, mean = np.array([40]), np.array([100.0])
    chances = [as_few(few, mean, dispersion)[0] for dispersion in (0.0, 0.05, 0.2, 0.5)]
    assert chances == sorted(chances)
    assert chances[0] < 1e-9
    assert chances[-1] > 0.05


def test_a_dispersed_count_has_the_chance_that_drawing_gives_it() -> None:
    random = np.random.default_rng(4)
    drawn = random.poisson(30 * np.exp(random.normal(0, 0.4, 400_000)))
    assert as_few(np.array([15]), np.array([30.0]), 0.16)[0] == pytest.approx((drawn <= 15).mean(), abs=0.003)


@settings(max_examples=40)
@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.1, 0.9))
def test_a_change_has_the_chance_of_the_binomial_tails(before: int, now: int, share: float) -> None:
    total = before + now
    tails = min(stats.binom.cdf(now, total, share), stats.binom.sf(now - 1, total, share))
    got = changed(np.array([before]), np.array([now]), share)[0]
    assert got == pytest.approx(min(2 * tails, 1.0), abs=1e-9)


def test_bounds_of_a_count_are_garwoods() -> None:
    low, high = poisson_interval(np.array([0, 10]), 0.95)
    assert low.tolist() == pytest.approx([0.0, 4.7954], abs=1e-3)
    assert high.tolist() == pytest.approx([3.6889, 18.3904], abs=1e-3)


@settings(max_examples=40)
@given(st.integers(0, 1000), st.floats(0.1, 1000), st.floats(0.5, 100))
def test_a_rate_lies_between_its_bounds_and_between_what_was_seen_and_what_was_thought(
    count: int, due: float, prior: float
) -> None:
    mean, low, high = rates(np.array([count]), np.array([due]), prior, 0.9)
    assert low[0] < mean[0] < high[0]
    assert min(1.0, count / due) - 1e-9 <= mean[0] <= max(1.0, count / due) + 1e-9
