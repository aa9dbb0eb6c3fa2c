"""Sales figures agree with themselves, with the orders they are made of, and with the mock shop's own objects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.sales_shops import DAY_S, Line, Order, Plain, Refund, plain_shops, shop_of
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales.book import BASES, Basis, booked
from tillhand_analytics.domain.sales.counting import distinct, sums
from tillhand_analytics.domain.sales.measures import derived, totals
from tillhand_analytics.domain.sales.reconciliation import mismatches, reconciled
from tillhand_analytics.domain.sales.windows import Window
from tillhand_mockshop import generator

MUG = Line(0, 2, 1_000, 100)


def steps(plain: Plain, asked: Window, basis: Basis = "event") -> dict[str, int]:
    shop = shop_of(plain)
    return {step.entry: step.amount_minor for step in reconciled(shop, booked(shop), asked, basis).steps}


@settings(max_examples=50)
@given(plain_shops(), st.integers(0, 59), st.integers(0, 59), st.sampled_from(BASES))
def test_lines_and_totals_of_orders_never_disagree(plain: Plain, one: int, other: int, basis: Basis) -> None:
    shop = shop_of(plain)
    statement = reconciled(shop, booked(shop), Window(min(one, other), max(one, other)), basis)
    assert statement.unexplained_minor == 0
    signed = {step.entry: step.amount_minor for step in statement.steps}
    net = sum(signed[name] for name in ("gross_sales", "discounts", "cancellations", "returns", "allowances"))
    assert net == signed["net_sales"]
    assert net + signed["shipping_charged"] + signed["shipping_cancelled"] == signed["net_total"]


@settings(max_examples=50)
@given(plain_shops())
def test_a_whole_year_by_order_is_what_stands_less_what_was_given_back(plain: Plain) -> None:
    expected = 0
    for order in plain.orders:
        back = sum(refund.amount_minor for refund in order.refunds)
        expected += -max(back - order.total, 0) if order.cancelled_after_s is not None else order.total - back
    shop = shop_of(plain)
    assert reconciled(shop, booked(shop), Window(0, 59), "order").by_lines_minor == expected


@settings(max_examples=50)
@given(plain_shops(), st.integers(1, 59), st.sampled_from(BASES))
def test_windows_add_up_to_the_window_they_make(plain: Plain, cut: int, basis: Basis) -> None:
    shop = shop_of(plain)
    book = booked(shop)
    parts = [totals(book, window, basis) for window in (Window(0, cut - 1), Window(cut, 59))]
    whole = totals(book, Window(0, 59), basis)
    assert {name: parts[0][name] + parts[1][name] for name in whole} == whole


def test_a_cancelled_order_is_worth_nothing_and_its_refund_is_no_return() -> None:
    captured = (Refund(0, 0, 2, 1_900), Refund(0, -1, 0, 490))
    plain = Plain([Order(0, (MUG,), 490, cancelled_after_s=600, refunds=captured)])
    found = steps(plain, Window(0, 59))
    assert found["cancellations"] == -1_900
    assert found["shipping_cancelled"] == -490
    assert found["returns"] == 0
    assert found["allowances"] == 0
    assert found["net_total"] == 0


def test_what_is_given_back_beyond_a_cancelled_order_is_an_allowance() -> None:
    plain = Plain([Order(0, (MUG,), cancelled_after_s=600, refunds=(Refund(0, -1, 0, 2_000),))])
    assert steps(plain, Window(0, 59))["allowances"] == -100


def test_returns_count_on_their_own_day_or_on_that_of_the_order() -> None:
    plain = Plain([Order(3, (MUG,), refunds=(Refund(10, 0, 1, 950),))])
    assert steps(plain, Window(0, 5), "event")["returns"] == 0
    assert steps(plain, Window(6, 59), "event")["returns"] == -950
    assert steps(plain, Window(0, 5), "order")["returns"] == -950


def test_cancellations_count_on_the_day_of_the_shop_not_of_greenwich() -> None:
    # Placed at noon in Greenwich; eleven and a half hours later it is the next day in Berlin.
    plain = Plain([Order(0, (MUG,), cancelled_after_s=int(11.5 * 3600))])
    assert steps(plain, Window(0, 0))["cancellations"] == 0
    assert steps(plain, Window(1, 1))["cancellations"] == -1_900


def test_what_happens_after_the_last_day_is_of_no_window_but_of_its_order() -> None:
    plain = Plain([Order(59, (MUG,), cancelled_after_s=2 * DAY_S)])
    assert steps(plain, Window(0, 59))["cancellations"] == 0
    assert steps(plain, Window(0, 59), "order")["cancellations"] == -1_900


def test_an_order_whose_lines_do_not_add_up_is_named() -> None:
    plain = Plain([Order(0, (MUG,), 490), Order(1, (MUG,), 490, total_minor=2_400)])
    shop = shop_of(plain)
    book = booked(shop)
    statement = reconciled(shop, book, Window(0, 59), "event")
    assert statement.unexplained_minor == -10
    assert statement.orders_off == 1
    assert not statement.agrees
    table = {column.name: list(column.values) for column in mismatches(shop, book, Window(0, 59)).columns}
    assert table["order_name"] == ["#1"]
    assert table["difference_minor"] == [-10]


def test_an_order_that_gave_back_more_than_it_took_is_named() -> None:
    plain = Plain([Order(0, (MUG,), refunds=(Refund(1, 0, 2, 1_950),))])
    shop = shop_of(plain)
    table = mismatches(shop, booked(shop), Window(0, 59))
    assert {column.name: list(column.values) for column in table.columns}["refunded_beyond_minor"] == [50]


def test_a_shop_without_orders_reconciles() -> None:
    shop = shop_of(Plain())
    statement = reconciled(shop, booked(shop), Window(0, 59), "event")
    assert statement.agrees
    assert statement.by_lines_minor == 0


def test_a_refund_of_an_order_that_is_not_known_is_counted_on_its_day_alone() -> None:
    shop = shop_of(Plain([Order(0, (MUG,), refunds=(Refund(4, -1, 0, 300),))]))
    shop.refunds.order[0] = -1
    book = booked(shop)
    assert totals(book, Window(0, 59), "event")["allowance_minor"] == 300
    assert totals(book, Window(0, 59), "order")["allowance_minor"] == 0
    assert reconciled(shop, book, Window(0, 59), "event").unexplained_minor == 0


@pytest.mark.parametrize("basis", BASES)
def test_the_mock_shop_reconciles_on_every_single_day(shop: Shop, basis: Basis) -> None:
    book = booked(shop)
    for day in range(365):
        assert reconciled(shop, book, Window(day, day), basis).agrees
    assert reconciled(shop, book, Window(0, 364), basis).agrees


def test_the_mock_shop_is_worth_what_its_own_objects_say(shop: Shop) -> None:
    made = generator.shop()
    kept = [order for order in made.orders if order.cancelled_at is None]
    back = sum(refund.amount_minor for order in kept for refund in order.refunds)
    found = totals(booked(shop), Window(0, 364), "order")
    every = derived(found)
    assert every["net_total_minor"] == sum(order.total_minor for order in kept) - back
    assert found["gross_minor"] == sum(
        line.quantity * line.unit_price_minor for order in made.orders for line in order.lines
    )
    assert found["orders"] == len(kept)
    assert every["tax_minor"] == sum(order.tax_minor for order in kept)
    assert found["units_returned"] == sum(
        line.quantity for order in kept for refund in order.refunds for line in refund.lines
    )


def test_amounts_beyond_what_a_double_holds_stay_exact() -> None:
    huge = 2**53 + 1
    plain = Plain([Order(0, (Line(0, 1, huge),)), Order(0, (Line(0, 1, 2),))])
    assert steps(plain, Window(0, 0))["gross_sales"] == huge + 2


@given(st.lists(st.tuples(st.integers(-1, 5), st.integers(-(2**58), 2**58)), max_size=30))
def test_sums_of_whole_numbers_are_exact_however_large(rows: list[tuple[int, int]]) -> None:
    group, amount = (np.array([row[at] for row in rows], dtype=np.int64) for at in (0, 1))
    assert sums(group, amount, 6).tolist() == [sum(row[1] for row in rows if row[0] == at) for at in range(6)]


@given(st.lists(st.integers(-9, 9)))
def test_distinct_values_are_in_order_and_stand_once(values: list[int]) -> None:
    assert distinct(np.array(values, dtype=np.int64)).tolist() == sorted(set(values))
