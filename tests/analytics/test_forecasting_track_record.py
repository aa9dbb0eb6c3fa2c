"""How forecasts have done: backtests, intervals, the choice of a model, and sums that agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.files import SHARED
from tillhand_analytics.commands import evaluate_forecasts
from tillhand_analytics.domain.forecasting.backtest import Backtest, backtest, rolling
from tillhand_analytics.domain.forecasting.choosing import chosen, leader, record
from tillhand_analytics.domain.forecasting.conformal import ByCounts, interval, measured
from tillhand_analytics.domain.forecasting.models import NAIVE, SEASONAL_NAIVE, Menu, Model, demand_menu, season_menu
from tillhand_analytics.domain.forecasting.reconciliation import Levels, Variances, bottom_up, reconciled
from tillhand_analytics.domain.records import Floats

M4 = SHARED / "forecast/m4"
WEEKDAYS = np.array([1.0, 2, 3, 4, 5, 9, 8])


def weekly(seed: int, count: int = 40, steps: int = 196) -> Floats:
    """Counts with a strong week."""
    return np.random.default_rng(seed).poisson(np.resize(WEEKDAYS, steps), (count, steps)).astype(np.float64)


def tried(panel: Floats, horizon: int = 7, origins: int = 8, menu: Menu | None = None) -> Backtest:
    return backtest(panel, menu or demand_menu(7), horizon, rolling(horizon, origins), period=1)


def test_a_backtest_knows_nothing_of_what_came_later() -> None:
    panel = weekly(1)
    changed = panel.copy()
    changed[:, -21:] = 1_000.0
    before, after = tried(panel, origins=6), tried(changed, origins=6)
    for name in before.forecasts:
        np.testing.assert_array_equal(before.forecasts[name][3:], after.forecasts[name][3:])
    np.testing.assert_array_equal(before.came[3:], after.came[3:])
    assert (after.came[:3] == 1_000.0).all()


def test_models_that_learn_across_series_know_no_later_step_either() -> None:
    panel = weekly(2, count=30, steps=150)
    changed = panel.copy()
    changed[:, -12:] *= 50
    menu = season_menu(12).only(["pooled"])
    before, after = (tried(each, horizon=6, origins=3, menu=menu) for each in (panel, changed))
    np.testing.assert_array_equal(before.forecasts["pooled"][2], after.forecasts["pooled"][2])


def test_a_week_is_found_and_beats_the_naive_forecast() -> None:
    choice = chosen(tried(weekly(3)))
    assert choice.beats_naive
    assert choice.model in {"seasonal_average", "seasonal_average+ses+tsb"}
    assert [each.owa for each in choice.standings] == sorted(each.owa for each in choice.standings)


def test_a_random_walk_is_left_to_the_naive_forecast() -> None:
    walk = np.cumsum(np.random.default_rng(4).normal(0, 1, (60, 200)), axis=1) + 500
    menu = Menu((*demand_menu(7).models[:2], Model("mean", demand_menu(7).models[2].forecast)), {})
    choice = chosen(tried(walk, menu=menu))
    assert (choice.model, choice.beats_naive) == (NAIVE, False)


def test_nothing_leads_that_loses_to_a_naive_forecast() -> None:
    walk = np.cumsum(np.random.default_rng(5).normal(0, 1, (20, 196)), axis=1) + 300
    lost = leader(record(tried(walk, menu=demand_menu(7).only([NAIVE, "moving_average"]))))
    assert (lost.model, lost.beats_naive, lost.against_naive) == (NAIVE, False, 1.0)
    assert "none that loses to a naive forecast" in lost.reason
    won = leader(record(tried(weekly(5, 20))))
    assert won.model not in {NAIVE, SEASONAL_NAIVE}
    assert won.beats_naive
    assert won.against_naive < 1
    assert f"{won.against_naive:.2f} times" in won.reason


def test_series_too_short_to_judge_are_left_to_the_season_and_say_so() -> None:
    panel = weekly(6, count=3)
    panel[:, :-20] = np.nan
    found = leader(record(tried(panel)))
    assert (found.model, found.beats_naive) == (SEASONAL_NAIVE, False)
    assert "Too short" in found.reason
    with pytest.raises(ValueError, match="No naive forecast"):
        leader(record(tried(weekly(6), menu=demand_menu(7).only(["ses"]))))


def test_sums_over_the_horizon_leave_out_what_is_not_known() -> None:
    panel = weekly(9, count=4)
    panel[0, -2:], panel[1, -6:] = np.nan, np.nan
    days = tried(panel)
    sums = days.summed()
    assert sums.came[0, 0, 0] == pytest.approx(panel[0, -7:-2].sum())
    assert np.isnan(sums.came[0, 1, 0]), "less than half is known"
    assert sums.forecasts[NAIVE][0, 0, 0] == pytest.approx(days.forecasts[NAIVE][0, 0, :5].sum())
    assert sums.horizon == 1
    assert days.since(2).origins == days.origins[2:]
    np.testing.assert_array_equal(days.of(slice(1, 3)).came, days.came[:, 1:3])


def test_counts_are_as_uncertain_as_they_are_large() -> None:
    random = np.random.default_rng(10)
    mean = np.repeat([0.02, 0.4, 9.0], 200)
    panel = random.poisson(mean[:, None], (600, 204)).astype(np.float64)
    panel, later = panel[:, :196], panel[:, 196:]
    tries = tried(panel, menu=demand_menu(7).only([NAIVE, "moving_average"]), horizon=8).summed()
    ahead = demand_menu(7).forecasts(panel, 8)["moving_average"].sum(axis=1, keepdims=True)
    classes = np.repeat([0, 1, 2], 200)
    ends = interval(tries, "moving_average", ahead, 0.9, classes, ByCounts(np.ones(600)))
    came = later.sum(axis=1, keepdims=True)
    held = (came >= np.floor(ends.low)) & (came <= np.ceil(ends.high))
    assert all(held[classes == each].mean() > 0.87 for each in range(3))
    assert np.isfinite(ends.high).all()
    assert (np.diff([np.median((ends.high - ends.low)[classes == each]) for each in range(3)]) > 0).all()


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_hold_as_often_as_they_say_on_days_that_they_did_not_know(level: float) -> None:
    panel, later = weekly(7, count=300, steps=203)[:, :196], weekly(7, count=300, steps=203)[:, 196:]
    tries = tried(panel)
    ahead = demand_menu(7).forecasts(panel, 7)["seasonal_average"]
    ends = interval(tries, "seasonal_average", ahead, level)
    held = ((later >= ends.low) & (later <= ends.high)).mean()
    assert abs(held - level) < 0.03
    assert abs(measured(tries, "seasonal_average", level).mean() - level) < 0.03
    assert (ends.low >= 0).all()


def test_too_few_scores_bound_nothing() -> None:
    panel = weekly(8, count=1)
    ends = interval(tried(panel, origins=2), NAIVE, panel[:, -7:], 0.95)
    assert np.isinf(ends.high).all()


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 12))
def test_reconciled_forecasts_add_up_and_are_never_below_zero(seed: int, groups: int, members: int) -> None:
    random = np.random.default_rng(seed)
    group = random.integers(0, groups, members)
    base = Levels(group, random.gamma(2, 9, 3), random.gamma(2, 5, (groups, 3)), random.normal(2, 3, (members, 3)))
    spread = Variances(float(random.gamma(1, 2)), random.gamma(1, 2, groups), random.gamma(1, 2, members))
    for found in (bottom_up(base), reconciled(base, spread)):
        assert (found.members >= 0).all()
        np.testing.assert_allclose(found.groups.sum(axis=0), found.total, rtol=1e-9, atol=1e-9)
        sums = np.array([found.members[group == each].sum(axis=0) for each in range(groups)])
        np.testing.assert_allclose(sums, found.groups, rtol=1e-9, atol=1e-9)


def test_reconciling_is_the_weighted_least_squares_solution() -> None:
    group = np.array([0, 0, 1])
    base = Levels(group, np.array([30.0]), np.array([[14.0], [12.0]]), np.array([[6.0], [9.0], [11.0]]))
    spread = Variances(2.0, np.array([1.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    summing = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float64)
    weight = np.diag(1 / np.array([2.0, 1, 3, 1, 2, 4]))
    every = np.array([30.0, 14, 12, 6, 9, 11])
    wanted = np.linalg.solve(summing.T @ weight @ summing, summing.T @ weight @ every)
    np.testing.assert_allclose(reconciled(base, spread).members[:, 0], wanted, rtol=1e-9)


@pytest.mark.shared
@pytest.mark.skipif(not M4.is_dir(), reason="the data for development is not there")
def test_the_benchmarks_of_m4_weekly_are_as_published_and_the_default_is_better() -> None:
    report = evaluate_forecasts(M4, benchmark_intervals=False)
    apart = {name: scores["smape_difference"] for name, scores in report["models"].items() if scores["published"]}
    assert apart.keys() == {"naive", "seasonal_naive", "naive2", "ses", "holt", "damped", "theta", "comb"}
    assert max(abs(apart[name]) for name in ("naive", "seasonal_naive", "naive2")) < 0.001
    assert max(map(abs, apart.values())) < 0.05
    assert report["default_owa"] <= 0.88
    assert report["default_msis"] <= 18.5
    assert abs(report["default_coverage"] - 0.95) <= 0.01
