"""Orders add up, follow one another, and go wrong as often as orders do."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tillhand_mockshop.known import Truths
from tillhand_mockshop.model import Order, Shop


def _goods(order: Order) -> int:
    return sum(line.quantity * line.unit_price_minor - line.discount_minor for line in order.lines)


def test_totals_add_up(shop: Shop) -> None:
    prices = {variant.id: variant.price_minor for variant in shop.variants()}
    for order in shop.orders:
        assert order.total_minor == _goods(order) + order.shipping_minor
        assert abs(order.tax_minor * 119 - order.total_minor * 19) * 2 <= 119
        assert all(line.unit_price_minor == prices[line.variant_id] for line in order.lines)
        assert all(0 <= line.discount_minor < line.quantity * line.unit_price_minor for line in order.lines)


def test_shipping_is_free_from_sixty_and_in_the_store(shop: Shop) -> None:
    for order in shop.orders:
        free = order.channel == "pos" or _goods(order) >= 6000
        assert order.shipping_minor == (0 if free else 490)


def test_names_and_numbers_grow_with_time(shop: Shop) -> None:
    assert [order.name for order in shop.orders] == [f"#{1001 + place}" for place in range(len(shop.orders))]
    moments = [order.created_at for order in shop.orders]
    assert moments == sorted(moments)
    numbers = [order.id for order in shop.orders]
    assert numbers == sorted(set(numbers))


def test_orders_fill_the_year_on_the_shops_clock(shop: Shop) -> None:
    zone = ZoneInfo(shop.time_zone)
    days = Counter(order.created_at.astimezone(zone).date() for order in shop.orders)
    assert min(days) == shop.first_day
    assert max(days) == shop.last_day
    assert len(days) == 365
    assert 18_000 <= len(shop.orders) <= 25_000


def test_the_store_sells_in_its_hours_only(shop: Shop) -> None:
    zone = ZoneInfo(shop.time_zone)
    in_store = [order.created_at.astimezone(zone) for order in shop.orders if order.channel == "pos"]
    assert in_store
    assert all(9 <= moment.hour < 19 and moment.weekday() != 6 for moment in in_store)


def test_a_basket_holds_one_to_five_different_things(shop: Shop) -> None:
    lengths = Counter(len(order.lines) for order in shop.orders)
    assert set(lengths) == {1, 2, 3, 4, 5}
    assert all(len({line.variant_id for line in order.lines}) == len(order.lines) for order in shop.orders)


def test_some_orders_are_cancelled_and_a_few_of_them_were_huge_mistakes(shop: Shop, truths: Truths) -> None:
    cancelled = [order for order in shop.orders if order.cancelled_at is not None]
    assert 0.01 <= len(cancelled) / len(shop.orders) <= 0.02
    huge = [order for order in cancelled if order.lines[0].quantity >= 60]
    assert len(huge) >= 10
    assert tuple(order.id for order in huge) == truths.mistaken_orders
    for order in cancelled:
        assert order.cancelled_at is not None
        assert order.cancelled_at > order.created_at
        assert order.financial in {"VOIDED", "REFUNDED"}
    for order in huge:
        assert order.cancelled_at is not None
        assert order.cancelled_at - order.created_at <= timedelta(minutes=25)


def test_refunds_give_back_what_was_paid_and_no_more(shop: Shop) -> None:
    refunded = [order for order in shop.orders if order.refunds and order.cancelled_at is None]
    assert 0.035 <= len(refunded) / len(shop.orders) <= 0.065
    assert {order.financial for order in refunded} == {"REFUNDED", "PARTIALLY_REFUNDED"}
    for order in shop.orders:
        back = sum(refund.amount_minor for refund in order.refunds)
        assert (order.financial == "REFUNDED") == (back == order.total_minor)
        assert (order.financial == "PARTIALLY_REFUNDED") == (0 < back < order.total_minor)
        lines = {line.id: line for line in order.lines}
        for refund in order.refunds:
            assert refund.created_at > order.created_at
            assert sum(line.amount_minor for line in refund.lines) <= refund.amount_minor
            assert all(line.quantity <= lines[line.line_id].quantity for line in refund.lines)


def test_recent_orders_may_wait_for_money_and_for_parcels(shop: Shop) -> None:
    pending = [order for order in shop.orders if order.financial == "PENDING"]
    assert 3 <= len(pending) <= 60
    assert all(order.fulfillment == "UNFULFILLED" for order in pending)
    counted = Counter(order.fulfillment for order in shop.orders)
    assert counted["UNFULFILLED"] > counted["PARTIALLY_FULFILLED"] > 0


def test_promotions_show_in_discounts(shop: Shop, truths: Truths) -> None:
    department = {product.tags[0]: product for product in shop.products}
    assert {promotion.department.lower() for promotion in truths.promotions} <= set(department)
    assert len(truths.promotions) >= 12
    zone = ZoneInfo(shop.time_zone)
    promotion = truths.promotions[0]
    wares = {
        variant.id
        for product in shop.products
        if product.tags[0] == promotion.department.lower()
        for variant in product.variants
    }
    lines = [
        line
        for order in shop.orders
        if promotion.first_day <= order.created_at.astimezone(zone).date() <= promotion.last_day
        for line in order.lines
        if line.variant_id in wares
    ]
    assert lines
    for line in lines:
        assert line.discount_minor / (line.quantity * line.unit_price_minor) == pytest.approx(
            promotion.percent / 100, abs=0.06
        )


def test_december_is_busier_than_february(shop: Shop) -> None:
    months = Counter(order.created_at.month for order in shop.orders)
    assert months[12] / 31 > 1.2 * months[2] / 28
