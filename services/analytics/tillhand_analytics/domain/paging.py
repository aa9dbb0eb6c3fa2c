"""Pages of a table: rows in an order, some at a time, with a cursor that says where the next one begins."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from tillhand_analytics.domain.records import Bools, Ints
from tillhand_analytics.domain.tables import Column, Table, settled
from tillhand_analytics.errors import BadFigure

Cell: TypeAlias = str | int | float | bool | None
_DATES: Final = frozenset({"day", "moment"})


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as cells by column name. `total` counts the whole table; `next_cursor` is None on the last page."""

    items: list[dict[str, Cell]]
    total: int
    next_cursor: str | None


def page(table: Table, *, digest: str, limit: int, cursor: str | None = None, sort: str | None = None) -> Page:
    """Up to `limit` rows, ordered by the column `sort` (after a minus: descending), else as the table is.

    What is missing comes last either way, and rows that are equal stay in the table's order. `digest` names the table's
    content: a cursor of another content, table or order is refused. Raises `BadFigure` naming `sort` or `cursor`.
    """
    mark = f"{table.name}:{digest[:16]}:{sort or ''}"
    start = 0 if cursor is None else _start(cursor, mark)
    order = np.arange(len(table)) if sort is None else order_of(table, sort)
    chosen = order[start : start + limit]
    end = start + len(chosen)
    following = _cursor(mark, end) if end < len(table) else None
    return Page(rows(table, chosen), len(table), following)


def rows(table: Table, chosen: Ints) -> list[dict[str, Cell]]:
    """Some rows, as cells by column name: days and moments as RFC 3339 writes them, None for what is missing."""
    names = [column.name for column in table.columns]
    cells = [cells_of(column, chosen) for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


def cells_of(column: Column, chosen: Ints) -> Sequence[Cell]:
    """Some cells of a column, as JSON has them."""
    if column.kind == "text":
        texts: Sequence[str | None] = column.values  # type: ignore[assignment]  # texts, by its kind
        return [texts[at] for at in chosen.tolist()]
    values = settled(column.kind, np.asarray(column.values)[chosen])
    missing = ~present(column)[chosen]
    plain = _dates(column, values) if column.kind in _DATES else values.tolist()
    if not missing.any():
        return plain
    return [None if gone else value for value, gone in zip(plain, missing.tolist(), strict=True)]


def present(column: Column) -> Bools:
    """Which cells of a column hold something."""
    if column.kind == "text":
        there = np.fromiter((value is not None for value in column.values), np.bool_, len(column.values))
    else:
        values: np.ndarray[Any, Any] = np.asarray(column.values)
        if column.kind in _DATES:
            there = ~np.isnat(values)
        else:
            there = np.isfinite(values) if values.dtype.kind == "f" else np.ones(len(values), np.bool_)
    return there if column.known is None else there & column.known


def order_of(table: Table, sort: str) -> Ints:
    """The places of all rows in the order of a column. Raises `BadFigure`."""
    name = sort.removeprefix("-")
    column = next((each for each in table.columns if each.name == name), None)
    if column is None:
        known = ", ".join(each.name for each in table.columns)
        raise BadFigure(f"There is no such column. There are: {known}.", field="query.sort")
    there = present(column)
    ranks = _ranks(column, there)
    keys = -ranks if sort.startswith("-") else ranks
    return np.lexsort((keys, ~there))


def _ranks(column: Column, there: Bools) -> Ints:
    """Whole numbers in the order of the values; equal ones for equal values."""
    if column.kind == "text":
        values: np.ndarray[Any, Any] = np.array([value or "" for value in column.values], dtype=object)
    else:
        values = np.asarray(column.values)
    ranks = np.zeros(len(values), np.int64)
    ranks[there] = np.unique(values[there], return_inverse=True)[1]
    return ranks


def _dates(column: Column, values: np.ndarray[Any, Any]) -> list[str]:
    if column.kind == "day":
        days: list[str] = np.datetime_as_string(values, unit="D").tolist()
        return days
    return [f"{text}Z" for text in np.datetime_as_string(values, unit="s").tolist()]


def _cursor(mark: str, start: int) -> str:
    return base64.urlsafe_b64encode(f"{start}:{mark}".encode()).decode().rstrip("=")


def _start(cursor: str, mark: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise BadFigure("It is no cursor of ours.", field="query.cursor") from error
    number, _, found = text.partition(":")
    if found != mark or not (number.isascii() and number.isdigit()):
        raise BadFigure("The data or the order have changed since: begin again.", field="query.cursor")
    return int(number)
