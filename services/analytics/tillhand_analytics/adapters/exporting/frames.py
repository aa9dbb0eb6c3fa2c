"""A table as a frame of polars, of the same types in every export."""

from __future__ import annotations

import numpy as np
import polars as pl

from tillhand_analytics.domain.paging import present
from tillhand_analytics.domain.records import Bools
from tillhand_analytics.domain.tables import Column, Table, settled


def frame(table: Table) -> pl.DataFrame:
    """The table with null for what is missing: String, Int64, Float64, Boolean, Date, Datetime in ms."""
    return pl.DataFrame([_series(column) for column in table.columns])


def _series(column: Column) -> pl.Series:
    if column.kind == "text":
        return _without(pl.Series(column.name, list(column.values), dtype=pl.String), column.known)
    values = settled(column.kind, np.asarray(column.values))
    if column.kind == "moment":
        values = values.astype("datetime64[ms]")  # polars knows no seconds
    return _without(pl.Series(column.name, values), present(column))


def _without(series: pl.Series, known: Bools | None) -> pl.Series:
    return series if known is None or known.all() else series.set(pl.Series(~known), None)
