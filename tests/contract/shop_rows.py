"""A shop as plain rows, so that two of them can be held against each other."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from tillhand_analytics.domain.records import Shop


def assert_same(first: Any, second: Any, name: str) -> None:  # noqa: ANN401  # any part of a shop
    """Field by field, arrays value by value."""
    for field in fields(first):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, np.ndarray | np.generic):
            np.testing.assert_array_equal(one, other, err_msg=f"{name}.{field.name}")
        elif hasattr(one, "__dataclass_fields__"):
            assert_same(one, other, f"{name}.{field.name}")
        else:
            assert one == other, f"{name}.{field.name}"


def texts(table: tuple[str, ...], places: Any) -> list[str]:  # noqa: ANN401  # a column
    return [table[place] for place in places.tolist()]


def rows(*columns_: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  # columns
    return list(zip(*(each if isinstance(each, list) else each.tolist() for each in columns_), strict=True))


def orders_of(shop: Shop) -> dict[str, tuple[Any, ...]]:
    orders = shop.orders
    customers = [orders.customers[place] if place >= 0 else None for place in orders.customer.tolist()]
    found = rows(
        list(orders.names),
        customers,
        texts(orders.channels, orders.channel),
        orders.created_at,
        orders.day,
        orders.cancelled_at,
        orders.shipping_minor,
        orders.tax_minor,
        orders.total_minor,
    )
    return dict(zip(orders.ids, found, strict=True))


def lines_of(shop: Shop) -> dict[str, tuple[Any, ...]]:
    lines = shop.lines
    found = rows(
        texts(shop.orders.ids, lines.order),
        texts(shop.variants.ids, lines.variant),
        lines.quantity,
        lines.amount_minor,
        lines.discount_minor,
    )
    return dict(zip(lines.ids, found, strict=True))


def refunds_of(shop: Shop) -> list[tuple[Any, ...]]:
    refunds = shop.refunds
    on = [shop.lines.ids[place] if place >= 0 else "" for place in refunds.line.tolist()]
    order = texts(shop.orders.ids, refunds.order)
    return sorted(rows(order, on, refunds.at, refunds.day, refunds.quantity, refunds.amount_minor))


def variants_of(shop: Shop) -> dict[str, tuple[Any, ...]]:
    variants = shop.variants
    found = rows(
        list(variants.skus),
        list(variants.titles),
        list(variants.product_ids),
        list(variants.categories),
        list(variants.suppliers),
        variants.price_minor,
        variants.unit_cost_minor,
        variants.lead_time_days,
        variants.on_sale_from,
        variants.for_sale,
    )
    return dict(zip(variants.ids, found, strict=True))


def stock_of(shop: Shop) -> dict[tuple[str, str], tuple[Any, ...]]:
    stock = shop.stock
    names = rows(texts(shop.variants.ids, stock.variant), texts(stock.locations, stock.location))
    return dict(zip(names, rows(stock.available, stock.on_hand, stock.committed, stock.incoming), strict=True))


def searches_of(shop: Shop) -> list[tuple[Any, ...]]:
    found = shop.searches
    google = found.engine == 0
    names = [
        texts(getattr(found, table), getattr(found, name)[google])
        for table, name in (("pages", "page"), ("queries", "query"), ("countries", "country"), ("devices", "device"))
    ]
    figures = (found.clicks[google], found.impressions[google], found.position[google].round(9))
    return sorted(rows(found.day[google], *names, *figures))


def visits_of(shop: Shop) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """Sums by all that both ways tell apart: the generator knows the source of a channel, too."""
    found = shop.visits
    names = rows(
        found.day,
        texts(found.channels, found.channel),
        texts(found.pages, found.page),
        texts(found.devices, found.device),
        texts(found.countries, found.country),
    )
    measured = np.stack(
        [
            *(found.sessions, found.engaged, found.users, found.new_users, found.item_views),
            *(found.add_to_carts, found.checkouts, found.purchases, found.revenue_minor),
        ]
    )
    sums: dict[tuple[Any, ...], Any] = {}
    for at, name in enumerate(names):
        sums[name] = sums.get(name, 0) + measured[:, at]
    return {name: tuple(values.tolist()) for name, values in sums.items() if values.any()}
