"""From orders to purchases, and from purchases to histories."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_analytics.domain.customers.purchases import Purchases, histories, purchases, shop_purchases
from tillhand_analytics.domain.records import Shop

FIRST = np.datetime64("2026-01-01")
ROWS = st.lists(st.tuples(st.integers(-1, 5), st.integers(0, 60), st.integers(0, 10_000)), max_size=60)


def bought(*rows: tuple[int, int, float]) -> Purchases:
    customer, day, value = (np.array(column) for column in zip(*rows, strict=True))
    return purchases(customer, FIRST + day.astype("timedelta64[D]"), value)


def test_orders_of_one_day_are_one_purchase_worth_their_sum() -> None:
    found = bought((7, 3, 100), (7, 3, 50), (7, 5, 20))
    assert found.value_minor.tolist() == [150, 20]
    assert (found.day - FIRST).astype(int).tolist() == [3, 5]


def test_guests_and_orders_without_a_day_are_left_out() -> None:
    days = np.array(["2026-01-01", "NaT", "2026-01-02"], "datetime64[D]")
    found = purchases(np.array([-1, 2, 2]), days, np.array([10, 20, 30]))
    assert found.customer.tolist() == [2]
    assert found.value_minor.tolist() == [30]


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="value_minor"):
        purchases(np.array([1]), np.array([FIRST]), np.array([1, 2]))


def test_a_history_counts_from_the_first_purchase_to_the_end() -> None:
    known = histories(bought((1, 0, 100), (1, 14, 30), (1, 28, 50), (2, 7, 9)), FIRST + 35, unit_days=7)
    assert known.customer.tolist() == [1, 2]
    assert known.frequency.tolist() == [2, 0]
    assert known.recency.tolist() == [4, 0]
    assert known.age.tolist() == [5, 4]
    assert known.mean_value_minor[0] == 40
    assert np.isnan(known.mean_value_minor[1])


def test_what_comes_after_the_last_day_is_not_known() -> None:
    known = histories(bought((1, 0, 1), (1, 9, 1), (2, 10, 1)), FIRST + 9)
    assert (known.customer.tolist(), known.frequency.tolist()) == ([1], [1])


def test_nobody_has_no_history() -> None:
    known = histories(bought((1, 5, 1)), FIRST)
    assert len(known) == 0
    assert len(known.age) == len(known.mean_value_minor) == 0


@given(ROWS, st.randoms())
def test_the_order_of_orders_does_not_matter_and_nothing_gets_lost(
    rows: list[tuple[int, int, int]], random: Random
) -> None:
    rows = rows or [(0, 0, 0)]
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = bought(*rows), bought(*shuffled)
    assert one.customer.tolist() == other.customer.tolist()
    assert one.value_minor.tolist() == other.value_minor.tolist()
    assert one.value_minor.sum() == sum(value for customer, _, value in rows if customer >= 0)
    known = histories(one, FIRST + 60)
    assert int(known.frequency.sum()) + len(known) == len(one)
    assert ((known.recency >= 0) & (known.recency <= known.age)).all()
    assert ((known.recency > 0) == (known.frequency > 0)).all()


def test_a_shop_counts_neither_cancelled_orders_nor_guests(shop: Shop) -> None:
    orders = shop.orders
    kept = np.isnat(orders.cancelled_at) & (orders.customer >= 0)
    back = np.zeros(len(kept), np.int64)
    np.add.at(back, shop.refunds.order, shop.refunds.amount_minor)
    found = shop_purchases(shop)
    assert found.value_minor.sum() == (orders.total_minor - back)[kept].sum()
    pairs = {(int(who), day) for who, day in zip(orders.customer[kept], orders.day[kept], strict=True)}
    assert len(found) == len(pairs)
    guests = replace(shop, orders=replace(orders, customer=np.full(len(kept), -1)))
    assert len(shop_purchases(guests)) == 0


def test_a_refund_of_an_unknown_order_takes_nothing_off_another(shop: Shop) -> None:
    refunds = replace(shop.refunds, order=np.full(len(shop.refunds.order), -1))
    orders = shop.orders
    found = shop_purchases(replace(shop, refunds=refunds))
    assert found.value_minor.sum() == orders.total_minor[np.isnat(orders.cancelled_at)].sum()
