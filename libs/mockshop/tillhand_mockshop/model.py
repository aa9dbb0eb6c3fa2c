"""What a mock shop holds. Money is in minor units of the shop's currency, moments are aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

ProductStatus = Literal["ACTIVE", "DRAFT", "ARCHIVED"]
Financial = Literal["PAID", "PENDING", "PARTIALLY_REFUNDED", "REFUNDED", "VOIDED"]
Fulfillment = Literal["FULFILLED", "UNFULFILLED", "PARTIALLY_FULFILLED"]
Engine = Literal["google", "bing"]
Device = Literal["desktop", "mobile", "tablet"]


@dataclass(frozen=True, slots=True)
class Metafield:
    """A field that the shop has added; `type` is one of Shopify's type names, such as `single_line_text_field`."""

    id: int
    namespace: str
    key: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Variant:
    """What is sold: one SKU. `id` and `inventory_item_id` are unique in the shop."""

    id: int
    inventory_item_id: int
    product_id: int
    sku: str
    title: str
    price_minor: int
    compare_at_minor: int | None
    unit_cost_minor: int
    barcode: str
    weight_g: int
    supplier: str
    lead_time_days: int


@dataclass(frozen=True, slots=True)
class Product:
    """Variants that share a page."""

    id: int
    handle: str
    title: str
    vendor: str
    product_type: str
    description_html: str
    tags: tuple[str, ...]
    status: ProductStatus
    created_at: datetime
    updated_at: datetime
    variants: tuple[Variant, ...]
    metafields: tuple[Metafield, ...]


@dataclass(frozen=True, slots=True)
class Location:
    """Where stock lies."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody lives; `country` is an ISO 3166 code."""

    street: str
    city: str
    postcode: str
    country: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody made up: addresses end in `.example`, telephone numbers are of ranges kept for fiction."""

    id: int
    first_name: str
    last_name: str
    email: str
    phone: str | None
    address: Address
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`discount_minor` is that of the whole line."""

    id: int
    variant_id: int
    quantity: int
    unit_price_minor: int
    discount_minor: int


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A part of an order line that was given back."""

    line_id: int
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back, for goods where `lines` says so; `amount_minor` is the whole of it."""

    id: int
    created_at: datetime
    lines: tuple[RefundLine, ...]
    amount_minor: int
    note: str


@dataclass(frozen=True, slots=True)
class Order:
    """`total_minor` is what was asked at first: lines less discounts, and shipping; prices hold `tax_minor`."""

    id: int
    name: str
    customer_id: int
    created_at: datetime
    lines: tuple[OrderLine, ...]
    shipping_minor: int
    tax_minor: int
    total_minor: int
    financial: Financial
    fulfillment: Fulfillment
    cancelled_at: datetime | None
    refunds: tuple[Refund, ...]
    channel: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of a purchase order to a supplier; rows of one order have one `id`.

    It is awaited while `received_on` is None, and `received` is 0 then. Some suppliers send less than was ordered.
    """

    id: int
    supplier: str
    variant_id: int
    ordered_on: date
    promised_on: date
    received_on: date | None
    ordered: int
    received: int


@dataclass(frozen=True, slots=True)
class SearchRow:
    """What one query brought to one page on one day. `position` is the impression-weighted mean, from 1."""

    engine: Engine
    day: date
    page: str
    query: str
    country: str
    device: Device
    clicks: int
    impressions: int
    position: float


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Visits of one day by channel, landing page, device and country, and what they led to."""

    day: date
    channel: str
    source: str
    medium: str
    landing_page: str
    device: Device
    country: str
    sessions: int
    engaged_sessions: int
    users: int
    new_users: int
    item_views: int
    add_to_carts: int
    checkouts: int
    purchases: int
    revenue_minor: int


@dataclass(frozen=True, slots=True)
class Shop:
    """A whole shop from `first_day` to `last_day`, both in it, days being those of `time_zone`.

    `stock` is what lies where at the end of the last day, by (inventory item id, location id). `stocked_out` names the
    days at whose end nothing was left, by variant id; what would have been bought then is in no order. `deliveries` are
    by the day of their order, and tell why stock rose; a count of the shelves may have found other units.
    """

    name: str
    domain: str
    currency: str
    time_zone: str
    first_day: date
    last_day: date
    locations: tuple[Location, ...]
    products: tuple[Product, ...]
    customers: tuple[Customer, ...]
    orders: tuple[Order, ...]
    stock: Mapping[tuple[int, int], int]
    stocked_out: Mapping[int, frozenset[date]]
    deliveries: tuple[Delivery, ...]
    search: tuple[SearchRow, ...]
    sessions: tuple[SessionRow, ...]

    def variants(self) -> tuple[Variant, ...]:
        """All SKUs, by product and place."""
        return tuple(variant for product in self.products for variant in product.variants)
