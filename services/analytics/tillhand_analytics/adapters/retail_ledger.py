"""The UCI Online Retail ledger (Chen, Sain and Guo 2012), as a Parquet or CSV file of its columns.

Its conventions: an invoice number that begins with C cancels, one that begins with A corrects the books; stock codes of
goods begin with five digits, and all others are postage, fees, vouchers and the like.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from tillhand_analytics.domain.records import Ints, Texts
from tillhand_analytics.domain.sales.ledger import MICROS_PER_UNIT, Ledger
from tillhand_analytics.errors import BadFigure

COLUMNS: Final = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")
_GOODS: Final = r"^\d{5}"


def ledger_file(data: Path) -> Path:
    """The file itself, or of a folder the only Parquet file with such columns, else the only CSV. Raises `BadFigure`.

    A folder's only table is taken as it is, so that reading it says what it lacks.
    """
    if not data.is_dir():
        return data
    tables = [sorted(data.glob(f"*{suffix}")) for suffix in (".parquet", ".csv")]
    if sum(map(len, tables)) == 1:
        return next(path for paths in tables for path in paths)
    for found in ([path for path in paths if _fits(path)] for paths in tables):
        if len(found) > 1:
            raise BadFigure(f"The folder holds {len(found)} such files: name one of them.", field="data")
        if found:
            return found[0]
    raise BadFigure("The folder holds no file of invoice lines.", field="data")


def read_ledger(path: Path) -> Ledger:
    """Read a file. Raises `BadFigure` where a column is missing, or a value is none of its kind."""
    try:
        scanned = _scanned(path)
        missing = _missing(scanned)
        if missing:
            raise BadFigure(f"{path.name} has no column {missing[0]}.", field=missing[0])
        return _ledger(scanned.select(_columns()).collect())
    except (OSError, pl.exceptions.PolarsError) as failure:
        raise BadFigure(f"{path.name} cannot be read as invoice lines.", field="data") from failure


def _scanned(path: Path) -> pl.LazyFrame:
    if path.suffix == ".parquet":
        return pl.scan_parquet(path)
    texts = dict.fromkeys(("InvoiceNo", "StockCode", "CustomerID", "InvoiceDate"), pl.String)
    return pl.scan_csv(path, schema_overrides=texts, infer_schema_length=None)


def _missing(scanned: pl.LazyFrame) -> list[str]:
    names = scanned.collect_schema().names()
    return [name for name in COLUMNS if name not in names]


def _fits(path: Path) -> bool:
    try:
        return not _missing(_scanned(path))
    except (OSError, pl.exceptions.PolarsError):
        return False


def _columns() -> list[pl.Expr]:
    invoice, code = (pl.col(name).cast(pl.String).fill_null("") for name in ("InvoiceNo", "StockCode"))
    price = pl.col("UnitPrice").cast(pl.Float64).fill_null(0)
    return [
        invoice,
        code,
        pl.col("CustomerID").cast(pl.String),
        pl.col("Quantity").cast(pl.Int64).fill_null(0),
        pl.col("InvoiceDate").cast(pl.String).str.to_datetime().alias("at"),
        (price * MICROS_PER_UNIT).round().cast(pl.Int64).alias("micros"),
        invoice.str.starts_with("C").alias("cancels"),
        invoice.str.starts_with("A").alias("adjusts"),
        code.str.contains(_GOODS).alias("goods"),
    ]


def _ledger(frame: pl.DataFrame) -> Ledger:
    (invoices, invoice), (codes, code), (customers, customer) = (
        _numbered(frame[name]) for name in ("InvoiceNo", "StockCode", "CustomerID")
    )
    return Ledger(
        *(invoices, codes, customers),
        *(invoice, code, customer),
        at=frame["at"].to_numpy().astype("datetime64[s]"),
        quantity=frame["Quantity"].to_numpy(),
        unit_price_micros=frame["micros"].to_numpy(),
        cancels=frame["cancels"].to_numpy(),
        adjusts=frame["adjusts"].to_numpy(),
        goods=frame["goods"].to_numpy(),
    )


def _numbered(column: pl.Series) -> tuple[Texts, Ints]:
    """Different values by where they first stand, and the number of each row's; -1 for none."""
    names = column.drop_nulls().unique(maintain_order=True)
    number = column.replace_strict(names, pl.int_range(len(names), eager=True), default=-1, return_dtype=pl.Int64)
    return tuple(names.to_list()), number.fill_null(-1).to_numpy().astype(np.int64)
