"""A product of a catalogue, as far as people ask about it and filters compare it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from tillhand_rag.domain.documents import AttributeValue
from tillhand_rag.domain.money import format_minor

Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder", "discontinued"]
AVAILABILITIES: tuple[Availability, ...] = get_args(Availability)

_SCHEMA_ORG = re.compile(r"^https?://schema\.org/", re.IGNORECASE)
_NOT_LETTER = re.compile(r"[^a-z]")
_SPELLINGS: Mapping[str, Availability] = {
    "instock": "in_stock",
    "available": "in_stock",
    "limitedavailability": "in_stock",
    "lowstock": "in_stock",
    "onlineonly": "in_stock",
    "instoreonly": "in_stock",
    "outofstock": "out_of_stock",
    "soldout": "out_of_stock",
    "unavailable": "out_of_stock",
    "preorder": "preorder",
    "presale": "preorder",
    "backorder": "backorder",
    "onbackorder": "backorder",
    "discontinued": "discontinued",
}


def availability(words: str) -> Availability | None:
    """The availability that `words` spell ("In stock", "https://schema.org/PreOrder"), or None."""
    return _SPELLINGS.get(_NOT_LETTER.sub("", _SCHEMA_ORG.sub("", words.strip()).lower()))


@dataclass(frozen=True, slots=True)
class Price:
    """A price in minor units, or as a bare amount when nobody says in which currency."""

    amount: Decimal
    minor: int | None = None
    currency: str = ""

    def __str__(self) -> str:
        return f"{self.amount:f}" if self.minor is None else format_minor(self.minor, self.currency)


@dataclass(frozen=True, slots=True)
class Variant:
    """One form in which a product is sold."""

    title: str
    sku: str = ""
    price: Price | None = None

    def __str__(self) -> str:
        facts = ", ".join(part for part in (f"SKU {self.sku}" if self.sku else "", str(self.price or "")) if part)
        return f"{self.title}: {facts}" if facts else self.title


@dataclass(frozen=True, slots=True)
class Product:
    """A product. `attributes` are scalars that a filter compares; `facts` are lines as (label, words) to be read."""

    id: str
    title: str
    sku: str = ""
    description: str = ""
    brand: str = ""
    category: str = ""
    price: Price | None = None
    availability: Availability | None = None
    url: str = ""
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    facts: Sequence[tuple[str, str]] = ()
    variants: Sequence[Variant] = ()

    def filterable(self) -> dict[str, AttributeValue]:
        """What a filter can compare; the product's own fields win over custom attributes of the same name."""
        own: dict[str, AttributeValue | None] = {
            "sku": self.sku,
            "brand": self.brand,
            "category": self.category,
            "availability": self.availability,
            "url": self.url,
        }
        if self.price is not None and self.price.minor is not None:
            own |= {"price_minor": self.price.minor, "currency": self.price.currency}
        return {**self.attributes, **{name: value for name, value in own.items() if value not in {None, ""}}}
