"""Variants and their stock, from exports of products and of stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from tillhand_analytics.adapters.column_making import Places, ints, local_days, minor, truths
from tillhand_analytics.adapters.normalising.files import INVENTORY, PRODUCTS, Files, rows
from tillhand_analytics.domain.records import UNKNOWN, Ints, Stock, Variants

_TOLD: Final = itemgetter("id", "title", "status", "vendor", "productType", "createdAt")
"""What every product has, those without variants too: a file without it is no export of products."""
_PARENT: Final = "__parentId"
_STATES: Final = ("available", "on_hand", "committed", "incoming")


@dataclass(frozen=True, slots=True)
class Goods:
    """Variants, where they lie, and the place of each by its id."""

    variants: Variants
    stock: Stock
    place: Mapping[str, int]


def goods(files: Files, currency: str, zone: ZoneInfo) -> Goods:
    """What the shop sells. Raises `KeyError`, `TypeError` or `ValueError` where the files are no exports."""
    variants = _variants(files, currency, zone)
    place = {each: at for at, each in enumerate(variants.ids)}
    return Goods(variants, _stock(files, place), place)


def _variants(files: Files, currency: str, zone: ZoneInfo) -> Variants:
    products: dict[str, dict[str, Any]] = {}
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for row in rows(files[PRODUCTS]):
        if _PARENT in row:
            pairs.append((products[row[_PARENT]], row))
        else:
            _TOLD(row)
            products[row["id"]] = row
    return Variants(
        ids=tuple(variant["id"] for _, variant in pairs),
        skus=tuple(variant["sku"] or "" for _, variant in pairs),
        titles=tuple(f"{product['title']} / {variant['title']}" for product, variant in pairs),
        product_ids=tuple(product["id"] for product, _ in pairs),
        categories=tuple(product["productType"] for product, _ in pairs),
        suppliers=tuple(_added(variant, "supplier") or product["vendor"] for product, variant in pairs),
        price_minor=minor((variant["price"] for _, variant in pairs), currency),
        unit_cost_minor=_costs([variant["inventoryItem"]["unitCost"] for _, variant in pairs], currency),
        lead_time_days=ints(_lead_time(variant) for _, variant in pairs),
        on_sale_from=local_days((datetime.fromisoformat(product["createdAt"]) for product, _ in pairs), zone),
        for_sale=truths(product["status"] == "ACTIVE" for product, _ in pairs),
    )


def _added(variant: Mapping[str, Any], name: str) -> str:
    """A field that the shop has added, empty where it has not."""
    found = variant.get(name)
    return str(found["value"]).strip() if found else ""


def _lead_time(variant: Mapping[str, Any]) -> int:
    told = _added(variant, "leadTimeDays")
    return int(told) if told.isascii() and told.isdigit() else UNKNOWN


def _costs(costs: list[Mapping[str, Any] | None], currency: str) -> Ints:
    known = truths(cost is not None and cost["currencyCode"] == currency for cost in costs)
    amounts = minor((cost["amount"] if cost else 0 for cost in costs), currency)
    return np.where(known, amounts, UNKNOWN)


def _stock(files: Files, place: Mapping[str, int]) -> Stock:
    """What is tracked; of all else nobody knows what lies there."""
    items: dict[str, int] = {}
    found: list[tuple[int, str, dict[str, int]]] = []
    for row in rows(files[INVENTORY]):
        if _PARENT in row:
            if (variant := items.get(row[_PARENT])) is not None:
                found.append((variant, row["location"]["name"], {q["name"]: q["quantity"] for q in row["quantities"]}))
        elif row["tracked"] and row["variant"] and row["variant"]["id"] in place:
            items[row["id"]] = place[row["variant"]["id"]]
    locations = Places()
    location = locations.of(name for _, name, _ in found)
    available, on_hand, committed, incoming = (
        ints(quantities.get(state, 0) for _, _, quantities in found) for state in _STATES
    )
    variant_at = ints(variant for variant, _, _ in found)
    return Stock(locations.texts, variant_at, location, available, on_hand, committed, incoming)
