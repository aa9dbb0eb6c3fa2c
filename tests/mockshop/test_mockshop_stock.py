"""Stock, sales and what the generator knows of demand tell one story."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from tillhand_mockshop.known import Truths
from tillhand_mockshop.model import Shop


def _sold(shop: Shop) -> dict[int, dict[date, int]]:
    """Units by variant and day of the shop's clock, cancelled orders left out."""
    zone = ZoneInfo(shop.time_zone)
    sold: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for order in shop.orders:
        if order.cancelled_at is None:
            day = order.created_at.astimezone(zone).date()
            for line in order.lines:
                sold[line.variant_id][day] += line.quantity
    return sold


def _left(shop: Shop) -> dict[int, int]:
    """Units on the last day by variant, all locations together."""
    by_item: Counter[int] = Counter()
    for (item, _), units in shop.stock.items():
        by_item[item] += units
    return {variant.id: by_item[variant.inventory_item_id] for variant in shop.variants()}


def test_every_sku_has_a_level_at_both_locations(shop: Shop) -> None:
    places = [location.id for location in shop.locations]
    assert [location.name for location in shop.locations] == ["Bracken Lane store", "Warehouse Leipzig"]
    assert set(shop.stock) == {(variant.inventory_item_id, place) for variant in shop.variants() for place in places}
    assert min(shop.stock.values()) == 0


def test_nothing_is_sold_while_nothing_is_there(shop: Shop) -> None:
    sold = _sold(shop)
    empty, gone_by_evening = 0, 0
    for variant, days in shop.stocked_out.items():
        assert all(shop.first_day <= day <= shop.last_day for day in days)
        through = [day for day in days if day - timedelta(days=1) in days]
        empty += len(through)
        gone_by_evening += sum(day in sold[variant] for day in through)
    assert empty > 1000
    assert gone_by_evening <= empty / 1000  # what came in the morning may be gone by the evening


def test_what_has_run_out_on_the_last_day_is_at_zero(shop: Shop) -> None:
    empty = {variant for variant, units in _left(shop).items() if units == 0}
    assert empty == {variant for variant, days in shop.stocked_out.items() if shop.last_day in days}


def test_some_skus_are_at_zero_and_some_will_run_out(shop: Shop, truths: Truths) -> None:
    left = _left(shop)
    closings = Counter(truth.closing for truth in truths.variants.values())
    active = sum(closings.values()) - closings["not_for_sale"]
    assert 0.03 <= closings["none"] / active <= 0.05
    assert 0.06 <= closings["short"] / active <= 0.1
    for variant, truth in truths.variants.items():
        wanted = truth.mean_daily_next * truth.lead_time_days
        if truth.closing == "enough":
            assert left[variant] > wanted
        elif truth.closing == "short":
            assert 0 < left[variant] < wanted
        elif truth.closing == "none":
            assert left[variant] == 0


def test_goods_are_sold_on_their_days_only(shop: Shop, truths: Truths) -> None:
    for variant, days in _sold(shop).items():
        truth = truths.variants[variant]
        assert all(truth.on_sale_from <= day <= truth.on_sale_to for day in days)
    started = [truth for truth in truths.variants.values() if truth.on_sale_from > shop.first_day]
    assert len(started) >= 20


def test_steady_goods_sell_what_is_true_of_them(shop: Shop, truths: Truths) -> None:
    sold = _sold(shop)
    steady = [truth for truth in truths.variants.values() if truth.pattern == "smooth"]
    assert len(steady) >= 20
    for truth in steady:
        open_days = 365 - len(shop.stocked_out.get(truth.variant_id, ()))
        assert sum(sold[truth.variant_id].values()) / open_days == pytest.approx(truth.mean_daily, rel=0.2)


def test_all_demand_together_is_what_is_true_less_what_was_out(shop: Shop, truths: Truths) -> None:
    expected = sum(
        truth.mean_daily * ((truth.on_sale_to - truth.on_sale_from).days + 1) for truth in truths.variants.values()
    )
    units = sum(sum(days.values()) for days in _sold(shop).values())
    assert 0.9 * expected < units < 1.01 * expected


@pytest.mark.parametrize(("pattern", "often", "varied"), [("smooth", True, False), ("erratic", True, True)])
def test_movers_show_their_class(shop: Shop, truths: Truths, pattern: str, often: bool, varied: bool) -> None:
    sold = _sold(shop)
    right = []
    for truth in truths.variants.values():
        if truth.pattern == pattern:
            sizes = list(sold[truth.variant_id].values())
            open_days = 365 - len(shop.stocked_out.get(truth.variant_id, ()))
            mean = sum(sizes) / len(sizes)
            variation = sum((size - mean) ** 2 for size in sizes) / len(sizes) / mean**2
            right.append((open_days / len(sizes) < 1.32, variation > 0.49) == (often, varied))
    assert sum(right) >= 0.75 * len(right)


def test_seldom_movers_are_told_from_lumpy_ones_by_their_sizes(shop: Shop, truths: Truths) -> None:
    sizes: dict[str, list[int]] = {"intermittent": [], "lumpy": []}
    for variant, days in _sold(shop).items():
        sizes.get(truths.variants[variant].pattern, []).extend(days.values())
    spread = {}
    for pattern, values in sizes.items():
        mean = sum(values) / len(values)
        spread[pattern] = sum((value - mean) ** 2 for value in values) / len(values) / mean**2
    assert spread["intermittent"] < 0.49 < spread["lumpy"]


def test_dead_goods_lie_on_the_shelf(shop: Shop, truths: Truths) -> None:
    sold, left = _sold(shop), _left(shop)
    dead = [truth.variant_id for truth in truths.variants.values() if truth.pattern == "dead"]
    assert len(dead) >= 30
    assert all(variant not in sold and left[variant] > 0 for variant in dead)


def test_sledges_sell_in_winter_and_hoses_in_summer(shop: Shop) -> None:
    kinds = {variant.id: product.product_type for product in shop.products for variant in product.variants}
    months: dict[str, Counter[int]] = defaultdict(Counter)
    for variant, days in _sold(shop).items():
        for day, units in days.items():
            months[kinds[variant]][day.month] += units
    assert months["Sledges"][12] > 10 * max(months["Sledges"][7], 1)
    assert months["Garden Hoses"][7] > 3 * months["Garden Hoses"][1]
