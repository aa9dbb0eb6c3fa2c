"""Purchase orders agree with the catalogue, with the stock and with what the generator knows."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

from tillhand_mockshop.known import Truths
from tillhand_mockshop.model import Shop


def test_a_delivery_is_promised_after_the_lead_time_and_comes_from_the_supplier_of_its_variant(shop: Shop) -> None:
    variants = {variant.id: variant for variant in shop.variants()}
    assert len(shop.deliveries) > 3000
    for row in shop.deliveries:
        variant = variants[row.variant_id]
        assert row.supplier == variant.supplier
        assert row.promised_on - row.ordered_on == timedelta(days=variant.lead_time_days)
        assert shop.first_day <= row.ordered_on <= shop.last_day


def test_what_came_came_after_it_was_ordered_and_was_no_more(shop: Shop) -> None:
    for row in shop.deliveries:
        if row.received_on is None:
            assert row.received == 0 < row.ordered
        else:
            assert row.ordered_on <= row.received_on <= shop.last_day
            assert 0 < row.received <= row.ordered


def test_an_order_is_one_suppliers_and_of_one_day(shop: Shop) -> None:
    orders = defaultdict(set)
    for row in shop.deliveries:
        orders[row.id].add((row.supplier, row.ordered_on))
    assert all(len(seen) == 1 for seen in orders.values())
    assert len(orders) == len(set().union(*orders.values()))
    assert list(orders) == sorted(orders)


def test_some_suppliers_are_late_and_some_send_too_little(shop: Shop) -> None:
    come = [row for row in shop.deliveries if row.received_on is not None]
    assert 0.1 < sum(row.received_on > row.promised_on for row in come if row.received_on) / len(come) < 0.4
    short = Counter(row.supplier for row in come if row.received < row.ordered)
    all_of = Counter(row.supplier for row in come)
    shares = {name: short[name] / number for name, number in all_of.items()}
    assert sum(share > 0.08 for share in shares.values()) >= 3
    assert sum(share < 0.03 for share in shares.values()) >= 4


def test_stock_rises_by_deliveries_only(shop: Shop, truths: Truths) -> None:
    """A SKU that was out of stock and is there again got a delivery on that day."""
    came = {(row.variant_id, row.received_on) for row in shop.deliveries}
    ends, explained = 0, 0
    for variant, days in shop.stocked_out.items():
        after = [day + timedelta(days=1) for day in days if day + timedelta(days=1) not in days]
        back = [day for day in after if day <= shop.last_day]
        ends += len(back)
        explained += sum((variant, day) in came for day in back)
    assert ends > 500
    assert explained >= 0.99 * ends


def test_orders_are_awaited_at_the_end_and_some_are_overdue(shop: Shop, truths: Truths) -> None:
    awaited = [row for row in shop.deliveries if row.received_on is None]
    assert len(awaited) > 50
    assert sum(row.promised_on < shop.last_day for row in awaited) >= 10
    assert all(truths.variants[row.variant_id].closing != "short" for row in awaited)
