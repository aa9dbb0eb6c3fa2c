"""Cohorts by month and week: who comes back, what is not over yet, and who may be older than thought."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_analytics.domain.customers.cohorts import Period, cohorts
from tillhand_analytics.domain.customers.purchases import Purchases, purchases, shop_purchases
from tillhand_analytics.domain.records import Shop

FIRST, LAST = np.datetime64("2026-01-01"), np.datetime64("2026-03-15")


def bought(*rows: tuple[int, str, float]) -> Purchases:
    customer, day, value = zip(*rows, strict=True)
    return purchases(np.array(customer), np.array(day, "datetime64[D]"), np.array(value))


SMALL = bought(
    (1, "2026-01-05", 100),
    (1, "2026-01-20", 10),
    (1, "2026-02-01", 40),
    (2, "2026-01-31", 60),
    (2, "2026-03-02", 30),
    (3, "2026-03-15", 7),
)


def test_a_cohort_is_followed_month_by_month_and_what_is_to_come_is_not_zero() -> None:
    found = cohorts(SMALL, FIRST, LAST)
    assert found.begins.astype(str).tolist() == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert found.size.tolist() == [2, 0, 1]
    nan = np.nan
    assert found.active == pytest.approx(np.array([[2, 1, 1], [0, 0, nan], [1, nan, nan]]), nan_ok=True)
    assert found.revenue_minor == pytest.approx(np.array([[170, 40, 30], [0, 0, nan], [7, nan, nan]]), nan_ok=True)
    assert found.retention[0].tolist() == [1, 0.5, 0.5]
    assert found.cumulative_per_customer_minor[0].tolist() == [85, 105, 120]
    assert np.isnan(found.retention[1]).all()


def test_the_last_month_is_partial_until_it_is_over() -> None:
    expected = [[False, False, True], [False, True, False], [True, False, False]]
    assert cohorts(SMALL, FIRST, LAST).partial.tolist() == expected
    assert not cohorts(SMALL, FIRST, np.datetime64("2026-03-31")).partial.any()


def test_a_first_month_that_had_begun_is_partial_too() -> None:
    found = cohorts(SMALL, np.datetime64("2026-01-03"), np.datetime64("2026-03-31"))
    assert found.partial.tolist() == [[True, False, False], [False] * 3, [False] * 3]


def test_weeks_begin_on_mondays() -> None:
    found = cohorts(SMALL, FIRST, LAST, period="week")
    assert found.begins[0] == np.datetime64("2025-12-29")
    assert {each.astype(date).weekday() for each in found.begins} == {0}
    assert found.size[[1, 4, 10]].tolist() == [1, 1, 1]
    assert not found.partial[10, 0]


def test_purchases_outside_of_the_days_do_not_count() -> None:
    found = cohorts(SMALL, np.datetime64("2026-02-01"), np.datetime64("2026-02-28"))
    assert found.size.tolist() == [1]
    assert found.revenue_minor.tolist() == [[40]]


def test_cohorts_near_the_first_day_may_hold_older_customers() -> None:
    often = [(who, str(FIRST + 10 * visit + who % 7), 1.0) for who in range(30) for visit in range(6)]
    found = cohorts(bought(*often), FIRST, np.datetime64("2026-03-31"))
    assert found.older.tolist() == [True, False, False]
    assert cohorts(bought((1, "2026-02-03", 5)), FIRST, LAST).older.tolist() == [True, False, False]


@pytest.mark.parametrize("period", ["month", "week"])
def test_the_mock_shop_is_divided_without_a_rest(shop: Shop, period: Period) -> None:
    made = shop_purchases(shop)
    found = cohorts(made, shop.first_day, shop.last_day, period=period)
    assert found.size.sum() == len(np.unique(made.customer))
    assert np.nansum(found.revenue_minor) == made.value_minor.sum()
    assert (found.active[:, 0] == found.size).all()
    count = len(found.begins)
    to_come = np.add.outer(np.arange(count), np.arange(count)) >= count
    assert np.isnan(found.active)[to_come].all()
    assert not np.isnan(found.active)[~to_come].any()


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 80), st.integers(0, 99)), min_size=1, max_size=40),
    st.sampled_from(["month", "week"]),
)
def test_cohorts_agree_with_counting_one_by_one(rows: list[tuple[int, int, int]], period: Period) -> None:
    start = date(2026, 1, 1)
    made = [(who, start + timedelta(days=day), value) for who, day, value in rows]

    def of(day: date) -> date:
        return day.replace(day=1) if period == "month" else day - timedelta(days=day.weekday())

    first = {who: min(of(day) for each, day, _ in made if each == who) for who, _, _ in made}
    found = cohorts(
        bought(*((who, str(day), value) for who, day, value in made)), FIRST, np.datetime64("2026-03-31"), period=period
    )
    begins = [each.astype(date) for each in found.begins]
    for cohort, begin in enumerate(begins):
        for life in range(len(begins) - cohort):
            inside = [
                (who, value) for who, day, value in made if first[who] == begin and of(day) == begins[cohort + life]
            ]
            assert found.active[cohort, life] == len({who for who, _ in inside})
            assert found.revenue_minor[cohort, life] == sum(value for _, value in inside)


def test_no_day_and_nobody_make_no_cohort() -> None:
    nobody = purchases(np.zeros(0, np.int64), np.zeros(0, "datetime64[D]"), np.zeros(0))
    assert cohorts(nobody, FIRST, LAST).size.tolist() == [0, 0, 0]
    assert cohorts(SMALL, LAST, FIRST).active.shape == (0, 0)
