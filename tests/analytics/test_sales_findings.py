"""Pairs that belong together, orders that are slips, and where visitors leave."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analytics.sales_shops import Line, Order, Plain, Visit, shop_of
from tillhand_analytics.adapters.mockshop import columns as as_columns
from tillhand_analytics.adapters.mockshop import gid
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales.baskets import Baskets, paired
from tillhand_analytics.domain.sales.book import booked
from tillhand_analytics.domain.sales.bundles import Asked, bundles
from tillhand_analytics.domain.sales.funnel import SEGMENTS, Segment, flowed, losses, segmented
from tillhand_analytics.domain.sales.funnel_tables import drop_offs, funnel
from tillhand_analytics.domain.sales.mistakes import orders_to_check, suspects
from tillhand_analytics.domain.sales.windows import Window
from tillhand_analytics.domain.tables import Table
from tillhand_mockshop.generator import LAST_DAY, build_with_truths
from tillhand_mockshop.truths import truths

YEAR = Window(0, 364)


def columns(table: Table) -> dict[str, list[object]]:
    return {column.name: list(column.values) for column in table.columns}


def random_baskets(seed: int, weeks: int = 30, items: int = 40, *, bound: float = 0.0) -> Baskets:
    """Baskets of one to nine items of unequal fame; half of the items are of the first weeks, half of the last ones.

    With `bound`, so many of the baskets with item 6 hold item 8 as well.
    """
    random = np.random.default_rng(seed)
    fame = 1 / np.arange(1, items + 1)
    rows: list[tuple[int, int]] = []
    week: list[int] = []
    for of_week in range(weeks):
        season = fame * np.where((np.arange(items) % 2 == 0) == (of_week < weeks / 2), 1.0, 0.05)
        for _ in range(60):
            held = set(
                random.choice(items, size=random.integers(1, 10), replace=False, p=season / season.sum()).tolist()
            )
            if 6 in held and random.random() < bound:
                held.add(8)
            rows += [(len(week), item) for item in sorted(held)]
            week.append(of_week)
    pairs = np.array(rows)
    return Baskets(pairs[:, 0], pairs[:, 1], np.array(week), items)


def test_things_of_one_season_in_baskets_of_many_sizes_do_not_seem_to_belong_together() -> None:
    pairs = paired(random_baskets(1), 5)
    naive = pairs.both * pairs.baskets / (pairs.of_item[pairs.first] * pairs.of_item[pairs.second])
    assert (naive > 1.5).sum() > 50
    assert (pairs.rate <= 0.05).sum() <= 2


def test_things_that_belong_together_are_found() -> None:
    pairs = paired(random_baskets(2, bound=0.8), 5)
    best = int(np.argmin(pairs.p_value))
    assert (pairs.first[best], pairs.second[best]) == (6, 8)
    assert pairs.rate[best] < 1e-6


def test_chance_makes_as_many_pairs_as_there_are() -> None:
    pairs = paired(random_baskets(3), 0)
    every = paired(random_baskets(3, items=12), 1)
    assert every.expected.sum() == pytest.approx(every.both.sum(), rel=0.01)
    assert pairs.both.min() >= 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=40, unique=True), st.integers(1, 4))
def test_counts_of_pairs_are_those_of_a_plain_count(held: list[tuple[int, int]], least: int) -> None:
    rows = np.array(sorted(held), dtype=np.int64).reshape(-1, 2)
    pairs = paired(Baskets(rows[:, 0], rows[:, 1], np.zeros(10, dtype=np.int64), 6), least)
    sets = [{item for basket, item in held if basket == at} for at in range(10)]
    expected = {
        (one, other): count
        for one in range(6)
        for other in range(one + 1, 6)
        if (count := sum({one, other} <= basket for basket in sets)) >= least
    }
    assert dict(zip(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True), pairs.both, strict=True)) == expected


def test_the_mock_shop_whose_baskets_are_drawn_at_random_has_no_findings(shop: Shop) -> None:
    book = booked(shop)
    for level in ("sku", "product", "category"):
        table = columns(bundles(shop, book, YEAR, Asked(level=level, least=3)))
        assert not any(table["finding"])
        assert not any(table["suggested"])


def _couples(count: int, *, for_sale: bool = True) -> Plain:
    together = [Order(day, (Line(0, 1, 900), Line(2, 1, 900))) for day in range(count)]
    alone = [Order(day, (Line(at, 1, 900),)) for day in range(count) for at in (1, 3)]
    mixed = [Order(day, (Line(1, 1, 900), Line(3, 1, 900))) for day in range(0, count, 4)]
    return Plain(together + alone + mixed, for_sale=for_sale)


def test_a_pair_is_told_with_its_support_confidence_and_lift() -> None:
    shop = shop_of(_couples(40))
    table = columns(bundles(shop, booked(shop), Window(0, 59), Asked(level="sku", least=3)))
    assert (table["first_key"][0], table["second_key"][0]) == ("SKU-0", "SKU-2")
    assert table["orders"][0] == 40
    assert table["support"][0] == pytest.approx(40 / 130)
    assert table["confidence_first"][0] == 1
    assert table["lift"][0] == pytest.approx(130 / 40)
    assert table["finding"][0]
    assert table["suggested"][0]
    assert not table["finding"][1]


def test_only_what_is_for_sale_is_suggested_and_findings_can_be_had_alone() -> None:
    shop = shop_of(_couples(40, for_sale=False))
    table = columns(bundles(shop, booked(shop), Window(0, 59), Asked(level="sku", least=3, only_findings=True)))
    assert table["finding"] == [True]
    assert table["suggested"] == [False]


def test_cancelled_orders_and_goods_that_are_gone_are_in_no_basket() -> None:
    both = (Line(0, 1, 900), Line(2, 1, 900))
    plain = Plain([Order(0, both, cancelled_after_s=60), Order(0, (Line(0, 1, 900), Line(-1, 1, 900))), Order(1, both)])
    shop = shop_of(plain)
    table = columns(bundles(shop, booked(shop), Window(0, 59), Asked(level="sku", least=1)))
    assert table["orders"] == [1]
    assert table["orders_first"] == [2]


@pytest.mark.parametrize("least", [0, 5])
def test_a_shop_without_baskets_has_no_pairs(least: int) -> None:
    shop = shop_of(Plain())
    assert len(bundles(shop, booked(shop), Window(0, 59), Asked(least=least))) == 0


def test_every_mistaken_order_of_the_mock_shop_is_found_and_no_other(shop: Shop) -> None:
    found = suspects(shop)
    assert {shop.orders.ids[order] for order in found.order} == {
        gid("Order", order) for order in truths().mistaken_orders
    }


def test_mistaken_orders_of_other_mock_shops_are_found() -> None:
    hits = planted = told = 0
    for seed in (3, 4):
        made, known = build_with_truths(seed=seed, last_day=LAST_DAY, skus=300, days=200)
        shop = as_columns(made)
        found = {shop.orders.ids[order] for order in suspects(shop).order}
        truth = {gid("Order", order) for order in known.mistaken_orders}
        hits, planted, told = hits + len(found & truth), planted + len(truth), told + len(found)
    assert hits / planted >= 0.95
    assert hits / told >= 0.95


def test_an_order_that_still_stands_is_told_before_those_that_were_cancelled() -> None:
    usual = [Order(day % 60, (Line(0, 1 + day % 3, 900),)) for day in range(600)]
    huge = (Line(0, 80, 900),)
    plain = Plain([*usual, Order(9, (Line(0, 400, 900),), cancelled_after_s=720), Order(9, huge), Order(50, huge)])
    shop = shop_of(plain)
    rows = columns(orders_to_check(shop, booked(shop), Window(0, 30)))
    assert rows["order_name"] == ["#601", "#600"]
    assert rows["standing"] == ["open", "cancelled_at_once"]
    assert rows["minutes_to_cancellation"][1] == 12
    assert rows["usual_units"] == [3, 3]


def test_few_orders_are_no_measure_of_what_is_usual() -> None:
    shop = shop_of(Plain([*(Order(0, (Line(0, 1, 900),)) for _ in range(30)), Order(0, (Line(0, 400, 900),))]))
    assert len(orders_to_check(shop, booked(shop), Window(0, 59))) == 0


def test_a_funnel_tells_each_stage_beside_the_window_before() -> None:
    visits = [Visit(5, (1_000, 400, 100, 50, 40)), Visit(15, (1_000, 500, 100, 50, 25))]
    shop = shop_of(Plain(visits=visits))
    rows = columns(funnel(shop, Window(10, 19), "all"))
    assert rows["visits"] == [1_000, 500, 100, 50, 25]
    assert rows["share_of_stage_before"] == [1, 0.5, 0.2, 0.5, 0.5]
    assert rows["previous_share"][4] == pytest.approx(0.8)
    assert rows["change"][4] == pytest.approx(-0.3)
    assert rows["change_p_value"][4] < 0.01  # type: ignore[operator]  # a number


def test_a_segment_without_visits_is_left_out_and_a_stage_nobody_reached_has_no_share() -> None:
    shop = shop_of(Plain(visits=[Visit(5, (10, 0, 0, 0, 0)), Visit(50, (9, 9, 9, 9, 9), device="desktop")]))
    rows = columns(funnel(shop, Window(0, 9), "device"))
    assert set(rows["segment"]) == {"mobile"}
    assert np.isnan(np.array(rows["share_of_stage_before"], dtype=float)[2:]).all()
    assert len(funnel(shop, Window(20, 29), "device")) == 0
    assert len(drop_offs(shop, Window(20, 29), "device")) == 0


def test_the_drop_off_that_costs_most_comes_first_with_what_it_costs() -> None:
    better = Visit(0, (10_000, 5_000, 1_000, 500, 400), device="desktop", revenue_minor=4_000_000)
    worse = Visit(0, (10_000, 5_000, 250, 125, 100), device="mobile", revenue_minor=1_000_000)
    rows = columns(drop_offs(shop_of(Plain(visits=[better, worse])), Window(0, 9), "device"))
    assert (rows["segment"][0], rows["stage"][0], rows["next_stage"][0]) == ("mobile", "item_views", "add_to_carts")
    assert rows["lost_purchases"][0] == pytest.approx(300)
    assert rows["lost_minor"][0] == pytest.approx(3_000_000)
    assert rows["finding"][0]
    assert len(rows["segment"]) == 1


def test_a_single_segment_has_nothing_to_be_compared_with() -> None:
    assert len(drop_offs(shop_of(Plain(visits=[Visit(0, (90, 40, 10, 5, 4))])), Window(0, 9), "all")) == 0


@pytest.mark.parametrize("by", SEGMENTS)
def test_segments_add_up_to_all_visits_of_the_mock_shop(shop: Shop, by: Segment) -> None:
    flow = flowed(shop, segmented(shop, by), YEAR)
    assert list(flow.whole) == [
        int(stage.sum())
        for stage in (
            *(shop.visits.sessions, shop.visits.item_views, shop.visits.add_to_carts),
            *(shop.visits.checkouts, shop.visits.purchases),
        )
    ]


def test_the_mock_shop_loses_most_where_its_visitors_were_made_to_buy_least(shop: Shop) -> None:
    """Mobile visitors and those of social networks buy least by design."""
    for by, worst in (("device", "mobile"), ("channel", "Organic Social")):
        found = losses(flowed(shop, segmented(shop, by), YEAR))  # type: ignore[arg-type]  # a segment
        to_cart = found.stage == 1
        shares = dict(zip(found.segment[to_cart], found.share[to_cart], strict=True))
        names = {"device": shop.visits.devices, "channel": shop.visits.channels}[by]
        assert min(shares, key=shares.__getitem__) == names.index(worst)
