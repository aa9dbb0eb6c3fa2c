"""What the tools `shopify_*` take and give. Money is whole minor units with a currency."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tillhand_mcp.adapters.shopify.bulk_queries import Kind

Text = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Search = Annotated[str, Field(max_length=500, description="In Shopify's search syntax.")]
Cursor = Annotated[str, Field(min_length=1, max_length=2_000, description="`next_cursor` of the page before.")]


def _gid(kind: str) -> StringConstraints:
    return StringConstraints(pattern=rf"^gid://shopify/{kind}/\d{{1,20}}$")


ProductId = Annotated[str, _gid("Product")]
VariantId = Annotated[str, _gid("ProductVariant")]
ItemId = Annotated[str, _gid("InventoryItem")]
LocationId = Annotated[str, _gid("Location")]
OrderId = Annotated[str, _gid("Order")]
LineId = Annotated[str, _gid("LineItem")]
RefundId = Annotated[str, _gid("Refund")]
OwnerId = Annotated[str, _gid("(?:Product|ProductVariant|Order|Customer|Location|Collection)")]


class Model(BaseModel):
    """Strict both ways."""

    model_config = ConfigDict(extra="forbid")


class Money(Model):
    """An amount of money."""

    amount_minor: int
    currency: str


class Listing(Model):
    """What is listed, and from where on."""

    query: Search = ""
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    cursor: Cursor | None = None


class InventoryListing(Listing):
    """Stock of SKUs."""

    limit: Annotated[int, Field(ge=1, le=25)] = 20


class OrderListing(Listing):
    """Orders: with their lines, 40 are what one query may cost."""

    limit: Annotated[int, Field(ge=1, le=40)] = 20


class Page(Model):
    """A page: `next_cursor` is null on the last one."""

    next_cursor: str | None


class Variant(Model):
    """What is sold: one SKU."""

    id: str
    inventory_item_id: str
    sku: str | None
    title: str
    price: Money
    compare_at_price: Money | None
    inventory_quantity: int | None


class Product(Model):
    """A product and all of its variants."""

    id: str
    title: str
    handle: str
    status: str
    vendor: str
    product_type: str
    tags: list[str]
    updated_at: datetime
    variants: list[Variant]


class Products(Page):
    """Products, by id."""

    products: list[Product]


class Level(Model):
    """What lies at one location. `available` can be sold now."""

    location_id: str
    location: str
    available: int
    on_hand: int
    committed: int
    incoming: int
    updated_at: datetime


class Stock(Model):
    """The stock of one SKU."""

    variant_id: str
    inventory_item_id: str
    product_id: str
    sku: str | None
    title: str
    tracked: bool
    unit_cost: Money | None
    levels: list[Level]


class Stocks(Page):
    """Stock, by SKU."""

    items: list[Stock]


class OrderLine(Model):
    """A line: `current_quantity` is less what was taken back."""

    id: str
    sku: str | None
    title: str
    quantity: int
    current_quantity: int
    total: Money


class Order(Model):
    """An order. Who ordered is an id; names and addresses are not asked for."""

    id: str
    name: str
    created_at: datetime
    cancelled_at: datetime | None
    financial_status: str | None
    fulfillment_status: str
    total: Money
    refunded: Money
    customer_id: str | None
    lines: list[OrderLine]
    more_lines: bool


class Orders(Page):
    """Orders, newest first."""

    orders: list[Order]


class OneOrder(Model):
    """Which order."""

    order_id: OrderId


class Given(Model):
    """Money that was given back."""

    id: str
    created_at: datetime | None
    amount: Money


class WholeOrder(Model):
    """An order with all of its lines and what was given back; `refundable` is what still can be."""

    order: Order
    refunds: list[Given]
    refundable: Money


class Customer(Model):
    """A customer. `name`, `email` and `phone` are null unless the operator lets agents see them."""

    id: str
    created_at: datetime
    country: str | None
    orders: int
    spent: Money
    last_order_id: str | None
    last_order_at: datetime | None
    name: str | None
    email: str | None
    phone: str | None


class Customers(Page):
    """Customers, by id."""

    customers: list[Customer]


class Owned(Model):
    """Whose fields are listed."""

    owner_id: OwnerId = Field(description="A product, variant, order, customer, location or collection.")
    namespace: Text | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Cursor | None = None


class Metafield(Model):
    """A field that the shop has added."""

    id: str
    namespace: str
    key: str
    type: str
    value: str
    updated_at: datetime


class Metafields(Page):
    """Fields that the shop has added."""

    metafields: list[Metafield]


class Nothing(Model):
    """Takes nothing."""


class Location(Model):
    """Where stock lies."""

    id: str
    name: str
    active: bool


class Locations(Model):
    """Where stock lies."""

    locations: list[Location]


class Export(Model):
    """Everything of one kind, at once."""

    kind: Kind
    export_id: Annotated[str, _gid("BulkOperation")] | None = Field(
        default=None, description="One that was begun already: go on waiting for it."
    )
    since: date | None = Field(default=None, description="Of orders, those that were placed on this day or later.")


class Exported(Model):
    """An export. Once it is completed it is JSONL at `uri`, of which the first rows are shown."""

    export_id: str
    status: Literal["running", "completed"]
    kind: str
    objects: int
    uri: str = ""
    size_bytes: int = 0
    sha256: str = ""
    first: list[dict[str, object]] = Field(default_factory=list)
