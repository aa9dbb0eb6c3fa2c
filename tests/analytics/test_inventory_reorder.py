"""Reorder points keep the service level that they promise, and say which method each is of."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analytics.panels import deliveries, panel
from tillhand_analytics.commands import evaluate_inventory
from tillhand_analytics.domain.inventory.conformal import Segments
from tillhand_analytics.domain.inventory.leads import fixed, lead_times_of
from tillhand_analytics.domain.inventory.panel import panel_of
from tillhand_analytics.domain.inventory.past import outcomes_of, past_of
from tillhand_analytics.domain.inventory.proposing import service_of
from tillhand_analytics.domain.inventory.reorder import backtest_of, basis_of, points_of, textbook_points
from tillhand_analytics.domain.records import Shop

SHARED = Path(__file__).parents[3] / "shared" / "data" / "sales" / "online_retail.parquet"


def lumpy(skus: int = 300, days: int = 365, seed: int = 3) -> np.ndarray:
    """Demand that comes seldom and in portions of any size, more of it for some SKUs than for others."""
    random = np.random.default_rng(seed)
    often = random.uniform(0.02, 0.6, (skus, 1))
    return random.binomial(1, often, (skus, days)) * random.geometric(0.25, (skus, days))


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=200), st.floats(0.5, 0.99))
def test_the_quantile_is_the_one_that_small_samples_need(scores: list[float], level: float) -> None:
    ordered = np.sort(np.array(scores))
    segments = Segments(np.append(ordered, np.nan), np.array([0]), np.array([len(scores)]))
    rank = math.ceil((len(scores) + 1) * level - 1e-9)
    found = segments.quantile(level)[0]
    if rank > len(scores):
        assert np.isnan(found)
    else:
        assert found == ordered[rank - 1]


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=60), st.integers(-12, 12))
def test_the_chance_of_more_counts_what_was_more(scores: list[int], limit: int) -> None:
    ordered = np.sort(np.array(scores, np.float64))
    segments = Segments(np.append(ordered, np.nan), np.array([0, 0]), np.array([len(scores), 0]))
    chance, excess = segments.exceeded(np.array([limit, limit], np.float64))
    assert chance[0] == pytest.approx((sum(score > limit for score in scores) + 1) / (len(scores) + 1))
    assert excess[0] == pytest.approx(sum(max(score - limit, 0) for score in scores) / len(scores))
    assert np.isnan(chance[1])


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.98])
def test_demand_that_goes_on_as_it_was_is_covered_as_often_as_asked(level: float) -> None:
    basis = basis_of(panel(lumpy()), fixed(300, 14))
    kept = backtest_of(basis, level, 20)
    assert kept.counted.sum() > 4_000
    assert abs(kept.coverage("conformal") - level) < 0.015
    assert kept.coverage("textbook") < kept.coverage("conformal")


def test_the_mock_shop_is_covered_as_promised_where_the_textbook_is_not(shop: Shop) -> None:
    made = panel_of(shop)
    basis = basis_of(made, lead_times_of(made, shop.deliveries, 14))
    kept = backtest_of(basis, 0.95)
    assert 0.94 <= kept.coverage("conformal") <= 0.975
    assert kept.coverage("textbook") < 0.91
    assert kept.stock("conformal") < 1.35 * kept.stock("textbook")
    service = service_of(basis, kept)
    assert service.observed.min() > 500
    assert np.nanmin(service.share) > 0.9


def test_a_higher_level_never_asks_for_less_stock() -> None:
    basis = basis_of(panel(lumpy(120)), fixed(120, 10))
    points = [points_of(basis, level).units for level in (0.6, 0.8, 0.9, 0.95, 0.99)]
    for lower, higher in pairwise(points):
        assert (lower <= higher).all()


def test_a_backtest_knows_nothing_of_what_came_later() -> None:
    units = lumpy(200)
    changed = units.copy()
    changed[:, -70:] = 99  # ten weeks
    before, after = (backtest_of(basis_of(panel(each), fixed(200, 14)), 0.95, 26) for each in (units, changed))
    known = [place for place, origin in enumerate(before.origins) if origin <= 52 - 10]
    assert len(known) > 10
    assert np.array_equal(before.conformal[:, known], after.conformal[:, known])
    assert np.array_equal(before.textbook[:, known], after.textbook[:, known])


def test_the_textbook_point_is_its_formula() -> None:
    units = lumpy(5)
    points = textbook_points(basis_of(panel(units), fixed(5, 9)), 0.95)[:, 0]
    mean, deviation = units[:, -91:].mean(axis=1), units[:, -91:].std(axis=1, ddof=1)
    assert points.tolist() == np.floor(mean * 9 + 1.6448536 * deviation * 3).tolist()


def test_lead_times_that_vary_ask_for_more_safety() -> None:
    made = panel(lumpy(200), suppliers=("A",) * 200, lead_time_days=[10] * 200)
    steady = deliveries(
        *(("A", place % 200, 5 * place % 200, 5 * place % 200 + 10, 5 * place % 200 + 10, 1, 1) for place in range(60))
    )
    wild = deliveries(
        *(
            ("A", place % 200, 5 * place % 200, 5 * place % 200 + 10, 5 * place % 200 + (2 if place % 2 else 18), 1, 1)
            for place in range(60)
        )
    )
    first, second = (basis_of(made, lead_times_of(made, each, 14)) for each in (steady, wild))
    assert first.leads.mean.tolist() == second.leads.mean.tolist() == [10.0] * 200
    assert (textbook_points(second, 0.95) >= textbook_points(first, 0.95)).all()
    assert points_of(second, 0.95).units.sum() > 1.1 * points_of(first, 0.95).units.sum()


def test_a_short_past_falls_back_on_the_textbook_and_says_so() -> None:
    basis = basis_of(panel(np.ones((3, 40))), fixed(3, 7))
    points = points_of(basis, 0.95)
    assert not points.conformal.any()
    assert points.units.tolist() == [7.0] * 3
    assert np.isnan(backtest_of(basis, 0.95).coverage("conformal"))


@pytest.mark.parametrize("days", [1, 6, 7, 29])
def test_any_past_however_short_gives_points(days: int) -> None:
    points = points_of(basis_of(panel(np.full((2, days), 3.0)), fixed(2, 5)), 0.95)
    assert np.isfinite(points.units).all()
    assert points_of(basis_of(panel(np.zeros((0, days))), fixed(0, 5)), 0.95).units.size == 0


def test_goods_nobody_wants_need_no_safety() -> None:
    units = lumpy(200)
    units[:20] = 0
    points = points_of(basis_of(panel(units), fixed(200, 14)), 0.95)
    assert points.expected[:20].tolist() == [0.0] * 20
    assert points.units[:20].max() <= 2


def test_demand_in_a_lead_time_that_was_partly_out_of_stock_is_scaled_up_or_left_out() -> None:
    made = panel(np.ones((1, 70)))
    made.units[0, 60:62], made.available[0, 60:62] = 0, False
    made.units[0, 40:50], made.available[0, 40:50] = 0, False
    outcomes = outcomes_of(made, fixed(1, 7)).demand[0]
    assert outcomes[8] == pytest.approx(7.0)
    assert np.isnan(outcomes[6])
    assert np.isnan(outcomes[10])
    assert past_of(made).rate[0, -1] == pytest.approx(1.0)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_file(), reason="the shared data is not here")
def test_published_sales_are_covered_where_the_textbook_fails() -> None:
    report = evaluate_inventory(SHARED)
    wanted = {7: (0.94, 1.2), 14: (0.94, 1.3), 28: (0.93, 1.4)}
    assert report["skus"] > 1_500
    for row in report["lead_times"]:
        coverage, stock = wanted[row["lead_time_days"]]
        assert row["conformal_coverage"] >= coverage
        assert row["stock_ratio"] <= stock
        assert row["textbook_coverage"] < 0.9
