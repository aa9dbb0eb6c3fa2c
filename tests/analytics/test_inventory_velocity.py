"""How fast goods sell, how long they last, what is dead, too much, or was lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.analytics.panels import panel
from tillhand_analytics.domain.inventory.lost import lost_of
from tillhand_analytics.domain.inventory.panel import panel_of
from tillhand_analytics.domain.inventory.velocity import cover_of, deciles_of, velocity_of
from tillhand_analytics.domain.inventory.windows import recent, recent_days, running, weekly, weekly_days
from tillhand_analytics.domain.inventory.worth import idle_of, worth_of
from tillhand_analytics.domain.records import Shop
from tillhand_mockshop.truths import truths


def test_velocity_is_demand_by_the_days_on_which_something_could_be_bought() -> None:
    made = panel([[2.0] * 10, [2.0] * 5 + [0.0] * 5])
    made.available[1, 5:] = False
    speed = velocity_of(made, (5, 10))
    assert speed.over(10).tolist() == [2.0, 2.0]
    assert speed.over(5)[0] == 2.0
    assert np.isnan(speed.over(5)[1])
    with pytest.raises(ValueError, match="7"):
        speed.over(7)


def test_a_window_longer_than_the_past_is_all_of_it() -> None:
    assert velocity_of(panel([[1.0, 3.0]]), (7, 28, 90)).per_day.tolist() == [[2.0, 2.0, 2.0]]


def test_a_dead_product_has_no_days_of_cover() -> None:
    cover = cover_of(np.array([10.0, 10.0, np.nan, -3.0]), np.array([0.0, 2.0, 2.0, 1.0]))
    assert cover.reasons == ("no_demand", "", "stock_unknown", "")
    assert cover.days[1] == 5.0
    assert cover.days[3] == 0.0
    assert np.isnan(cover.days[[0, 2]]).all()


def test_deciles_split_what_moves_and_leave_out_what_does_not() -> None:
    deciles = deciles_of(np.array([0.0, *range(1, 21), 0.0]))
    assert deciles.tolist() == [0, *sorted([*range(1, 11)] * 2), 0]
    assert deciles_of(np.zeros(3)).tolist() == [0, 0, 0]
    assert deciles_of(np.array([])).tolist() == []


@given(arrays(np.float32, (3, 31), elements=st.integers(0, 9)))
def test_weeks_end_with_the_last_day_and_add_up(units: np.ndarray) -> None:
    sums = weekly(units)
    assert sums.tolist() == [[row[3 + 7 * week : 10 + 7 * week].sum() for week in range(4)] for row in units]
    assert running(sums)[:, -1].tolist() == units[:, 3:].sum(axis=1).tolist()
    assert recent(units, (4, 100)).tolist() == [[row[-4:].sum(), row.sum()] for row in units]
    days = units > 4
    assert weekly_days(days).tolist() == weekly(days.astype(np.float32)).tolist()
    assert recent_days(days, (4, 100)).tolist() == recent(days.astype(np.float32), (4, 100)).tolist()


def test_stock_is_dead_after_so_many_days_on_sale_without_a_sale() -> None:
    units = np.zeros((4, 100))
    units[1, 50], units[2, 5] = 1, 1
    made = panel(units, on_hand=[4.0, 4.0, 4.0, 0.0])
    made.on_sale[0, :20] = False
    idle = idle_of(made, np.zeros(4), after_days=80)
    assert idle.idle_days.tolist() == [80, 49, 94, 100]
    assert idle.last_sale.tolist() == [-1, 50, 5, -1]
    assert idle.dead.tolist() == [True, False, True, False]


def test_only_what_moves_can_be_overstocked() -> None:
    units = np.zeros((3, 100))
    units[:2, 99] = 1
    idle = idle_of(panel(units, on_hand=[500.0, 10.0, 500.0]), np.array([1.0, 1.0, 0.0]), overstock_days=180)
    assert idle.excess_units.tolist() == [320.0, 0.0, 0.0]


def test_worth_is_at_cost_and_unknown_where_the_cost_is() -> None:
    made = panel(
        [[1.0] * 100, [1.0] * 100],
        on_hand=[30.0, 30.0],
        price_minor=[1000, 1000],
        unit_cost_minor=[400, -1],
        revenue_minor=[90_000.0, 90_000.0],
        returned_units=[10.0, 0.0],
    )
    worth = worth_of(made)
    assert worth.stock_value_minor[0] == 12_000
    assert worth.retail_value_minor.tolist() == [30_000, 30_000]
    assert worth.gross_margin_minor[0] == 90_000 - 90 * 400
    assert worth.gmroi[0] == pytest.approx(54_000 * 3.65 / 12_000)
    assert worth.sell_through.tolist() == [0.75, 0.75]
    assert np.isnan([worth.stock_value_minor[1], worth.gmroi[1], worth.gross_margin_minor[1]]).all()


def test_lost_sales_are_those_of_the_days_without_stock() -> None:
    made = panel([[2.0] * 80 + [0.0] * 10] * 2, observed_from=0, price_minor=[500, 500], unit_cost_minor=[200, 200])
    made.available[0, 80:] = False
    lost = lost_of(made, 30)
    assert lost.out_days.tolist() == [10, 0]
    assert lost.units.tolist() == [20.0, 0.0]
    assert lost.revenue_minor[0] == 10_000
    assert lost.margin_minor[0] == 6_000
    assert np.isnan(lost_of(replace(made, observed_from=70), 30).units).all()


def test_lost_sales_of_the_mock_shop_are_near_what_is_true(shop: Shop) -> None:
    lost = lost_of(panel_of(shop))
    known = truths().variants
    mean = np.array(
        [
            known[int(each.rsplit("/", 1)[1])].mean_daily if int(each.rsplit("/", 1)[1]) in known else 0.0
            for each in shop.variants.ids
        ]
    )
    assert lost.units.sum() == pytest.approx((lost.out_days * mean).sum(), rel=0.15)
    assert lost.units.sum() > 300


def test_velocity_of_the_mock_shop_is_what_is_true_of_it(shop: Shop) -> None:
    speed = velocity_of(panel_of(shop), (365,)).over(365)
    known = truths().variants
    pairs = [
        (speed[place], known[number].mean_daily)
        for place, number in enumerate(int(each.rsplit("/", 1)[1]) for each in shop.variants.ids)
        if number in known and known[number].pattern == "smooth"
    ]
    assert len(pairs) >= 20
    measured, true = np.array(pairs).T
    assert np.abs(measured / true - 1).max() < 0.15


def test_goods_that_are_dead_by_plan_are_found_dead(shop: Shop) -> None:
    made = panel_of(shop)
    idle = idle_of(made, velocity_of(made).current)
    known = truths().variants
    planted = np.array(
        [getattr(known.get(int(each.rsplit("/", 1)[1])), "pattern", "") == "dead" for each in shop.variants.ids]
    )
    assert planted.sum() >= 30
    assert idle.dead[planted].all()
