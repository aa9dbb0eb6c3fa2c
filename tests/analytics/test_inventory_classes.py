"""Classes of goods: what they earn, how evenly they sell, what shape their demand has."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.analytics.panels import panel
from tillhand_analytics.domain.inventory.classes import abc_of, shape_of, xyz_of
from tillhand_analytics.domain.inventory.panel import panel_of
from tillhand_analytics.domain.records import Shop
from tillhand_mockshop.truths import truths


def test_a_is_what_earns_the_first_four_fifths() -> None:
    made = abc_of(np.array([10.0, 700.0, 100.0, 140.0, 50.0, 0.0]))
    assert made.classes == ("C", "A", "B", "A", "B", "C")
    assert made.cumulative.tolist() == [1.0, 0.7, 0.94, 0.84, 0.99, 1.0]


def test_one_sku_that_earns_everything_is_a() -> None:
    assert abc_of(np.array([5.0])).classes == ("A",)
    assert abc_of(np.array([0.0, -3.0, np.nan])).classes == ("C", "C", "C")
    assert abc_of(np.array([])).classes == ()


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_shares_add_up_and_better_classes_earn_more(revenue: list[int]) -> None:
    made = abc_of(np.array(revenue, np.float64))
    total = sum(revenue)
    if total == 0:
        assert set(made.classes) == {"C"}
        return
    assert abs(made.share.sum() - 1) < 1e-9
    ranked = sorted(zip(revenue, made.classes, strict=True), key=lambda pair: -pair[0])
    assert "".join(name for _, name in ranked) == "".join(sorted(made.classes))
    without_last = sum(amount for amount, name in ranked if name == "A") - min(
        amount for amount, name in ranked if name == "A"
    )
    assert without_last < 0.8 * total


def test_even_demand_is_x_and_rare_demand_z() -> None:
    units = np.zeros((4, 70))
    units[0] = 3
    units[1, ::14] = 5
    units[2, 0] = 9
    made = xyz_of(panel(units))
    assert made.classes == ("X", "Y", "Z", None)
    assert made.variation[0] == 0
    assert made.variation[1] == 1.0


def test_few_weeks_say_nothing_of_evenness() -> None:
    assert xyz_of(panel(np.ones((1, 55)))).classes == (None,)
    assert xyz_of(panel(np.ones((1, 56)))).classes == ("X",)


def test_weeks_in_which_nothing_could_be_bought_do_not_count() -> None:
    units = np.ones((1, 140))
    units[0, :70] = 0
    made = panel(units)
    assert xyz_of(made).classes == ("Y",)
    made.available[0, :70] = False
    assert xyz_of(made).classes == ("X",)


def test_shapes_are_told_by_intervals_and_sizes() -> None:
    units = np.zeros((5, 60))
    units[0] = 4
    units[1] = np.tile([1, 1, 1, 12], 15)
    units[2, ::3] = 4
    units[3, ::6], units[3, 3::12] = 1, 15
    assert shape_of(panel(units)).classes == ("smooth", "erratic", "intermittent", "lumpy", "none")


def test_the_classes_of_the_mock_shop_are_found(shop: Shop) -> None:
    found = shape_of(panel_of(shop)).classes
    known = truths().variants
    pairs = Counter(
        (known[number].pattern, name)
        for number, name in zip((int(each.rsplit("/", 1)[1]) for each in shop.variants.ids), found, strict=True)
        if number in known
    )
    for pattern in ("smooth", "erratic"):
        planted = sum(count for (true, _), count in pairs.items() if true == pattern)
        assert pairs[pattern, pattern] >= 0.9 * planted
    seldom = sum(count for (true, _), count in pairs.items() if true in {"intermittent", "lumpy"})
    right = sum(count for (true, name), count in pairs.items() if {true, name} <= {"intermittent", "lumpy"})
    assert right >= 0.95 * seldom
    assert pairs["lumpy", "lumpy"] > 5 * pairs["intermittent", "lumpy"]
    dead = sum(count for (true, _), count in pairs.items() if true == "dead")
    assert pairs["dead", "none"] == dead > 0
