"""Tables of products, as shops export them: rows that share a handle are one product with variants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from tillhand_rag.adapters.parsing.product_fields import ALIASES, normal_name

Row = tuple[int, Sequence[str]]
"""The line on which a row ends, and its cells."""

_TITLES = frozenset(ALIASES["title"])
_IDS = frozenset(ALIASES["id"]) | frozenset(ALIASES["sku"])
_KNOWN = frozenset(alias for aliases in ALIASES.values() for alias in aliases)
_TELLING = frozenset(ALIASES["price"]) | {"price_minor", "vendor", "body_html", "brand", "product_type"}
# Columns that serve the shop's software; nobody asks about them, and nothing can be quoted from them.
_MACHINERY = re.compile(
    r"image|seo_|^meta_|google|^published|^status$|gift_card|fulfillment|inventory|tracke?r|track_|requires_shipping|taxable"
    r"|tax_category|tax_code|barcode|compare_at|cost_per_item|template|_unit$|^option\d|dimensions_unit|available_on|discontinue_on"
)
_STOCK = ("inventory_count", "variant_inventory_qty", "inventory_quantity", "stock_quantity", "quantity", "stock")
_BACKORDER = ("inventory_backorderable", "variant_inventory_policy", "backorders_allowed")
_YES = frozenset({"true", "yes", "1", "continue"})
_OPTIONS = range(1, 4)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,11})(?:\.\d{1,6})?")


def is_product_table(header: Sequence[str]) -> bool:
    """Whether the columns are those of a catalogue: an id, a title, and something that only products have."""
    names = {normal_name(name) for name in header}
    return bool(names & _TITLES and names & _IDS and names & _TELLING)


def product_records(header: Sequence[str], rows: Sequence[Row]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Records for `product_documents`, each with the line of its first row."""
    names = [normal_name(name) for name in header]
    key = next((names.index(alias) for alias in (*ALIASES["id"], *ALIASES["sku"]) if alias in names), 0)
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for line, cells in rows:
        fields = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
        groups.setdefault(fields.get(names[key]) or f"\x00{line}", []).append((line, fields))
    for group in groups.values():
        yield f"Line {group[0][0]}", _record([fields for _, fields in group])


def _record(rows: Sequence[dict[str, str]]) -> Mapping[str, object]:
    fields = rows[0]
    record: dict[str, object] = {
        name.rsplit(".", 1)[-1]: _value(name, words, fields)
        for name, words in fields.items()
        if not _MACHINERY.search(name)
    }
    if not any(name in fields for name in ALIASES["id"]):
        record["id"] = next((fields[name] for name in ALIASES["sku"] if name in fields), "")
    if not any(name in fields for name in ALIASES["availability"]):
        record["availability"] = _availability(fields)
    variants = [variant for variant in map(_variant, rows) if variant["title"]]
    if variants:
        record["variants"] = variants
    return record


def _value(name: str, words: str, fields: Mapping[str, str]) -> object:
    """A cell as what it is: flags and numbers of custom columns can be compared, amounts are read with their unit."""
    if name in _KNOWN:
        return words
    if unit := fields.get(f"{name}_unit"):
        return f"{words} {unit}"
    if words.lower() in {"true", "false"}:
        return words.lower() == "true"
    if _NUMBER.fullmatch(words):
        return Decimal(words) if "." in words else int(words)
    return words


def _availability(fields: Mapping[str, str]) -> str:
    """From the stock that is counted, if it is; empty when nothing is known."""
    stock = next((fields[name] for name in _STOCK if _NUMBER.fullmatch(fields.get(name, ""))), None)
    if stock is None:
        return ""
    if Decimal(stock) > 0:
        return "in_stock"
    backorder = any(fields.get(name, "").lower() in _YES for name in _BACKORDER)
    return "backorder" if backorder else "out_of_stock"


def _variant(fields: Mapping[str, str]) -> dict[str, str]:
    options = [fields.get(f"option{number}_value", "") for number in _OPTIONS]
    price = next((fields[name] for name in ALIASES["price"] if name in fields), "")
    sku = next((fields[name] for name in ALIASES["sku"] if name in fields), "")
    title = " / ".join(filter(None, options))
    return {"title": "" if title == "Default Title" else title, "sku": sku, "price": price}
