"""Products: JSON and JSON lines, one document per record; and how a product reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from tillhand_rag.adapters.parsing.blocks import BlockWriter
from tillhand_rag.adapters.parsing.html_blocks import write_fragment
from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.adapters.parsing.naming import bounded_title
from tillhand_rag.adapters.parsing.product_fields import Defects, read_product
from tillhand_rag.domain.documents import ParsedDocument
from tillhand_rag.domain.products import Product
from tillhand_rag.errors import DuplicateRecord, EmptyDocument, MislabelledDocument, UnreadableDocument

JSON = "application/json"
JSON_LINES = "application/x-ndjson"
Record = tuple[str, object]
"""Where a record stands in its file ("Line 3", "Record 3"), and the record."""

_MAX_DEFECTS = 5
_LISTS = ("products", "items", "records", "data")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")


def parse_json(source: str, *, limits: ParserLimits, currency: str = "") -> list[ParsedDocument]:
    """A JSON file: one record, a list of them, or an object that holds a list of them under `products`."""
    try:
        content = _loads(source)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and error.lineno > 1:
            raise MislabelledDocument("The file holds one JSON value per line; name it .jsonl.") from None
        raise UnreadableDocument(f"Line {error.lineno}, column {error.colno}: no valid JSON ({error.msg}).") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument(f"The file is no valid JSON ({_reason(error)}).") from None
    if isinstance(content, Mapping):
        content = next((content[name] for name in _LISTS if isinstance(content.get(name), list)), [content])
    if not isinstance(content, list):
        raise UnreadableDocument("The file must hold a product record or a list of them.")
    records = [(f"Record {number}", record) for number, record in enumerate(content, start=1)]
    return product_documents(records, media_type=JSON, limits=limits, currency=currency)


def parse_json_lines(source: str, *, limits: ParserLimits, currency: str = "") -> list[ParsedDocument]:
    """A file of one JSON record per line; empty lines are allowed."""
    records: list[Record] = []
    defects: list[str] = []
    for number, line in enumerate(source.split("\n"), start=1):
        if line.strip():
            try:
                records.append((f"Line {number}", _loads(line)))
            except (ValueError, RecursionError) as error:
                defects.append(f"Line {number}: no valid JSON ({_reason(error)})")
    if defects:
        raise UnreadableDocument(_listed(defects))
    return product_documents(records, media_type=JSON_LINES, limits=limits, currency=currency)


def product_documents(
    records: Sequence[Record], *, media_type: str, limits: ParserLimits, currency: str = ""
) -> list[ParsedDocument]:
    """One document per record; prices without a currency are in `currency`, unless that is empty too.

    A single bad record refuses the whole file, and the first five defects are named: `UnreadableDocument`, or
    `DuplicateRecord` when records only repeat an id.
    """
    limits.check_records(len(records))
    if not records:
        raise EmptyDocument("The file holds no records.")
    products: list[Product] = []
    defects: list[str] = []
    repeated: list[str] = []
    first: dict[str, str] = {}
    for place, record in records:
        try:
            product = read_product(record, default_currency=currency) if isinstance(record, Mapping) else _refuse()
        except Defects as error:
            defects.extend(f"{place}: {defect}" for defect in error.found)
            continue
        if product.id in first:
            repeated.append(f"{place}: id is that of {first[product.id].lower()}")
        first.setdefault(product.id, place)
        products.append(product)
    if defects:
        raise UnreadableDocument(_listed([*defects, *repeated]))
    if repeated:
        raise DuplicateRecord(_listed(repeated), field="id")
    return [_document(product, media_type, limits) for product in products]


def _document(product: Product, media_type: str, limits: ParserLimits) -> ParsedDocument:
    writer = BlockWriter(limits)
    writer.heading(1, product.title)
    writer.paragraph("\n".join(f"{name}: {words}" for name, words in _facts(product) if words))
    _write_variants(writer, product)
    if _MARKUP.search(product.description):
        write_fragment(writer, product.description)
    else:
        for paragraph in re.split(r"\n\s*\n", product.description):
            writer.paragraph(paragraph)
    return ParsedDocument(
        title=bounded_title(product.title),
        text=writer.out.text,
        media_type=media_type,
        headings=tuple(writer.out.headings),
        attributes=product.filterable(),
        key=product.id,
    )


def _facts(product: Product) -> Iterable[tuple[str, str]]:
    yield "SKU", product.sku
    yield "Brand", product.brand
    yield "Category", product.category
    yield "Price", str(product.price or "")
    yield "Availability", (product.availability or "").replace("_", " ")
    yield from product.facts


def _write_variants(writer: BlockWriter, product: Product) -> None:
    named = [variant for variant in product.variants if variant.title]
    if len(named) > 1:
        writer.paragraph("Variants:")
        writer.open_list()
        for variant in named:
            writer.open_item()
            writer.paragraph(str(variant))
            writer.close_item()
        writer.close_list()


def _loads(source: str) -> object:
    """JSON with exact decimals; NaN and infinities are refused, as RFC 8259 has none."""
    return json.loads(source, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON's")


def _refuse() -> Product:
    raise Defects(["must be an object"])


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"column {error.colno}: {error.msg}"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number that cannot be read"


def _listed(defects: Sequence[str]) -> str:
    shown = "; ".join(defects[:_MAX_DEFECTS])
    more = len(defects) - _MAX_DEFECTS
    return f"{shown}; and {more} more." if more > 0 else f"{shown}."
