"""What is at risk, what to order of it, from whom, and how well they deliver."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analytics.panels import deliveries, panel
from tillhand_analytics.domain.inventory.leads import lead_times_of
from tillhand_analytics.domain.inventory.panel import Panel, panel_of
from tillhand_analytics.domain.inventory.proposing import purchases_of
from tillhand_analytics.domain.inventory.quantity import Rules, economic_quantity, orders_of
from tillhand_analytics.domain.inventory.reorder import Basis, Points, basis_of, points_of
from tillhand_analytics.domain.inventory.risk import Risk, risk_of
from tillhand_analytics.domain.inventory.suppliers import performance_of
from tillhand_analytics.domain.inventory.velocity import velocity_of
from tillhand_analytics.domain.records import Shop
from tillhand_mockshop import generator
from tillhand_mockshop.truths import truths


@pytest.fixture(scope="module")
def made(shop: Shop) -> tuple[Panel, Basis, Points, Risk]:
    panel = panel_of(shop)
    basis = basis_of(panel, lead_times_of(panel, shop.deliveries, 14))
    points = points_of(basis, 0.95)
    return panel, basis, points, risk_of(panel, basis, points, shop.deliveries)


def closings(shop: Shop) -> np.ndarray:
    known = truths().variants
    numbers = [int(each.rsplit("/", 1)[1]) for each in shop.variants.ids]
    return np.array([known[number].closing if number in known else "never" for number in numbers])


def test_goods_that_will_run_out_are_found_and_few_others(shop: Shop, made: tuple[Panel, Basis, Points, Risk]) -> None:
    standing, closing = np.array(made[3].standing), closings(shop)
    true = np.isin(closing, ["short", "none"])
    flagged = np.isin(standing, ["out", "at_risk"])
    assert (flagged & true).sum() / flagged.sum() >= 0.9
    assert (flagged & true).sum() / true.sum() >= 0.85
    assert ((flagged | (standing == "reorder")) & true).sum() / true.sum() >= 0.95
    assert (standing[closing == "none"] == "out").all()
    assert not flagged[closing == "never"].any()


def test_the_chance_to_run_out_is_one_and_falls_with_stock(made: tuple[Panel, Basis, Points, Risk]) -> None:
    panel, basis, _, risk = made
    known = ~np.isnan(risk.chance)
    assert known.sum() > 1_100
    assert ((risk.chance[known] >= 0) & (risk.chance[known] <= 1)).all()
    limits = [basis.now.exceeded(np.full(len(panel.skus), limit))[0] for limit in (-1.0, 0.0, 2.0, 10.0)]
    assert all((lower >= higher).all() for lower, higher in pairwise(limits))


def test_unknown_stock_is_no_risk_that_anybody_could_name() -> None:
    units = np.ones((3, 200))
    stock = panel(units, sellable=[np.nan, 0.0, 900.0], on_hand=[np.nan, 0.0, 900.0], lead_time_days=[7, 7, 7])
    none = deliveries()
    basis = basis_of(stock, lead_times_of(stock, none, 14))
    risk = risk_of(stock, basis, points_of(basis, 0.95), none)
    assert risk.standing == ("stock_unknown", "out", "enough")
    assert np.isnan(risk.chance[0])


def _ordered(position: float, per_day: float, point: float, rules: Rules) -> float:
    stock = panel([[1.0]], sellable=[position], unit_cost_minor=[100])
    points = Points(np.array([point]), np.array([0.0]), np.array([0.0]), np.array([True]))
    return float(orders_of(stock, points, np.array([per_day]), rules).units[0])


@given(
    position=st.integers(-5, 80),
    per_day=st.floats(0.01, 20),
    point=st.integers(0, 60),
    cover=st.integers(1, 90),
    least=st.integers(1, 30),
    pack=st.integers(1, 24),
)
def test_orders_are_whole_packs_that_reach_the_level(
    position: int, per_day: float, point: int, cover: int, least: int, pack: int
) -> None:
    rules = Rules(cover_days=cover, minimum_units=least, pack_units=pack)
    units = _ordered(position, per_day, point, rules)
    if position > point:
        assert units == 0
        return
    assert units % pack == 0
    assert units >= least
    assert position + units >= point + per_day * cover - 1e-6
    assert units < max(point + per_day * cover - position + 1, least) + pack


def test_nothing_is_ordered_of_what_nobody_buys() -> None:
    assert _ordered(0, 0.0, 3, Rules()) == 0


def test_the_economic_quantity_is_that_of_harris() -> None:
    rules = Rules(ordering_cost_minor=2_000, holding_rate=0.2)
    found = economic_quantity(np.array([2.0, 2.0]), np.array([500.0, np.nan]), rules)
    assert found[0] == pytest.approx(math.sqrt(2 * 730 * 2_000 / (0.2 * 500)))
    assert np.isnan(found[1])
    assert np.isnan(economic_quantity(np.array([2.0]), np.array([500.0]), Rules())).all()


@pytest.mark.parametrize(
    ("field", "value"),
    [("cover_days", 0), ("minimum_units", 0), ("pack_units", 0), ("ordering_cost_minor", -1), ("holding_rate", 0.0009)],
)
def test_rules_that_cannot_be_name_their_field(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        Rules(**{field: value})  # type: ignore[arg-type]  # the wrong value is the point


def test_proposals_hold_what_is_due_once_by_supplier_and_the_urgent_first(
    shop: Shop, made: tuple[Panel, Basis, Points, Risk]
) -> None:
    panel, basis, points, risk = made
    orders = orders_of(panel, points, velocity_of(panel).current, Rules())
    purchases = purchases_of(panel, orders, risk, basis)
    rows = np.concatenate([each.rows for each in purchases])
    assert sorted(rows.tolist()) == np.flatnonzero(orders.units > 0).tolist()
    assert len(rows) > 100
    for each in purchases:
        assert {panel.suppliers[row] for row in each.rows} == {each.supplier}
        assert each.cost_minor == int((orders.units[each.rows] * panel.unit_cost_minor[each.rows]).sum())
        lost = np.nan_to_num(risk.lost_margin_minor[each.rows])
        assert (np.diff(lost) <= 0).all()
        assert each.expected_on > panel.last_day
    assert [each.priority_minor for each in purchases] == sorted(
        (each.priority_minor for each in purchases), reverse=True
    )
    position = panel.sellable + panel.incoming
    assert ((position + orders.units)[rows] > points.units[rows]).all()
    assert panel.for_sale[rows].all()


def test_lead_times_are_those_of_the_sku_then_of_the_supplier_then_promised_then_assumed() -> None:
    stock = panel(np.zeros((4, 100)), suppliers=("A", "A", "B", ""), lead_time_days=[10, 20, 7, -1])
    rows = [("A", 0, 2 * turn, 2 * turn + 10, 2 * turn + 13, 5, 5) for turn in range(10)]
    leads = lead_times_of(stock, deliveries(*rows), 14)
    assert leads.source == ("sku_deliveries", "supplier_deliveries", "promised", "assumed")
    assert leads.mean.tolist() == [13.0, 23.0, 7.0, 14.0]
    assert leads.observations.tolist() == [10, 10, 0, 0]


def test_an_overdue_delivery_counts_with_the_days_it_has_taken() -> None:
    stock = panel(np.zeros((1, 100)), suppliers=("A",), lead_time_days=[10])
    late = deliveries(*[("A", 0, 0, 10, None, 5, 0)] * 5)
    assert lead_times_of(stock, late, 14).mean.tolist() == [99.0]
    still_in_time = deliveries(*[("A", 0, 95, 105, None, 5, 0)] * 5)
    assert lead_times_of(stock, still_in_time, 14).source == ("promised",)


def test_suppliers_are_judged_by_what_came_and_what_is_overdue() -> None:
    rows = deliveries(
        ("A", 0, 0, 10, 9, 10, 10),
        ("A", 1, 0, 10, 14, 10, 6),
        ("A", 0, 20, 30, None, 8, 0),
        ("A", 0, 90, 103, None, 3, 0),
        ("B", 0, 95, 105, None, 2, 0),
    )
    found = performance_of(rows, np.datetime64("2026-04-10"))
    assert found.suppliers == ("A", "B")
    assert found.lines.tolist() == [4, 1]
    assert found.came.tolist() == [2, 0]
    assert found.on_time[0] == pytest.approx(1 / 3)
    assert found.lead_mean[0] == 11.5
    assert found.promised_mean[0] == 10
    assert found.late_mean[0] == 4
    assert found.fill_rate[0] == pytest.approx(0.8)
    assert found.open_units.tolist() == [11, 2]
    assert found.overdue_units.tolist() == [8, 0]
    assert np.isnan([found.on_time[1], found.fill_rate[1], found.lead_median[1]]).all()


def test_the_suppliers_of_the_mock_shop_are_judged_as_their_deliveries_are(shop: Shop) -> None:
    mock = generator.shop()
    found = performance_of(shop.deliveries, shop.last_day)
    lines, on_time, ordered, received = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    purchases = defaultdict(set)
    for row in mock.deliveries:
        purchases[row.supplier].add(row.id)
        if row.received_on is not None:
            ordered[row.supplier] += row.ordered
            received[row.supplier] += row.received
        if row.received_on is not None or row.promised_on < mock.last_day:
            lines[row.supplier] += 1
            on_time[row.supplier] += row.received_on is not None and row.received_on <= row.promised_on
    for place, name in enumerate(found.suppliers):
        assert found.orders[place] == len(purchases[name])
        assert found.on_time[place] == pytest.approx(on_time[name] / lines[name])
        assert found.fill_rate[place] == pytest.approx(received[name] / ordered[name])
        assert found.on_time_low[place] < found.on_time[place] < found.on_time_high[place]
    assert len(found.suppliers) == 12
