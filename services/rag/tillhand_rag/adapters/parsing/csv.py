"""CSV: any table as one line per row, a table of products as products."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from tillhand_rag.adapters.parsing.canonical import CanonicalText
from tillhand_rag.adapters.parsing.finished import finished
from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.adapters.parsing.product_table import Row, is_product_table, product_records
from tillhand_rag.adapters.parsing.products import product_documents
from tillhand_rag.adapters.parsing.tables import cell_text, labelled_line
from tillhand_rag.domain.documents import ParsedDocument
from tillhand_rag.errors import EmptyDocument, UnreadableDocument

CSV = "text/csv"
_DELIMITERS = ",;\t|"
_SAMPLE_CHARACTERS = 64 * 1024
_SAMPLE_ROWS = 100
_DECLARATION = re.compile(r"\Asep=(.)\r?\n", re.IGNORECASE)
_FIGURE = re.compile(r"[-+]?[€$£]?\d[\d.,/:%\s-]*")


def parse_csv(source: str, *, filename: str, limits: ParserLimits, currency: str = "") -> list[ParsedDocument]:
    """A table, or one document per product when the columns are a catalogue's. Raises `UnreadableDocument` by line."""
    declared = _DECLARATION.match(source)
    body = source[declared.end() :] if declared else source
    delimiter = declared[1] if declared else _delimiter(body)
    rows = _rows(body, delimiter, limits)
    if not rows:
        raise EmptyDocument("The table holds no rows.")
    header, below = _header(rows)
    if below and is_product_table(header):
        records = list(product_records(header, below))
        return product_documents(records, media_type=CSV, limits=limits, currency=currency)
    out = CanonicalText(limits)
    cleaned = [[cell_text(cell) for cell in cells] for _, cells in below]
    lines = [labelled_line(header, cells) if header else " | ".join(filter(None, cells)) for cells in cleaned]
    for line in lines or [" | ".join(header)]:
        out.add(line, "\n")
    return [finished(out, media_type=CSV, filename=filename)]


def _rows(source: str, delimiter: str, limits: ParserLimits) -> list[Row]:
    """All rows that hold something, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(source, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    begun = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((begun, cells))
                limits.check_records(len(rows))
            begun = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableDocument(f"Line {begun}: the row cannot be read ({error}).") from None
    return rows


def _header(rows: Sequence[Row]) -> tuple[Sequence[str], Sequence[Row]]:
    """The names of the columns, empty when the first row holds data, and the rows below."""
    _, first = rows[0]
    names = [name.strip() for name in first]
    while names and not names[-1]:
        names.pop()
    named = all(names) and len(set(names)) == len(names) and not any(_FIGURE.fullmatch(name) for name in names)
    return (names, rows[1:]) if named and len(rows) > 1 else ([], rows)


def _delimiter(source: str) -> str:
    """The delimiter under which most of the first rows have the same number of cells, the more cells the better."""
    sample = source[:_SAMPLE_CHARACTERS]
    return max(_DELIMITERS, key=lambda delimiter: _consistency(sample, delimiter))


def _consistency(sample: str, delimiter: str) -> tuple[float, int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    widths: Counter[int] = Counter()
    try:
        for _, cells in zip(range(_SAMPLE_ROWS), reader, strict=False):
            widths[len(cells)] += bool(cells)
    except csv.Error:
        return 0.0, 0
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0, 0
    width = max(wide, key=lambda candidate: (wide[candidate], candidate))
    return round(wide[width] / widths.total(), 1), width
