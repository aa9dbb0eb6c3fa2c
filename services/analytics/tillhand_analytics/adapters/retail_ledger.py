"""The UCI Online Retail ledger (Chen, Sain and Guo 2012), as a Parquet or CSV file of its eight columns.

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

COLUMNS: Final = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
_GOODS: Final = r"^\d{5}"


def ledger_file(data: Path) -> Path:
    """The file itself, or the only Parquet file of a folder, else its only CSV. Raises `BadFigure`."""
    if not data.is_dir():
        return data
    for suffix in (".parquet", ".csv"):
        found = sorted(data.glob(f"*{suffix}"))
        if len(found) > 1:
            raise BadFigure(f"The folder holds {len(found)} such files: name one of them.", field="data")
        if found:
            return found[0]
    raise BadFigure("The folder holds no file of invoice lines.", field="data")


def read_ledger(path: Path) -> Ledger:
    """Read a file. Raises `BadFigure` where a column is missing, or a value is none of its kind."""
    try:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema_length=None)
        missing = [name for name in COLUMNS if name not in frame.columns]
        if missing:
            raise BadFigure(f"{path.name} has no column {missing[0]}.", field=missing[0])
        return _ledger(frame.select(_columns()))
    except (OSError, pl.exceptions.PolarsError) as failure:
        raise BadFigure(f"{path.name} cannot be read as invoice lines.", field="data") from failure


def _columns() -> list[pl.Expr]:
    text = [pl.col(name).cast(pl.String) for name in ("InvoiceNo", "StockCode", "CustomerID", "Country")]
    return [
        *text,
        pl.col("Quantity").cast(pl.Int64),
        pl.col("InvoiceDate").cast(pl.String).str.to_datetime("%Y-%m-%d %H:%M:%S").alias("at"),
        (pl.col("UnitPrice") * MICROS_PER_UNIT).round().cast(pl.Int64).alias("micros"),
        pl.col("InvoiceNo").cast(pl.String).str.starts_with("C").alias("cancels"),
        pl.col("InvoiceNo").cast(pl.String).str.starts_with("A").alias("adjusts"),
        pl.col("StockCode").cast(pl.String).str.contains(_GOODS).alias("goods"),
    ]


def _ledger(frame: pl.DataFrame) -> Ledger:
    (invoices, invoice), (codes, code), (customers, customer), (countries, country) = (
        _numbered(frame[name]) for name in ("InvoiceNo", "StockCode", "CustomerID", "Country")
    )
    return Ledger(
        *(invoices, codes, customers, countries),
        *(invoice, code, customer, country),
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
