"""Tables as CSV, a chunk of rows at a time.

RFC 4180: commas, CRLF, quotes only where they are needed, a header row; UTF-8. What is missing is empty, an empty text
is `""`. Cells read like those of the JSON list, character by character; only texts that a spreadsheet would run as a
formula are kept from it by an apostrophe (`domain/guarding.py`). Amounts are whole minor units, days ISO 8601, moments
RFC 3339 in UTC.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import polars as pl

from tillhand_analytics.adapters.exporting.frames import frame
from tillhand_analytics.domain.guarding import SUSPECT, guarded
from tillhand_analytics.domain.records import Ints
from tillhand_analytics.domain.tables import Table, taken

FORMAT: Final = "csv-1"
"""Changes when the same table would be written in other bytes."""
FIRST_ROWS: Final = 512
"""Few, so that the first byte comes soon."""
ROWS: Final = 8_192
BOM: Final = b"\xef\xbb\xbf"


class TruncatedExport(RuntimeError):
    """Fewer or more rows were written than were promised: the file is not whole."""


def csv_chunks(table: Table, *, order: Ints | None = None, excel: bool = False) -> Iterator[bytes]:
    """The table as CSV, rows in `order`; with `excel` after a byte order mark, by which Excel knows that it is UTF-8.

    Holds one chunk of rows at a time. Raises `TruncatedExport` at the end where rows are missing, so that whoever
    reads the stream sees it break off, and never takes a part for the whole.
    """
    promised = len(table) if order is None else len(order)
    yield (BOM if excel else b"") + _header(table)
    start, written = 0, 0
    while start < promised:
        stop = min(promised, start + (ROWS if start else FIRST_ROWS))
        chunk = frame(taken(table, slice(start, stop) if order is None else order[start:stop]))
        yield _csv(chunk)
        written += chunk.height
        start = stop
    if written != promised:
        raise TruncatedExport(f"{table.name}: {written} rows were written, {promised} were promised")


def _header(table: Table) -> bytes:
    names = [guarded(column.name) for column in table.columns]
    return (",".join(_quoted(name) for name in names) + "\r\n").encode() if names else b""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\r\n') else name


def _csv(chunk: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    safe = chunk.with_columns(_guarded(series) for series in chunk.iter_columns() if series.dtype == pl.String)
    safe.write_csv(
        out,
        include_header=False,
        line_terminator="\r\n",
        date_format="%Y-%m-%d",
        datetime_format="%Y-%m-%dT%H:%M:%SZ",
        # A lone cell that is empty would be an empty line, which readers skip.
        null_value='""' if chunk.width == 1 else "",
    )
    return out.getvalue()


def _guarded(series: pl.Series) -> pl.Series:
    places = series.str.contains(SUSPECT).arg_true()
    if places.is_empty():
        return series
    return series.scatter(places, [guarded(text) for text in series.gather(places)])
