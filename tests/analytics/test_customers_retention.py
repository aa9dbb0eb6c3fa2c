"""Whether customers come back, how soon, and what of the revenue that is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_analytics.domain.customers.purchases import Purchases, purchases, shop_purchases
from tillhand_analytics.domain.customers.retention import QUANTILES, gaps, retention, second_purchase
from tillhand_analytics.domain.records import Shop

FIRST = np.datetime64("2026-01-01")


def bought(*rows: tuple[int, int, float]) -> Purchases:
    customer, day, value = (np.array(column) for column in zip(*rows, strict=True))
    return purchases(customer, FIRST + day.astype("timedelta64[D]"), value)


def test_key_figures_of_three_customers() -> None:
    found = retention(
        bought((1, 0, 100), (1, 30, 50), (1, 90, 50), (2, 10, 100), (3, 99, 100)), FIRST + 100, active_days=30
    )
    assert (found.customers, found.repeat_customers, found.active) == (3, 1, 2)
    assert found.repeat_rate == pytest.approx(1 / 3)
    assert found.repeat_share == pytest.approx(0.25)
    assert found.returning_share == pytest.approx(0.5)
    assert found.gap_days[QUANTILES.index(0.5)] == 45
    assert found.purchases_per_customer == pytest.approx(5 / 3)


def test_active_are_those_of_the_last_days_which_the_last_one_is_one_of() -> None:
    one = bought((1, 0, 1), (2, 1, 1), (3, 30, 1))
    assert retention(one, FIRST + 30, active_days=30).active == 2
    assert retention(one, FIRST + 30, active_days=31).active == 3
    assert retention(one, FIRST + 30, active_days=1).active == 1


def test_days_that_make_no_sense_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"^active_days:"):
        retention(bought((1, 0, 1)), FIRST, active_days=0)
    with pytest.raises(ValueError, match=r"^within:"):
        second_purchase(bought((1, 0, 1)), FIRST, (30, 0))


def test_nobody_has_no_shares() -> None:
    nobody = purchases(np.zeros(0, np.int64), np.zeros(0, "datetime64[D]"), np.zeros(0))
    found = retention(nobody, FIRST)
    assert (found.customers, found.active) == (0, 0)
    assert np.isnan([found.repeat_rate, found.repeat_share, *found.gap_days]).all()
    assert np.isnan(second_purchase(nobody, FIRST).share).all()


def test_a_gap_is_between_two_purchases_of_one_customer() -> None:
    assert gaps(bought((1, 0, 1), (2, 3, 1), (1, 7, 1), (2, 4, 1), (1, 8, 1))).tolist() == [7, 1, 1]


def test_without_censoring_the_share_who_came_again_is_a_plain_share() -> None:
    made = bought((1, 0, 1), (1, 20, 1), (2, 0, 1), (2, 45, 1), (3, 0, 1), (4, 0, 1))
    found = second_purchase(made, FIRST + 400, (30, 60, 365))
    assert found.share == pytest.approx([0.25, 0.5, 0.5])
    assert found.waiting.tolist() == [3, 2, 2]


def test_who_is_new_counts_only_for_the_days_he_has_had() -> None:
    made = bought((1, 0, 1), (1, 20, 1), (2, 0, 1), (3, 95, 1), (4, 96, 1))
    found = second_purchase(made, FIRST + 100, (10, 30, 365))
    assert found.share[:2] == pytest.approx([0.0, 0.5])
    assert np.isnan(found.share[2])


def test_censored_customers_do_not_bend_the_share() -> None:
    """Two in a hundred are watched for a year, the others leave sight sooner; the true share is the exponential's."""
    random = np.random.default_rng(5)
    wait, seen = np.ceil(random.exponential(60, 4_000)).astype(int), random.integers(0, 366, 4_000)
    rows = [(who, 365 - int(age), 1.0) for who, age in enumerate(seen)]
    rows += [
        (who, 365 - int(age) + int(days), 1.0)
        for who, (days, age) in enumerate(zip(wait, seen, strict=True))
        if days <= age
    ]
    found = second_purchase(bought(*rows), FIRST + 365, (30, 90, 180))
    assert found.share == pytest.approx(1 - np.exp(-np.array([30, 90, 180]) / 60), abs=0.03)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 200)), min_size=1, max_size=50))
def test_shares_lie_between_none_and_all_and_grow_with_the_days(rows: list[tuple[int, int]]) -> None:
    found = second_purchase(bought(*((who, day, 1.0) for who, day in rows)), FIRST + 200, (1, 10, 50, 100, 200))
    share = found.share[~np.isnan(found.share)]
    assert ((share >= 0) & (share <= 1)).all()
    assert (np.diff(share) >= 0).all()


def test_the_mock_shops_key_figures_agree_with_counting(shop: Shop) -> None:
    made = shop_purchases(shop)
    found = retention(made, shop.last_day)
    number = np.unique(made.customer, return_counts=True)[1]
    assert found.repeat_rate == pytest.approx((number > 1).mean())
    assert found.revenue_minor == made.value_minor.sum()
    assert found.active == len(np.unique(made.customer[made.day > shop.last_day - np.timedelta64(90, "D")]))
