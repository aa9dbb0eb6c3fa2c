"""The panel of a shop holds what its orders, refunds, shelves and purchase orders say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.domain.inventory.panel import Panel, demand, panel_of
from tillhand_analytics.domain.records import Shop
from tillhand_mockshop import generator
from tillhand_mockshop.model import Shop as MockShop


@pytest.fixture(scope="module")
def mock() -> MockShop:
    return generator.shop()


@pytest.fixture(scope="module")
def made(shop: Shop) -> Panel:
    return panel_of(shop)


def test_demand_is_what_orders_that_stood_say_by_day(mock: MockShop, made: Panel) -> None:
    zone = ZoneInfo(mock.time_zone)
    sold: Counter[tuple[int, int]] = Counter()
    for order in mock.orders:
        if order.cancelled_at is None:
            day = (order.created_at.astimezone(zone).date() - mock.first_day).days
            for line in order.lines:
                sold[line.variant_id, day] += line.quantity
    place = {variant.id: at for at, variant in enumerate(mock.variants())}
    expected = np.zeros(made.units.shape)
    for (variant, day), units in sold.items():
        expected[place[variant], day] = units
    assert np.array_equal(made.units, expected)
    assert made.units.sum() > 50_000


def test_cancelled_orders_are_no_demand(mock: MockShop, made: Panel) -> None:
    cancelled = sum(line.quantity for order in mock.orders if order.cancelled_at for line in order.lines)
    everything = sum(line.quantity for order in mock.orders for line in order.lines)
    assert cancelled > 0
    assert made.units.sum() == everything - cancelled


def test_returns_lower_revenue_and_not_demand(mock: MockShop, made: Panel) -> None:
    stood = [order for order in mock.orders if order.cancelled_at is None]
    returned = sum(line.quantity for order in stood for refund in order.refunds for line in refund.lines)
    refunded = sum(line.amount_minor for order in stood for refund in order.refunds for line in refund.lines)
    gross = sum(line.quantity * line.unit_price_minor - line.discount_minor for order in stood for line in order.lines)
    assert made.returned_units.sum() == returned > 0
    assert made.revenue_minor.sum() == gross - refunded


def test_what_lies_there_and_what_is_on_its_way_is_that_of_the_shop(mock: MockShop, made: Panel) -> None:
    on_hand, awaited = Counter[int](), Counter[int]()
    for (item, _), units in mock.stock.items():
        on_hand[item] += units
    for row in mock.deliveries:
        awaited[row.variant_id] += row.ordered if row.received_on is None else 0
    assert made.on_hand.tolist() == [on_hand[variant.inventory_item_id] for variant in mock.variants()]
    assert made.incoming.tolist() == [awaited[variant.id] for variant in mock.variants()]
    assert sum(awaited.values()) > 0


def test_a_day_without_stock_and_without_sale_is_not_available(mock: MockShop, made: Panel) -> None:
    place = {variant.id: at for at, variant in enumerate(mock.variants())}
    seen = 0
    for variant, days in mock.stocked_out.items():
        for day in days:
            at = (day - mock.first_day).days
            assert made.available[place[variant], at] == (made.units[place[variant], at] > 0)
            seen += 1
    assert seen > 1_000
    launched = [at for at, since in enumerate(made.on_sale[:, 0]) if not since]
    assert len(launched) > 20
    assert not made.available[launched, 0].any()


def test_a_shop_without_goods_or_orders_has_an_empty_panel(mock: MockShop) -> None:
    empty = columns(
        replace(mock, products=(), orders=(), stock={}, stocked_out={}, deliveries=(), search=(), sessions=())
    )
    assert panel_of(empty).units.shape == (0, 365)
    unsold = columns(replace(mock, orders=(), deliveries=(), search=(), sessions=()))
    assert panel_of(unsold).units.sum() == 0
    one_day = columns(replace(mock, first_day=mock.last_day, search=(), sessions=()))
    last = panel_of(one_day)
    assert last.units.shape == (1200, 1)
    assert last.units.sum() == panel_of(columns(mock)).units[:, -1].sum()
    assert mock.last_day - timedelta(days=364) == mock.first_day


def test_quantities_of_one_cell_add_up() -> None:
    cells = demand(np.array([0, 1, 1]), np.array([2, 0, 0]), np.array([5, 3, 4]), (2, 3))
    assert cells.tolist() == [[0, 0, 5], [7, 0, 0]]
