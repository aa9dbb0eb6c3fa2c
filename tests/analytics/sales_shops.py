"""Small shops of a test's own: orders in plain terms, turned into columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from tillhand_analytics.domain.records import (
    Deliveries,
    Ints,
    Lines,
    Orders,
    Refunds,
    Searches,
    Shop,
    Stock,
    StockOuts,
    Variants,
    Visits,
)

FIRST_DAY = np.datetime64("2026-01-01", "D")
DAY_S = 86_400
CATEGORIES = ("Mugs", "Rugs", "Mugs", "Tents")


@dataclass(frozen=True)
class Line:
    """A line of an order; `variant` -1 is of goods that are gone."""

    variant: int
    quantity: int
    price_minor: int
    discount_minor: int = 0


@dataclass(frozen=True)
class Refund:
    """Given back on a day; `line` is the place within the order, -1 for money alone."""

    day: int
    line: int
    quantity: int
    amount_minor: int


@dataclass(frozen=True)
class Order:
    """An order of a day; `cancelled_after_s` seconds after it was placed."""

    day: int
    lines: tuple[Line, ...]
    shipping_minor: int = 0
    cancelled_after_s: int | None = None
    refunds: tuple[Refund, ...] = ()
    channel: int = 0
    customer: int = 0
    total_minor: int | None = None

    @property
    def total(self) -> int:
        """What was asked."""
        goods = sum(line.quantity * line.price_minor - line.discount_minor for line in self.lines)
        return goods + self.shipping_minor if self.total_minor is None else self.total_minor


@dataclass(frozen=True)
class Visit:
    """Visits of a day; `counts` are those of the five stages."""

    day: int
    counts: tuple[int, int, int, int, int]
    channel: str = "Direct"
    device: str = "mobile"
    page: str = "/"
    revenue_minor: int = 0


@dataclass(frozen=True)
class Plain:
    """A shop in plain terms."""

    orders: Sequence[Order] = ()
    days: int = 60
    visits: Sequence[Visit] = field(default_factory=tuple)
    customers: int = 4
    variants: int = 4
    for_sale: bool = True
    unit_cost_minor: int = 100


def ints(values: Sequence[int]) -> Ints:
    """A column."""
    return np.array(list(values), dtype=np.int64)


def shop_of(plain: Plain) -> Shop:
    """The shop as columns; in Berlin, orders are placed at noon."""
    return Shop(
        *("Shop", "shop.example", "EUR", "Europe/Berlin"),
        first_day=FIRST_DAY,
        last_day=FIRST_DAY + plain.days - 1,
        variants=_variants(plain),
        orders=_orders(plain),
        lines=_lines(plain.orders),
        refunds=_refunds(plain.orders),
        stock=Stock((), *[ints([])] * 6),
        stock_outs=StockOuts(ints([]), _days([]), np.datetime64("NaT", "D")),
        deliveries=_no_deliveries(),
        searches=_no_searches(),
        visits=_visits(plain.visits),
    )


def _days(values: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return FIRST_DAY + ints(values)


def _no_deliveries() -> Deliveries:
    none, never = ints([]), _days([])
    return Deliveries((), (), none, none, none, never, never, never, none, none)


def _no_searches() -> Searches:
    none = ints([])
    return Searches((), (), (), (), none, _days([]), none, none, none, none, none, none, np.zeros(0))


def _variants(plain: Plain) -> Variants:
    count = plain.variants
    names = [f"SKU-{at}" for at in range(count)]
    return Variants(
        tuple(f"id-{at}" for at in range(count)),
        tuple(names),
        tuple(f"Thing {at}" for at in range(count)),
        tuple(f"product-{at // 2}" for at in range(count)),
        tuple(CATEGORIES[at % len(CATEGORIES)] for at in range(count)),
        tuple("Maker" for _ in range(count)),
        price_minor=np.full(count, 1000),
        unit_cost_minor=np.full(count, plain.unit_cost_minor),
        lead_time_days=np.full(count, 7),
        on_sale_from=np.full(count, FIRST_DAY),
        for_sale=np.full(count, plain.for_sale),
    )


def _orders(plain: Plain) -> Orders:
    orders = plain.orders
    noon = (_days([order.day for order in orders]) + np.timedelta64(0, "D")).astype("datetime64[s]") + 12 * 3600
    cancelled = np.array([np.datetime64("NaT", "s")] * len(orders), dtype="datetime64[s]")
    for at, order in enumerate(orders):
        if order.cancelled_after_s is not None:
            cancelled[at] = noon[at] + np.timedelta64(order.cancelled_after_s, "s")
    return Orders(
        tuple(f"order-{at}" for at in range(len(orders))),
        tuple(f"#{at}" for at in range(len(orders))),
        tuple(f"customer-{at}" for at in range(plain.customers)),
        ("web", "pos"),
        ints([order.customer for order in orders]),
        ints([order.channel for order in orders]),
        noon,
        _days([order.day for order in orders]),
        cancelled,
        ints([order.shipping_minor for order in orders]),
        ints([order.total // 6 for order in orders]),
        ints([order.total for order in orders]),
    )


def _lines(orders: Sequence[Order]) -> Lines:
    rows = [(at, line) for at, order in enumerate(orders) for line in order.lines]
    return Lines(
        tuple(f"line-{at}" for at in range(len(rows))),
        ints([at for at, _ in rows]),
        ints([line.variant for _, line in rows]),
        ints([line.quantity for _, line in rows]),
        ints([line.quantity * line.price_minor - line.discount_minor for _, line in rows]),
        ints([line.discount_minor for _, line in rows]),
    )


def _refunds(orders: Sequence[Order]) -> Refunds:
    first = np.cumsum([0, *(len(order.lines) for order in orders)]).tolist()
    rows = [(at, refund) for at, order in enumerate(orders) for refund in order.refunds]
    days = _days([refund.day for _, refund in rows])
    return Refunds(
        ints([at for at, _ in rows]),
        ints([first[at] + refund.line if refund.line >= 0 else -1 for at, refund in rows]),
        days.astype("datetime64[s]"),
        days,
        ints([refund.quantity for _, refund in rows]),
        ints([refund.amount_minor for _, refund in rows]),
    )


def _visits(visits: Sequence[Visit]) -> Visits:
    def numbered(values: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
        names = tuple(dict.fromkeys(values))
        return names, ints([names.index(value) for value in values])

    pages, page = numbered([visit.page for visit in visits])
    channels, channel = numbered([visit.channel for visit in visits])
    devices, device = numbered([visit.device for visit in visits])
    countries, country = numbered(["DE" for _ in visits])
    sessions, views, carts, checkouts, purchases = (
        ints([visit.counts[stage] for visit in visits]) for stage in range(5)
    )
    return Visits(
        *(pages, channels, devices, countries),
        day=_days([visit.day for visit in visits]),
        page=page,
        channel=channel,
        device=device,
        country=country,
        sessions=sessions,
        engaged=sessions,
        users=sessions,
        new_users=sessions,
        item_views=views,
        add_to_carts=carts,
        checkouts=checkouts,
        purchases=purchases,
        revenue_minor=ints([visit.revenue_minor for visit in visits]),
    )


@st.composite
def orders(draw: st.DrawFn, days: int = 60) -> Order:
    """Any order: cancelled or not, with refunds of lines and of money, within what was paid or beyond it."""
    lines = tuple(
        Line(
            draw(st.integers(-1, 3)),
            quantity := draw(st.integers(1, 9)),
            price := draw(st.integers(0, 5_000)),
            draw(st.integers(0, quantity * price)),
        )
        for _ in range(draw(st.integers(0, 4)))
    )
    day = draw(st.integers(0, days - 1))
    goods = st.builds(
        Refund, st.integers(day, days + 5), st.integers(0, len(lines) - 1), st.integers(0, 3), st.integers(0, 9_000)
    )
    money = st.builds(Refund, st.integers(day, days + 5), st.just(-1), st.just(0), st.integers(0, 9_000))
    back = goods | money if lines else money
    return Order(
        day,
        lines,
        draw(st.sampled_from((0, 490))),
        draw(st.none() | st.integers(0, 40 * DAY_S)),
        tuple(draw(st.lists(back, max_size=3))),
        draw(st.integers(0, 1)),
        draw(st.integers(-1, 3)),
    )


@st.composite
def plain_shops(draw: st.DrawFn) -> Plain:
    """Any shop of up to two dozen orders."""
    return Plain(draw(st.lists(orders(), max_size=24)))


def weekday_shop(days: int = 200) -> Shop:
    """Four SKUs that sell by the weekday, and goods that are gone."""
    random = np.random.default_rng(3)
    orders = [
        Order(day, (Line(variant, int(quantity), 500 + 100 * variant),))
        for day in range(days)
        for variant in range(-1, 4)
        if (quantity := random.poisson(2 + 3 * (day % 7 == 5) + max(variant, 0)))
    ]
    return shop_of(Plain(orders, days=days))
