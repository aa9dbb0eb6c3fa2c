"""A table of figures: named, typed, described columns that JSON, CSV and Parquet show alike, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from tillhand_analytics.domain.records import Bools

Kind = Literal["text", "integer", "number", "boolean", "day", "moment"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. The unit is in the name (`days_of_cover`, `stock_value_minor`); `description` is one sentence.

    `values` are texts (with None for missing ones) of kind `text`, an array otherwise. A number is missing where it is
    NaN, a day or a moment where it is NaT, and anything where `known` is False.
    """

    name: str
    kind: Kind
    description: str
    values: Sequence[str | None] | NDArray[Any]
    known: Bools | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one length. Raises ValueError where they are not."""

    name: str
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        if len({len(column.values) for column in self.columns}) > 1:
            lengths = {column.name: len(column.values) for column in self.columns}
            raise ValueError(f"{self.name}: columns differ in length: {lengths}")

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0
