"""What holds of every shop, whoever has told it: figures rest on it without looking again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

import numpy as np

from tillhand_analytics.domain.records import ENGINES, Shop

POINTS_AT: Final[Mapping[str, Mapping[str, str]]] = {
    "orders": {"customer": "customers", "channel": "channels"},
    "stock": {"location": "locations"},
    "deliveries": {"purchase": "ids", "supplier": "suppliers"},
    "searches": {"page": "pages", "query": "queries", "country": "countries", "device": "devices"},
    "visits": {"page": "pages", "channel": "channels", "device": "devices", "country": "countries"},
}
"""Which column holds places of which table, within a part of a shop."""
UNKNOWABLE: Final = {"orders.customer", "lines.variant", "refunds.line"}
"""Columns in which -1 says that there is none."""
COUNTS: Final = {
    "lines": ("discount_minor",),
    "stock": ("committed", "incoming"),
    "deliveries": ("ordered", "received"),
    "searches": ("clicks", "impressions"),
    "visits": ("sessions", "engaged", "users", "new_users", "item_views", "add_to_carts", "checkouts", "purchases"),
}


def columns(shop: Shop) -> Iterator[tuple[str, Any]]:
    """Every column and table of a shop, by part and name."""
    for part in fields(Shop):
        value = getattr(shop, part.name)
        if hasattr(value, "__dataclass_fields__"):
            yield from ((f"{part.name}.{each.name}", getattr(value, each.name)) for each in fields(value))
        else:
            yield part.name, value


def kinds(shop: Shop) -> dict[str, str]:
    """Of what kind each column is: the same ones, whoever has told the shop."""
    return {
        name: str(value.dtype) if isinstance(value, np.ndarray | np.generic) else type(value).__name__
        for name, value in columns(shop)
    }


def assert_whole(shop: Shop) -> None:
    """All that a shop promises."""
    for part in fields(Shop):
        rows = {len(value) for name, value in columns(shop) if name.startswith(f"{part.name}.") and _is_column(value)}
        assert len(rows) <= 1, f"{part.name}: columns of {sorted(rows)} rows"
    _assert_places(shop)
    _assert_days(shop)
    for part_name, names in COUNTS.items():
        for each in names:
            assert (getattr(getattr(shop, part_name), each) >= 0).all(), f"{part_name}.{each}"
    assert (shop.lines.quantity > 0).all()
    assert (shop.searches.position[shop.searches.impressions > 0] >= 1).all()
    assert (shop.searches.clicks <= shop.searches.impressions).all()
    for identified in (shop.variants, shop.orders, shop.lines):
        assert len(set(identified.ids)) == len(identified.ids)


def _is_column(value: object) -> bool:
    return isinstance(value, np.ndarray)


def _assert_places(shop: Shop) -> None:
    points = {
        f"{part}.{column}": len(getattr(getattr(shop, part), table))
        for part, tables in POINTS_AT.items()
        for column, table in tables.items()
    }
    variants, orders, lines = len(shop.variants.ids), len(shop.orders.ids), len(shop.lines.ids)
    points |= dict.fromkeys(("lines.variant", "stock.variant", "stock_outs.variant", "deliveries.variant"), variants)
    points |= {"lines.order": orders, "refunds.order": orders, "refunds.line": lines, "searches.engine": len(ENGINES)}
    for name, value in columns(shop):
        if name in points:
            least = -1 if name in UNKNOWABLE else 0
            assert ((value >= least) & (value < points[name])).all(), name


def _assert_days(shop: Shop) -> None:
    for name in ("orders", "refunds", "searches", "visits", "stock_outs"):
        day = getattr(shop, name).day
        assert ((day >= shop.first_day) & (day <= shop.last_day)).all(), name
    cancelled = ~np.isnat(shop.orders.cancelled_at)
    assert (shop.orders.cancelled_at[cancelled] >= shop.orders.created_at[cancelled]).all()
