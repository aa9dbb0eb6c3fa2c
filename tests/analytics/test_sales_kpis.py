"""Key figures, their comparisons, series and breakdowns."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.sales_shops import FIRST_DAY, Line, Order, Plain, Refund, Visit, plain_shops, shop_of
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales.book import booked
from tillhand_analytics.domain.sales.breakdown import DIMENSIONS, Dimension, breakdown, grouped, restricted
from tillhand_analytics.domain.sales.kpis import compared, kpis
from tillhand_analytics.domain.sales.measures import derived, totals
from tillhand_analytics.domain.sales.series import series
from tillhand_analytics.domain.sales.windows import STEPS, Step, Window, day_of, window
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.errors import BadFigure
from tillhand_mockshop import generator
from tillhand_mockshop.truths import truths

MUG = Line(0, 2, 1_000)


def figures(plain: Plain, asked: Window, channel: str | None = None) -> dict[str, float]:
    shop = shop_of(plain)
    return {kpi.name: kpi.value for kpi in kpis(shop, booked(shop), asked, "event", channel)}


def columns(table: Table) -> dict[str, list[object]]:
    return {column.name: list(column.values) for column in table.columns}


def test_values_of_orders_are_those_of_orders_that_stand() -> None:
    plain = Plain(
        [
            Order(0, (MUG,), 490),
            Order(1, (Line(1, 1, 5_000, 1_000), Line(2, 1, 1_000)), customer=1),
            Order(2, (Line(1, 500, 5_000),), cancelled_after_s=300, customer=2),
        ]
    )
    found = figures(plain, Window(0, 9))
    assert found["orders_placed"] == 3
    assert found["orders"] == 2
    assert found["average_order_value"] == 3_500
    assert found["median_order_value"] == 3_500
    assert found["items_per_order"] == 2
    assert found["customers"] == 2
    assert found["cancellation_rate"] == pytest.approx(1 / 3)


def test_a_customer_is_new_once_and_a_cancelled_order_makes_nobody_a_customer() -> None:
    plain = Plain(
        [Order(0, (MUG,), cancelled_after_s=60), Order(5, (MUG,)), Order(9, (MUG,)), Order(9, (MUG,), customer=-1)]
    )
    assert figures(plain, Window(0, 4))["customers"] == 0
    first, later = figures(plain, Window(5, 8)), figures(plain, Window(9, 12))
    assert (first["customers_new"], first["customers_returning"]) == (1, 0)
    assert (later["customers_new"], later["customers_returning"], later["guest_orders"]) == (0, 1, 1)


def test_rates_of_nothing_are_missing_not_zero() -> None:
    found = figures(Plain(), Window(0, 9))
    for name in ("refund_rate", "discount_rate", "cancellation_rate", "average_order_value", "conversion_rate"):
        assert math.isnan(found[name])
    assert found["net_sales"] == 0


def test_refunds_are_measured_by_what_was_sold_and_stands() -> None:
    plain = Plain(
        [
            Order(0, (MUG,), refunds=(Refund(1, 0, 1, 500), Refund(1, -1, 0, 100))),
            Order(0, (Line(1, 9, 9_000),), cancelled_after_s=60),
        ]
    )
    assert figures(plain, Window(0, 9))["refund_rate"] == pytest.approx(0.3)


def test_conversion_comes_from_visits_and_is_left_out_for_a_channel_of_orders() -> None:
    plain = Plain([Order(0, (MUG,), channel=1)], visits=[Visit(0, (200, 90, 20, 10, 5)), Visit(30, (99, 1, 1, 1, 1))])
    assert figures(plain, Window(0, 9))["conversion_rate"] == pytest.approx(0.025)
    assert "conversion_rate" not in figures(plain, Window(0, 9), "pos")
    assert figures(plain, Window(0, 9), "pos")["orders"] == 1
    assert figures(plain, Window(0, 9), "web")["orders"] == 0
    with pytest.raises(BadFigure, match="There are: pos, web"):
        figures(plain, Window(0, 9), "carrier pigeon")


def test_a_window_is_compared_with_the_days_right_before_where_all_are_known() -> None:
    plain = Plain([Order(3, (MUG,)), Order(12, (MUG,)), Order(13, (MUG,))])
    shop = shop_of(plain)
    rows = columns(compared(shop, booked(shop), Window(10, 19), "event"))
    at = rows["kpi"].index("gross_sales")
    assert (rows["value"][at], rows["previous"][at], rows["change"][at]) == (4_000, 2_000, 2_000)
    assert rows["change_share"][at] == 1
    assert rows["previous_whole"][at]
    assert not rows["last_year_whole"][at]
    assert math.isnan(rows["last_year"][at])  # type: ignore[arg-type]  # a number


def test_part_of_a_window_is_shown_and_compared_with_nothing() -> None:
    plain = Plain([Order(1, (MUG,)), Order(12, (MUG,))])
    shop = shop_of(plain)
    rows = columns(compared(shop, booked(shop), Window(5, 19), "event"))
    at = rows["kpi"].index("gross_sales")
    assert rows["previous"][at] == 2_000
    assert not rows["previous_whole"][at]
    assert math.isnan(rows["change"][at])  # type: ignore[arg-type]  # a number


def test_last_year_is_the_same_weekdays_52_weeks_ago() -> None:
    plain = Plain([Order(2, (MUG,)), Order(366, (Line(0, 3, 1_000),))], days=400)
    shop = shop_of(plain)
    rows = columns(compared(shop, booked(shop), Window(366, 372), "event"))
    at = rows["kpi"].index("gross_sales")
    assert (rows["value"][at], rows["last_year"][at]) == (3_000, 2_000)
    assert rows["last_year_whole"][at]


@settings(max_examples=50)
@given(plain_shops(), st.sampled_from(STEPS), st.integers(0, 59), st.integers(0, 59))
def test_steps_of_a_series_add_up_to_the_window(plain: Plain, step: Step, one: int, other: int) -> None:
    shop = shop_of(plain)
    book, asked = booked(shop), Window(min(one, other), max(one, other))
    rows = columns(series(shop, book, asked, step, "event"))
    found = totals(book, asked, "event")
    every = {**found, **derived(found)}
    for name in ("gross_minor", "net_total_minor", "orders", "units_returned", "orders_cancelled"):
        assert sum(int(value) for value in rows[name]) == every[name]  # type: ignore[call-overload]  # whole numbers


def test_days_without_orders_are_rows_of_zeros() -> None:
    shop = shop_of(Plain([Order(0, (MUG,)), Order(9, (MUG,))]))
    rows = columns(series(shop, booked(shop), Window(0, 9), "day", "event"))
    assert rows["gross_minor"] == [2_000, *[0] * 8, 2_000]
    assert rows["period"] == [str(FIRST_DAY + at) for at in range(10)]


def test_weeks_are_those_of_the_iso_calendar_and_say_whether_they_are_whole() -> None:
    shop = shop_of(Plain(days=400))
    rows = columns(series(shop, booked(shop), Window(0, 399), "week", "event"))
    start = date(2026, 1, 1)
    expected = dict.fromkeys(
        f"{(start + timedelta(at)).isocalendar().year}-W{(start + timedelta(at)).isocalendar().week:02d}"
        for at in range(400)
    )
    assert rows["period"] == list(expected)
    assert rows["first_day"][0] == np.datetime64("2025-12-29")
    assert not rows["whole"][0]
    assert all(rows["whole"][1:-1])


def test_months_have_their_own_lengths() -> None:
    shop = shop_of(Plain())
    rows = columns(series(shop, booked(shop), Window(0, 59), "month", "event"))
    assert rows["period"] == ["2026-01", "2026-02", "2026-03"]
    assert rows["last_day"] == [np.datetime64(day) for day in ("2026-01-31", "2026-02-28", "2026-03-31")]
    assert rows["whole"] == [True, True, False]


def test_the_day_of_a_moment_follows_the_shop_through_summer_time() -> None:
    shop = shop_of(Plain(days=365))
    moments = np.array(
        ["2026-03-28T22:59:59", "2026-03-28T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00", "NaT"],
        dtype="datetime64[s]",
    )
    assert [str(day) for day in day_of(shop, moments)] == [
        "2026-03-28",
        "2026-03-29",
        "2026-03-29",
        "2026-03-30",
        "NaT",
    ]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2025-12-31", None, "query.first_day"),
        ("2026-03-02", None, "query.first_day"),
        (None, "2026-03-02", "query.last_day"),
        ("2026-02-01", "2026-01-31", "query.last_day"),
        ("2026-01-01", "2025-12-01", "query.last_day"),
    ],
)
def test_a_window_outside_the_known_days_is_refused_by_its_field(
    first: str | None, last: str | None, field: str
) -> None:
    shop = shop_of(Plain())
    days = [None if text is None else np.datetime64(text, "D") for text in (first, last)]
    with pytest.raises(BadFigure) as refused:
        window(shop, days[0], days[1], default_days=28)
    assert refused.value.field == field


def test_without_a_first_day_a_window_is_as_long_as_the_shop_is_known() -> None:
    shop = shop_of(Plain())
    assert window(shop, None, None, default_days=28) == Window(32, 59)
    assert window(shop, None, np.datetime64("2026-01-05"), default_days=28) == Window(0, 4)


@settings(max_examples=50)
@given(plain_shops(), st.sampled_from(DIMENSIONS))
def test_rows_of_a_breakdown_add_up_to_the_goods_sold(plain: Plain, dimension: Dimension) -> None:
    shop = shop_of(plain)
    book = booked(shop)
    table = breakdown(shop, book, Window(0, 59), "event", grouped(shop, dimension))
    rows, found = columns(table), totals(book, Window(0, 59), "event")
    for name in ("gross_minor", "discount_minor", "cancelled_minor", "returned_minor", "units_returned"):
        assert sum(int(value) for value in rows[name]) == found[name]  # type: ignore[call-overload]  # whole numbers
    net = [int(value) for value in rows["net_minor"]]  # type: ignore[call-overload]  # whole numbers
    assert net == sorted(net, reverse=True)
    if any(value > 0 for value in net):
        assert rows["cumulative_share"][-1] == pytest.approx(1)


def test_an_order_cancelled_within_minutes_is_no_best_seller() -> None:
    plain = Plain([Order(0, (Line(3, 500, 1_000),), cancelled_after_s=300), Order(0, (MUG,))])
    shop = shop_of(plain)
    rows = columns(breakdown(shop, booked(shop), Window(0, 59), "event", grouped(shop, "sku")))
    assert rows["key"] == ["SKU-0", "SKU-3"]
    assert rows["net_minor"] == [2_000, 0]
    assert rows["cancelled_minor"] == [0, 500_000]
    assert rows["orders"] == [1, 0]


def test_a_breakdown_of_one_category_and_channel_leaves_all_others_out() -> None:
    lines = (MUG, Line(1, 1, 700), Line(-1, 1, 50))
    shop = shop_of(Plain([Order(0, lines), Order(0, lines, channel=1)]))
    for category, channel, net in (("Mugs", None, [4_000]), (None, "pos", [2_000, 700, 50]), ("Rugs", "web", [700])):
        groups = restricted(shop, grouped(shop, "sku"), category, channel)
        rows = columns(breakdown(shop, booked(shop), Window(0, 59), "event", groups))
        assert rows["net_minor"] == net
        assert rows["orders"] == [2 if channel is None else 1] * len(net)
    with pytest.raises(BadFigure) as refused:
        restricted(shop, grouped(shop, "sku"), "Boats", None)
    assert refused.value.field == "query.category"


def test_margins_are_known_only_where_all_costs_are() -> None:
    plain = Plain([Order(0, (MUG, Line(-1, 1, 700)), refunds=(Refund(1, 0, 1, 1_000),))])
    shop = shop_of(plain)
    table = breakdown(shop, booked(shop), Window(0, 59), "event", grouped(shop, "sku"))
    margin = table.columns[-1]
    assert margin.known is not None
    assert columns(table)["key"] == ["SKU-0", ""]
    assert list(margin.known) == [True, False]
    assert margin.values[0] == 1_000 - 100


def test_key_figures_of_the_mock_shop_are_those_of_its_own_orders(shop: Shop) -> None:
    made = generator.shop()
    found = {kpi.name: kpi.value for kpi in kpis(shop, booked(shop), Window(0, 364), "order")}
    kept = [order for order in made.orders if order.cancelled_at is None]
    worth = [sum(line.quantity * line.unit_price_minor - line.discount_minor for line in order.lines) for order in kept]
    assert found["orders"] == len(kept)
    assert found["average_order_value"] == pytest.approx(sum(worth) / len(worth))
    assert found["median_order_value"] == np.median(worth)
    assert found["customers"] == len({order.customer_id for order in kept})
    assert found["sessions"] == sum(row.sessions for row in made.sessions)
    assert found["cancellation_rate"] == pytest.approx(1 - len(kept) / len(made.orders))


def test_mistaken_orders_of_the_mock_shop_sell_nothing(shop: Shop) -> None:
    made, mistaken = generator.shop(), set(truths().mistaken_orders)
    sold: dict[str, int] = {}
    names = {variant.id: variant.sku for variant in made.variants()}
    for order in made.orders:
        if order.id not in mistaken and order.cancelled_at is None:
            for line in order.lines:
                sold[names[line.variant_id]] = sold.get(names[line.variant_id], 0) + line.quantity
    table = columns(breakdown(shop, booked(shop), Window(0, 364), "order", grouped(shop, "sku")))
    units = dict(zip(table["key"], table["units_net"], strict=True))
    returned = dict(zip(table["key"], table["units_returned"], strict=True))
    assert all(units[sku] + returned[sku] == count for sku, count in sold.items())  # type: ignore[operator]  # numbers
