"""A table of figures: named, typed, described columns that JSON, CSV and Parquet show alike, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.records import Bools, Ints
from tillhand_analytics.errors import BadFigure

Kind = Literal["text", "integer", "number", "boolean", "day", "moment"]
_DTYPES: Final[Mapping[Kind, str]] = {
    "integer": "int64",
    "number": "float64",
    "boolean": "bool",
    "day": "datetime64[D]",
    "moment": "datetime64[s]",
}
_DATES: Final = frozenset({"day", "moment"})


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


def settled(kind: Kind, values: NDArray[Any]) -> NDArray[Any]:
    """Values of a column that is no text, in the one type that its kind is told in, however they came.

    What is missing may come out as any value: whole numbers have no NaN.
    """
    with np.errstate(invalid="ignore"):
        return values.astype(_DTYPES[kind], copy=False)


def taken(table: Table, chosen: Ints | slice) -> Table:
    """Some rows of a table, in the order of their places in `chosen`."""
    return Table(table.name, tuple(_taken(column, chosen) for column in table.columns))


def _taken(column: Column, chosen: Ints | slice) -> Column:
    values = column.values
    known = None if column.known is None else column.known[chosen]
    if isinstance(values, np.ndarray):
        return Column(column.name, column.kind, column.description, values[chosen], known)
    texts = values[chosen] if isinstance(chosen, slice) else [values[at] for at in chosen.tolist()]
    return Column(column.name, column.kind, column.description, texts, known)


def where(table: Table, **equals: str | float | bool | None) -> Table:
    """The rows whose columns equal what is given; None is not asked for.

    Raises `BadFigure` naming the column that the table has not.
    """
    chosen = np.ones(len(table), np.bool_)
    for name, wanted in equals.items():
        if wanted is not None:
            chosen &= _equal(_column(table, name), wanted)
    return table if chosen.all() else taken(table, np.flatnonzero(chosen))


def _column(table: Table, name: str) -> Column:
    for column in table.columns:
        if column.name == name:
            return column
    known = ", ".join(column.name for column in table.columns)
    raise BadFigure(f"There is no such column. There are: {known}.", field=f"query.{name}")


def _equal(column: Column, wanted: str | float | bool) -> Bools:
    if column.kind == "text":
        return np.fromiter((value == wanted for value in column.values), np.bool_, len(column.values))
    same: Bools = np.asarray(column.values) == (_date(column, wanted) if column.kind in _DATES else wanted)
    return same if column.known is None else same & column.known


def _date(column: Column, wanted: str | float | bool) -> np.datetime64:
    try:
        date = np.datetime64(str(wanted))
    except ValueError:
        date = np.datetime64("NaT")
    if np.isnat(date):
        raise BadFigure("It is no day and no moment.", field=f"query.{column.name}")
    return date
