"""What the tools over analytics take and give. Amounts are whole minor units of the currency in `provenance`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Column = Annotated[str, StringConstraints(pattern=r"^-?[a-z][a-z0-9_]{0,62}$")]


class Model(BaseModel):
    """Strict both ways."""

    model_config = ConfigDict(extra="forbid")


class Listing(Model):
    """Which rows of a table."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Cursor | None = Field(default=None, description="`next_cursor` of the page before.")
    sort: Column | None = Field(default=None, description="A column, with a minus for descending.")


class Goods(Listing):
    """Which SKUs."""

    category: Name | None = None
    supplier: Name | None = None


class Window(Model):
    """Which days, both in it; without them the last four weeks of the data."""

    first_day: Day | None = None
    last_day: Day | None = None
    limit: Annotated[int, Field(ge=1, le=400)] = 100
    cursor: Cursor | None = None


class Series(Window):
    """Which days, and by what they are summed."""

    step: Literal["day", "week", "month"] = "day"


class Findings(Listing):
    """Which findings."""

    kind: (
        Literal[
            "striking_distance",
            "decay",
            "cannibalisation",
            "ctr_gap",
            "new_query",
            "lost_query",
            "engine_gap",
            "landing_page",
        ]
        | None
    ) = None


class Breakdown(Window):
    """By what sales are divided."""

    by: Literal["category", "product", "sku", "supplier", "channel"] = "category"


class Expecting(Model):
    """What is forecast, and how far ahead."""

    measure: Literal["sales", "units"] = Field(
        default="sales",
        description="Goods ordered after discounts, without cancelled orders, in minor units; or units of them.",
    )
    horizon_days: Annotated[int, Field(ge=1, le=91)] = 28
    coverage: Annotated[float, Field(ge=0.5, le=0.99)] = 0.9


class Forecast(Listing, Expecting):
    """Which series are forecast: all of them, unless a level or a category is named."""

    level: Literal["total", "category", "sku"] | None = None
    category: Name | None = None


class ForecastDays(Expecting):
    """Which series is forecast day by day."""

    level: Literal["total", "category", "sku"] = "total"
    key: Annotated[str, StringConstraints(max_length=200)] = Field(default="", description="Which category or SKU.")
    limit: Annotated[int, Field(ge=1, le=91)] = 91


class Provenance(BaseModel):
    """Where figures come from. `mode` is that of the least real source; mock figures are made up."""

    model_config = ConfigDict(extra="allow")

    mode: Literal["live", "mock", "recorded"]
    currency: str
    digest: str
    computed_at: str


class Rows(Model):
    """Rows of a table. `total` counts all that match."""

    provenance: Provenance
    total: int
    items: list[dict[str, Any]]
    next_cursor: str | None


class Value(Model):
    """Figures that belong together."""

    provenance: Provenance
    value: dict[str, Any]
