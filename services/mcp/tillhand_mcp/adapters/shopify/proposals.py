"""What the writing tools `shopify_*` take and give: what a person reads before it is done."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from tillhand_mcp.adapters.shopify.models import (
    ItemId,
    LineId,
    LocationId,
    Model,
    Money,
    OrderId,
    ProductId,
    Text,
    VariantId,
)

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Minor = Annotated[int, Field(ge=1, le=10**12, description="Whole minor units, such as cents.")]
LARGEST_CHANGE = 1_000_000


class Adjustment(Model):
    """Add to, or take from, what is available of one SKU at one location."""

    inventory_item_id: ItemId
    location_id: LocationId
    delta: Annotated[int, Field(ge=-LARGEST_CHANGE, le=LARGEST_CHANGE)]
    expected_available: int = Field(
        description="What `shopify_inventory` said is available. If it is another number by then, nothing is changed."
    )
    cause: Literal["correction", "cycle_count_available", "damaged", "received", "restock", "shrinkage"] = "correction"

    @model_validator(mode="after")
    def _changes(self) -> Self:
        if self.delta == 0:
            raise ValueError("delta must not be 0")
        return self


class Adjusted(Model):
    """What became of it."""

    adjustment_id: str | None
    available_after: int | None


class ProductChange(Model):
    """New values for a product; what is left out stays."""

    product_id: ProductId
    title: Text | None = None
    description_html: Annotated[str, Field(max_length=60_000)] | None = None
    product_type: Text | None = None
    vendor: Text | None = None
    tags: Annotated[list[Text], Field(max_length=250)] | None = None
    status: Literal["ACTIVE", "DRAFT", "ARCHIVED"] | None = None
    seo_title: Text | None = None
    seo_description: Annotated[str, Field(max_length=500)] | None = None

    @model_validator(mode="after")
    def _changes(self) -> Self:
        if not self.model_dump(exclude_none=True, exclude={"product_id"}):
            raise ValueError("at least one new value is needed")
        return self


class ProductChanged(Model):
    """The product as it is now."""

    product_id: str
    title: str
    handle: str
    status: str


class PriceChange(Model):
    """A new price for one variant, in the shop's currency."""

    product_id: ProductId
    variant_id: VariantId
    price_minor: Minor
    currency: Currency
    expected_price_minor: Annotated[int, Field(ge=0)] = Field(
        description="The price as `shopify_products` said it is. If it is another by then, nothing is changed."
    )
    compare_at_minor: Minor | None = None


class PriceChanged(Model):
    """The prices as they are now."""

    variant_id: str
    price: Money
    compare_at_price: Money | None


class RefundLine(Model):
    """Goods that were given back."""

    line_item_id: LineId
    quantity: Annotated[int, Field(ge=1, le=100_000)]
    restock: bool = False
    location_id: LocationId | None = Field(default=None, description="Where the goods go; needed to restock.")

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.restock and self.location_id is None:
            raise ValueError("location_id is needed to restock")
        return self


class Refund(Model):
    """Money back for an order, never more than is refundable."""

    order_id: OrderId
    amount_minor: Minor
    currency: Currency
    lines: Annotated[list[RefundLine], Field(max_length=100)] = Field(default_factory=list)
    note: Annotated[str, Field(max_length=500)] = ""
    notify_customer: bool = False


class Refunded(Model):
    """What was given back."""

    refund_id: str
    amount: Money


class Discount(Model):
    """A discount code: either `percent`, or `amount_minor` with `currency`."""

    title: Text
    code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{3,64}$")]
    percent: Annotated[float, Field(gt=0, le=100)] | None = None
    amount_minor: Minor | None = None
    currency: Currency | None = None
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    usage_limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    once_per_customer: bool = True
    minimum_minor: Minor | None = Field(default=None, description="Only for orders of at least this much.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.percent is None) == (self.amount_minor is None):
            raise ValueError("either percent or amount_minor is needed, not both")
        if (self.amount_minor is not None or self.minimum_minor is not None) and self.currency is None:
            raise ValueError("currency is needed with an amount")
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be after starts_at")
        return self


class Discounted(Model):
    """The discount that there is now."""

    discount_id: str
    code: str
    starts_at: datetime
