"""Session rows narrow from step to step and end in the orders of the day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tillhand_mockshop.known import Truths
from tillhand_mockshop.model import Shop

CHANNELS = {"Organic Search", "Direct", "Paid Search", "Email", "Referral", "Organic Social"}


def test_each_step_has_fewer_visits_than_the_one_before(shop: Shop) -> None:
    assert 30_000 <= len(shop.sessions) <= 50_000
    assert {row.channel for row in shop.sessions} == CHANNELS
    for row in shop.sessions:
        assert row.sessions >= row.item_views >= row.add_to_carts >= row.checkouts >= row.purchases >= 0
        assert row.sessions >= row.users >= row.new_users >= 0
        assert row.sessions >= row.engaged_sessions >= row.add_to_carts
        assert row.users > 0
        assert (row.revenue_minor > 0) == (row.purchases > 0)


def test_no_row_says_the_same_twice(shop: Shop) -> None:
    keys = {
        (row.day, row.channel, row.source, row.medium, row.landing_page, row.device, row.country)
        for row in shop.sessions
    }
    assert len(keys) == len(shop.sessions)


@pytest.mark.parametrize("size", ["full", "small"])
def test_purchases_and_revenue_are_the_web_orders_of_the_day(size: str, request: pytest.FixtureRequest) -> None:
    made: tuple[Shop, Truths] = request.getfixturevalue(size)
    shop = made[0]
    zone = ZoneInfo(shop.time_zone)
    ordered: Counter[date] = Counter()
    taken: Counter[date] = Counter()
    for order in shop.orders:
        if order.channel == "web" and order.cancelled_at is None:
            day = order.created_at.astimezone(zone).date()
            ordered[day] += 1
            taken[day] += order.total_minor
    bought: Counter[date] = Counter()
    earned: Counter[date] = Counter()
    for row in shop.sessions:
        bought[row.day] += row.purchases
        earned[row.day] += row.revenue_minor
    assert +bought == ordered
    assert +earned == taken


def test_about_one_visit_in_forty_ends_in_a_purchase(shop: Shop) -> None:
    visits = sum(row.sessions for row in shop.sessions)
    assert 0.015 < sum(row.purchases for row in shop.sessions) / visits < 0.04


def test_landing_pages_are_pages_of_the_shop(shop: Shop) -> None:
    handles = {f"/products/{product.handle}" for product in shop.products}
    for page in sorted({row.landing_page for row in shop.sessions}):
        assert page == "/" or page in handles or page.startswith(("/collections/", "/blogs/journal/"))
