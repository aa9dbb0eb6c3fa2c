"""Build product records from the hand-written tables in `catalog/`.

A table is a list of families. Each family names its brand and category, a `sku`, a `title` and a `text` template,
an optional `detail` template, `attributes` that all its variants share, and one row of `columns` per variant.
Templates see the columns of their row. A column becomes an attribute of the record unless it only serves the
templates; an empty cell is left out. `availability` lists the variants that are not in stock.
"""

import json
import re
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

CATALOG = Path(__file__).parent / "catalog"
TEMPLATE_ONLY = frozenset({"price", "note", "what", "code", "shade", "mount_code", "reuse", "use", "model", "side"})

Scalar = str | int | float | bool


class Family(BaseModel):
    """One table of variants that share a brand, a category and their templates."""

    model_config = ConfigDict(extra="forbid")

    brand: str
    category: str
    sku: str
    title: str
    text: str
    detail: str = ""
    attributes: dict[str, Scalar] = Field(default_factory=dict)
    columns: list[str]
    rows: list[list[Scalar | None]]
    availability: dict[str, str] = Field(default_factory=dict)


def handle(title: str) -> str:
    """Return the part of a product's address that is made from its title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _record(family: Family, row: list[Scalar | None]) -> dict[str, object]:
    cells = dict(zip(family.columns, row, strict=True))
    sku = family.sku.format_map(cells)
    title = family.title.format_map(cells)
    text = " ".join(part.format_map(cells) for part in (family.text, family.detail) if part)
    varying = {name: cell for name, cell in cells.items() if name not in TEMPLATE_ONLY and cell is not None}
    return {
        "id": sku.lower(),
        "sku": sku,
        "title": title,
        "description": text,
        "brand": family.brand,
        "category": family.category,
        "price_minor": cells["price"],
        "currency": "EUR",
        "availability": family.availability.get(sku, "in_stock"),
        "url": f"/products/{handle(title)}",
        "attributes": family.attributes | varying,
    }


def records() -> list[dict[str, object]]:
    """Return every product record, in the order of the tables."""
    tables = sorted(CATALOG.glob("*.yaml"))
    families = [Family(**raw) for table in tables for raw in yaml.safe_load(table.read_text("utf-8"))]
    return [_record(family, row) for family in families for row in family.rows]


def as_json_lines() -> bytes:
    """Return the catalogue as JSON lines in UTF-8, one product each."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records()).encode()
