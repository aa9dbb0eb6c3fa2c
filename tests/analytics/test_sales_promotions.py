"""Discounts on whole categories are found, and what they sold beyond the usual."""

from __future__ import annotations

import math

import numpy as np

from tests.analytics.sales_shops import Line, Order, Plain, shop_of
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales.book import booked
from tillhand_analytics.domain.sales.promotions import sold
from tillhand_analytics.domain.sales.uplift import Campaign, campaigns, promotions
from tillhand_analytics.domain.sales.windows import Window
from tillhand_mockshop.truths import truths
from tillhand_mockshop.words_goods import KINDS


def found(shop: Shop) -> tuple[Campaign, ...]:
    return campaigns(sold(shop, booked(shop)))


def discounted(days: range, first: int, last: int, during: int, usual: int = 4, *, unit_cost_minor: int = 100) -> Shop:
    """Mugs at a fifth less from `first` to `last`, and rugs that sell the same every day."""
    orders = []
    for day in days:
        promoted = first <= day <= last
        mug = Order(day, (Line(0, 1, 1_000, 200 if promoted else 0),))
        orders += [mug] * (during if promoted else usual)
        orders += [Order(day, (Line(1, 1, 1_000),)) for _ in range(4)]
    return shop_of(Plain(orders, days=len(days), unit_cost_minor=unit_cost_minor))


def test_a_discount_that_doubles_sales_is_found_with_its_days_and_uplift() -> None:
    (campaign,) = found(discounted(range(60), 30, 35, during=8))
    assert campaign.promotion.categories == ("Mugs",)
    assert (campaign.promotion.first, campaign.promotion.last, campaign.promotion.percent) == (30, 35, 20)
    assert campaign.uplift == 2
    assert campaign.low < 2 < campaign.high
    # 48 mugs at 800 less 100 each, against the 24 usual ones at 1,000.
    assert campaign.extra_margin_minor == 48 * 700 - 24 * 900


def test_what_the_whole_shop_sold_more_is_no_uplift() -> None:
    orders = []
    for day in range(60):
        promoted = 30 <= day <= 35
        for _ in range(8 if promoted else 4):
            orders.append(Order(day, (Line(0, 1, 1_000, 200 if promoted else 0),)))
            orders.append(Order(day, (Line(1, 1, 1_000),)))
    (campaign,) = found(shop_of(Plain(orders)))
    assert campaign.uplift == 1


def test_vouchers_of_single_customers_are_no_promotion() -> None:
    orders = [
        Order(day, (Line(0, 1, 1_000, 100 if at % 5 == 0 else 0),)) for day in range(60) for at in range(day, day + 4)
    ]
    assert found(shop_of(Plain(orders))) == ()


def test_cancelled_orders_make_no_promotion() -> None:
    orders = [Order(day, (Line(0, 1, 1_000, 300),), cancelled_after_s=60) for day in range(3) for _ in range(9)]
    assert found(shop_of(Plain(orders))) == ()


def test_a_discount_without_usual_days_has_no_uplift() -> None:
    (campaign,) = found(discounted(range(20), 0, 19, during=5))
    assert math.isnan(campaign.uplift)
    assert campaign.extra_margin_minor is None


def test_margins_want_costs() -> None:
    (campaign,) = found(discounted(range(60), 30, 35, during=8, unit_cost_minor=-1))
    assert campaign.uplift == 2
    assert campaign.extra_margin_minor is None


def test_a_window_tells_the_campaigns_that_it_touches() -> None:
    shop = discounted(range(60), 30, 35, during=8)
    book = booked(shop)
    assert [len(promotions(shop, book, window)) for window in (Window(0, 29), Window(35, 59), Window(36, 59))] == [
        0,
        1,
        0,
    ]
    assert len(promotions(shop_of(Plain()), booked(shop_of(Plain())), Window(0, 59))) == 0


def test_every_promotion_of_the_mock_shop_is_found_on_its_days_and_no_other(shop: Shop) -> None:
    department = {kind.name: kind.department for kind in KINDS}
    begin = shop.first_day.astype("datetime64[D]")
    told = {
        (
            {department[name] for name in each.promotion.categories}.pop(),
            (begin + each.promotion.first).item(),
            (begin + each.promotion.last).item(),
        )
        for each in found(shop)
    }
    assert told == {(each.department, each.first_day, each.last_day) for each in truths().promotions}
    assert all(len({department[name] for name in each.promotion.categories}) == 1 for each in found(shop))


def test_intervals_hold_the_uplift_that_the_mock_shop_was_made_with(shop: Shop) -> None:
    made = sorted(truths().promotions, key=lambda each: each.first_day)
    measured = sorted(found(shop), key=lambda each: each.promotion.first)
    held = [each.low <= truth.uplift <= each.high for each, truth in zip(measured, made, strict=True)]
    assert np.mean(held) >= 0.85
    errors = [abs(math.log(each.uplift / truth.uplift)) for each, truth in zip(measured, made, strict=True)]
    assert np.median(errors) < 0.15
    assert [round(each.promotion.percent) for each in measured] == [each.percent for each in made]
