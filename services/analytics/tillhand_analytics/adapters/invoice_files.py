"""Files of invoice lines in the columns of UCI's Online Retail data set, Parquet or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from tillhand_analytics import errors
from tillhand_analytics.domain.inventory.invoices import kept_quantities
from tillhand_analytics.domain.inventory.panel import Matrix, demand
from tillhand_analytics.domain.records import UNKNOWN, Ints, Texts

COLUMNS: Final = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")
_GOODS: Final = r"^\d{5}"
"""Codes of goods begin with five digits; the others are postage, fees and corrections."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Units of each SKU by day, cancelled ones taken out; n x d. `file` is the name of the file."""

    file: str
    skus: Texts
    first_day: np.datetime64
    units: Matrix


def read_demand(data: Path) -> Demand:
    """The demand that a file tells of, or the only Parquet file of a folder, else its only CSV. Raises `BadFigure`."""
    file = _file(data)
    lines = _lines(file).select(
        pl.col("InvoiceNo", "StockCode").cast(pl.String).fill_null(""),
        pl.col("Quantity").cast(pl.Int64, strict=False).fill_null(0),
        pl.col("InvoiceDate").cast(pl.String).str.to_datetime(strict=False),
        pl.col("UnitPrice").cast(pl.Float64, strict=False),
        pl.col("CustomerID").cast(pl.Int64, strict=False).fill_null(UNKNOWN),
    )
    goods, priced = pl.col("StockCode").str.contains(_GOODS), pl.col("UnitPrice") > 0
    lines = lines.filter(goods & priced & pl.col("InvoiceDate").is_not_null()).sort("InvoiceDate", maintain_order=True)
    if lines.is_empty():
        raise errors.BadFigure("The file holds no line with goods, a day and a price.", field="data")
    return _summed(file.name, lines)


def _summed(file: str, lines: pl.DataFrame) -> Demand:
    codes = lines["StockCode"].to_numpy()
    skus, goods = np.unique(codes.astype(str), return_inverse=True)
    days = lines["InvoiceDate"].to_numpy().astype("datetime64[D]")
    cancels = lines["InvoiceNo"].str.starts_with("C").to_numpy()
    quantity = lines["Quantity"].to_numpy()
    kept = kept_quantities(quantity, lines["CustomerID"].to_numpy(), goods, cancels)
    day: Ints = (days - days[0]).astype(np.int64)
    return Demand(file, tuple(skus.tolist()), days[0], demand(goods, day, kept, (len(skus), int(day[-1]) + 1)))


def _file(data: Path) -> Path:
    if not data.is_dir():
        return data
    for suffix in (".parquet", ".csv"):
        found = [path for path in data.iterdir() if path.suffix == suffix and _fits(path)]
        if len(found) > 1:
            raise errors.BadFigure(f"The folder holds {len(found)} such files: name one of them.", field="data")
        if found:
            return found[0]
    raise errors.BadFigure("The folder holds no file of invoice lines.", field="data")


def _lines(path: Path) -> pl.DataFrame:
    try:
        scanned = _scanned(path)
        missing = [name for name in COLUMNS if name not in scanned.collect_schema().names()]
        if missing:
            raise errors.BadFigure(f"{path.name} has no column {', '.join(missing)}.", field="data")
        return scanned.select(COLUMNS).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise errors.BadFigure(f"{path.name} cannot be read as invoice lines.", field="data") from error


def _fits(path: Path) -> bool:
    try:
        return set(COLUMNS) <= set(_scanned(path).collect_schema().names())
    except (OSError, pl.exceptions.PolarsError):
        return False


def _scanned(path: Path) -> pl.LazyFrame:
    if path.suffix == ".parquet":
        return pl.scan_parquet(path)
    return pl.scan_csv(
        path, schema_overrides={"InvoiceNo": pl.String, "StockCode": pl.String}, infer_schema_length=10_000
    )
