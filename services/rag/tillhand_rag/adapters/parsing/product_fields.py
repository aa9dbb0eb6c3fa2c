"""Product records field by field: common names, strict types, and a list of everything that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from tillhand_rag.adapters.parsing.canonical import one_line
from tillhand_rag.adapters.parsing.naming import label
from tillhand_rag.adapters.parsing.prices import read_price
from tillhand_rag.domain.documents import AttributeValue
from tillhand_rag.domain.money import is_currency
from tillhand_rag.domain.products import AVAILABILITIES, Availability, Price, Product, Variant, availability

ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "product_id", "handle", "slug"),
    "sku": ("sku", "variant_sku", "part_number", "item_number"),
    "title": ("title", "name", "product_name", "product_title"),
    "description": ("description", "body_html", "body", "long_description", "short_description"),
    "brand": ("brand", "vendor", "manufacturer"),
    "category": ("category", "product_category", "category1", "categories", "product_type", "type"),
    "price_minor": ("price_minor",),
    "price": ("price", "variant_price", "regular_price"),
    "currency": ("currency", "price_currency", "currency_code"),
    "availability": ("availability", "stock_status", "in_stock"),
    "url": ("url", "link", "product_url", "permalink"),
    "attributes": ("attributes",),
    "variants": ("variants",),
    "offers": ("offers",),
}
_NAMES = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[^a-z0-9.]+")
_PATH = " > "
_MAX_ID_CHARACTERS = 200
_MAX_VALUE_CHARACTERS = 500
_MAX_MINOR = 10**15
_MAX_ATTRIBUTES = 64


class Defects(ValueError):
    """Everything that is wrong with one record, each defect beginning with the field's name."""

    def __init__(self, found: list[str]) -> None:
        super().__init__("; ".join(found))
        self.found = found


def normal_name(name: str) -> str:
    """`priceCurrency` and `Body (HTML)` as `price_currency` and `body_html`."""
    return _NOT_WORD.sub("_", _WORD_BREAK.sub("_", name).lower()).strip("_")


def read_product(record: Mapping[str, object], *, default_currency: str = "") -> Product:
    """A product from a record with any of the common field names. Raises `Defects`."""
    return _Reader(record, default_currency).product()


class _Reader:
    """Reads one record and gathers its defects, so that all of them can be told at once."""

    def __init__(self, record: Mapping[str, object], default_currency: str) -> None:
        self._default_currency = default_currency
        given = {normal_name(key): key for key in record}
        chosen = {name: _first(record, given, aliases) for name, aliases in ALIASES.items()}
        self._fields = {name: record[key] for name, key in chosen.items() if key is not None}
        self._custom = {key: value for key, value in record.items() if key not in chosen.values()}
        self._defects: list[str] = []
        if isinstance(offer := self._fields.pop("offers", None), Mapping):
            self._take_offer(offer)

    def product(self) -> Product:
        facts, attributes = self._attributes()
        variants = self._variants()
        price = _asked_price(self._price(), [variant.price for variant in variants if variant.price])
        product = Product(
            id=self._text("id", required=True, numbers=True)[:_MAX_ID_CHARACTERS],
            title=self._text("title", required=True),
            sku=self._text("sku", numbers=True) or next((variant.sku for variant in variants if variant.sku), ""),
            description=self._description(),
            brand=self._text("brand"),
            category=self._text("category"),
            price=price,
            availability=self._availability(),
            url=self._text("url"),
            attributes=attributes,
            facts=facts,
            variants=variants,
        )
        if self._defects:
            raise Defects(self._defects)
        return product

    def _take_offer(self, offer: Mapping[str, object]) -> None:
        for key, value in offer.items():
            name = _NAMES.get(normal_name(key))
            if name in {"price", "currency", "availability"}:
                self._fields.setdefault(name, value)

    def _text(self, name: str, *, required: bool = False, numbers: bool = False) -> str:
        """A field as one line; a list of words is joined, an object stands for its name."""
        value = self._fields.get(name)
        if isinstance(value, Mapping):
            value = value.get("name")
        if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            value = _PATH.join(value)
        if numbers and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None or value == "":
            if required:
                self._defects.append(f"{name} is missing")
            return ""
        if not isinstance(value, str):
            self._defects.append(f"{name} must be text")
            return ""
        return one_line(value)

    def _description(self) -> str:
        value = self._fields.get("description")
        if value is None or isinstance(value, str):
            return value or ""
        self._defects.append("description must be text")
        return ""

    def _price(self) -> Price | None:
        currency = self._text("currency").upper()
        if currency and not is_currency(currency):
            self._defects.append("currency must be an ISO 4217 code")
            return None
        minor = self._fields.get("price_minor")
        if minor is not None:
            return self._minor_price(minor, currency)
        return self._read_price("price", self._fields.get("price"), currency)

    def _minor_price(self, minor: object, currency: str) -> Price | None:
        if isinstance(minor, bool) or not isinstance(minor, int) or not 0 <= minor <= _MAX_MINOR:
            self._defects.append("price_minor must be a whole number of minor units, 0 or more")
        elif not currency:
            self._defects.append("currency is missing beside price_minor")
        else:
            return Price(Decimal(minor), minor=minor, currency=currency)
        return None

    def _read_price(self, name: str, value: object, currency: str) -> Price | None:
        if value is None or value == "":
            return None
        try:
            return read_price(value, currency, default=self._default_currency)
        except ValueError as error:
            self._defects.append(f"{name} {error}")
            return None

    def _availability(self) -> Availability | None:
        value = self._fields.get("availability")
        if value is None or value == "":
            return None
        if isinstance(value, bool):
            return "in_stock" if value else "out_of_stock"
        found = availability(value) if isinstance(value, str) else None
        if found is None:
            self._defects.append(f"availability must be one of {', '.join(AVAILABILITIES)}")
        return found

    def _variants(self) -> list[Variant]:
        value = self._fields.get("variants")
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(variant, Mapping) for variant in value):
            self._defects.append("variants must be a list of objects")
            return []
        currency = self._text("currency").upper()
        return [self._variant(number, variant, currency) for number, variant in enumerate(value, start=1)]

    def _variant(self, number: int, variant: Mapping[str, object], currency: str) -> Variant:
        title = variant.get("title") or variant.get("name") or ""
        sku = variant.get("sku") or ""
        price = self._read_price(f"variants[{number}].price", variant.get("price"), currency)
        return Variant(title=one_line(str(title)), sku=one_line(str(sku)), price=price)

    def _attributes(self) -> tuple[list[tuple[str, str]], dict[str, AttributeValue]]:
        """Custom attributes as lines to be read, and those of them that a filter can compare."""
        nested = self._fields.get("attributes") or {}
        if not isinstance(nested, Mapping):
            self._defects.append("attributes must be an object")
            nested = {}
        facts: list[tuple[str, str]] = []
        attributes: dict[str, AttributeValue] = {}
        for name, value in [*nested.items(), *self._custom.items()]:
            words, scalar = _custom_value(value)
            if words is None and name in nested:
                self._defects.append(f"attributes.{one_line(name)[:50]} must be text, a number, true or false")
            if words:
                facts.append((label(name), words))
            if scalar is not None and len(attributes) < _MAX_ATTRIBUTES:
                attributes[name] = scalar
        return facts, attributes


def _asked_price(own: Price | None, variants: Sequence[Price]) -> Price | None:
    """The product's own price; where variants carry the prices and it has none or nil, the lowest of theirs."""
    if variants and (own is None or own.amount == 0):
        return min(variants, key=lambda price: price.amount)
    return own


def _first(record: Mapping[str, object], given: Mapping[str, str], aliases: tuple[str, ...]) -> str | None:
    """The record's key for the first alias that holds something, else for the first that is there at all."""
    keys = [given[alias] for alias in aliases if alias in given]
    return next((key for key in keys if record[key] not in (None, "")), keys[0] if keys else None)


def _custom_value(value: object) -> tuple[str | None, AttributeValue | None]:
    """The words of a custom value, None when it has none to be read, and its filterable form."""
    if value is None or value == "":
        return "", None
    if isinstance(value, bool):
        return ("yes" if value else "no"), value
    if isinstance(value, Decimal):
        return f"{value:f}", float(value)
    if isinstance(value, int):
        return str(value), value
    if isinstance(value, list) and all(isinstance(part, str | int | Decimal) for part in value):
        value = ", ".join(str(part) for part in value)
    if isinstance(value, str):
        words = one_line(value)
        return words, words[:_MAX_VALUE_CHARACTERS] or None
    return None, None
