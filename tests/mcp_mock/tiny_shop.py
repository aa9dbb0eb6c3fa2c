"""A shop small enough to be counted by hand, with two products, a few visits, and a few searches."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from tillhand_common.testing import FakeClock
from tillhand_mcp.mock.world import World
from tillhand_mockshop.model import Location, Product, ProductStatus, SearchRow, SessionRow, Shop, Variant

LAST_DAY: Final = date(2026, 3, 14)  # a Saturday, the day before `NOW`
NOW: Final = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


def tiny_shop() -> Shop:
    """Return the shop."""
    products = (_product(1, "oak-shelf", "ACTIVE"), _product(2, "old-lamp", "ARCHIVED"))
    return Shop(
        name="Bracken Lane",
        domain="brackenlane.example",
        currency="GBP",
        time_zone="Europe/London",
        first_day=LAST_DAY - timedelta(days=20),
        last_day=LAST_DAY,
        locations=(Location(1, "Shed"),),
        products=products,
        customers=(),
        orders=(),
        stock={(11, 1): 5, (12, 1): 0},
        stocked_out={},
        deliveries=(),
        search=_search(),
        sessions=_sessions(),
    )


def tiny_world(clock: FakeClock | None = None) -> World:
    """Return a world over the shop, at noon of the day after its last."""
    return World(tiny_shop(), clock or FakeClock(NOW))


def session(ago: int, channel: str, **changes: object) -> SessionRow:
    """Return visits so many days before the last."""
    fields: dict[str, Any] = {
        "day": LAST_DAY - timedelta(days=ago),
        "channel": channel,
        "source": "google" if channel == "Organic Search" else "(direct)",
        "medium": "organic" if channel == "Organic Search" else "(none)",
        "landing_page": "/products/oak-shelf?ref=a",
        "device": "desktop",
        "country": "GB",
        "sessions": 10,
        "engaged_sessions": 6,
        "users": 8,
        "new_users": 5,
        "item_views": 20,
        "add_to_carts": 4,
        "checkouts": 2,
        "purchases": 1,
        "revenue_minor": 1250,
    }
    return SessionRow(**{**fields, **changes})


def search(engine: str, ago: int, query: str, **changes: object) -> SearchRow:
    """Return searches so many days before the last."""
    fields: dict[str, Any] = {
        "engine": engine,
        "day": LAST_DAY - timedelta(days=ago),
        "page": "https://brackenlane.example/products/oak-shelf",
        "query": query,
        "country": "GB",
        "device": "desktop",
        "clicks": 2,
        "impressions": 10,
        "position": 4.0,
    }
    return SearchRow(**{**fields, **changes})


def _sessions() -> tuple[SessionRow, ...]:
    return (
        session(0, "Organic Search"),
        session(0, "Direct", sessions=4, engaged_sessions=1, users=4, purchases=0, revenue_minor=0),
        session(1, "Organic Search", sessions=20, engaged_sessions=10, users=15, device="mobile", country="IE"),
        session(8, "Organic Search", sessions=7, engaged_sessions=7, users=7, revenue_minor=999),
    )


def _search() -> tuple[SearchRow, ...]:
    lamp = "https://brackenlane.example/products/old-lamp"
    return (
        search("google", 0, "oak shelf"),
        search("google", 3, "oak shelf", impressions=30, clicks=6, position=2.0),
        search("google", 3, "Lamp Shade", page=lamp, country="IE", device="mobile", clicks=1, impressions=5),
        search("google", 4, "shelf brackets", clicks=9, impressions=50, position=1.5),
        search("bing", 0, "oak shelf", clicks=1, impressions=4, position=3.0),
        search("bing", 1, "oak shelf", clicks=0, impressions=4, position=5.0),
        search("bing", 7, "lamp", page=lamp, clicks=0, impressions=3, position=9.0),
    )


def _product(number: int, handle: str, status: ProductStatus) -> Product:
    made = datetime(2025, 1, number, tzinfo=UTC)
    variant = Variant(
        id=100 + number,
        inventory_item_id=10 + number,
        product_id=number,
        sku=f"SKU-{number}",
        title="Default Title",
        price_minor=1250,
        compare_at_minor=None,
        unit_cost_minor=500,
        barcode="",
        weight_g=900,
        supplier="Ashdown",
        lead_time_days=7,
    )
    return Product(
        id=number,
        handle=handle,
        title=handle.replace("-", " ").title(),
        vendor="Ashdown",
        product_type="Furniture",
        description_html="<p>Of wood.</p>",
        tags=(),
        status=status,
        created_at=made,
        updated_at=made,
        variants=(variant,),
        metafields=(),
    )
