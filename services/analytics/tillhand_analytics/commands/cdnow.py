"""Reads the CDNOW files: the summary by customer, and the purchases of the sample (one tenth of the customers)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from tillhand_analytics.domain.customers.purchases import Histories, Purchases, purchases
from tillhand_analytics.errors import BadFigure

SUMMARY: Final = "cdnow_customers_summary.csv"
SAMPLE: Final = "CDNOW_sample.txt"
_SUMMARY_COLUMNS: Final = ("ID", "frequency", "recency", "T")
_SAMPLE_COLUMNS: Final = ("id in all", "id in the sample", "date", "number", "value")
_CENTS: Final = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Row:
    """Cells of one line, read by name, so that a failure can say where it is."""

    file: Path
    line: int
    cells: dict[str, str]

    def of(self, column: str, read: Callable[[str], T]) -> T:
        """What a cell holds. Raises `BadFigure` naming the file, the line and the column."""
        try:
            return read(self.cells[column])
        except ValueError:
            raise BadFigure(f"{self.file.name}, line {self.line}: {column} cannot be read", field="data") from None


def read_summary(data: Path) -> Histories:
    """The histories of the summary, in weeks. Raises `BadFigure` naming the file and the column."""
    rows = list(_summary_rows(data / SUMMARY))
    frequency = np.array([row.of("frequency", _count) for row in rows], np.int64)
    recency = np.array([row.of("recency", _amount) for row in rows], np.float64)
    age = np.array([row.of("T", _amount) for row in rows], np.float64)
    if (recency > age).any():
        raise BadFigure(f"{SUMMARY}: recency lies after T", field="data")
    return Histories(np.arange(len(rows)), frequency, recency, age, np.full(len(rows), np.nan))


def read_sample(data: Path) -> Purchases:
    """The purchases of the sample, in cents. Raises `BadFigure` naming the file and the column."""
    rows = list(_sample_rows(data / SAMPLE))
    customer = np.array([row.of("id in the sample", _count) for row in rows], np.int64)
    day = np.array([row.of("date", _day) for row in rows], "datetime64[D]")
    value = np.array([row.of("value", _amount) for row in rows], np.float64)
    return purchases(customer, day, np.rint(value * _CENTS))


def _summary_rows(file: Path) -> Iterator[_Row]:
    cells = csv.reader(_lines(file))
    header = next(cells, [])
    missing = [column for column in _SUMMARY_COLUMNS if column not in header]
    if missing:
        raise BadFigure(f"{file.name}: the column {missing[0]} is missing", field="data")
    yield from _rows(file, header, cells, first_line=2)


def _sample_rows(file: Path) -> Iterator[_Row]:
    return _rows(file, _SAMPLE_COLUMNS, (line.split() for line in _lines(file)), first_line=1)


def _rows(file: Path, header: Sequence[str], lines: Iterator[list[str]], *, first_line: int) -> Iterator[_Row]:
    read = 0
    for number, cells in enumerate(lines, start=first_line):
        if len(cells) != len(header):
            raise BadFigure(
                f"{file.name}, line {number}: {len(header)} columns are needed ({', '.join(header)})", field="data"
            )
        yield _Row(file, number, dict(zip(header, cells, strict=True)))
        read += 1
    if not read:
        raise BadFigure(f"{file.name}: there is no row", field="data")


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8").splitlines()
    except OSError as error:
        raise BadFigure(f"{file.name} cannot be read: {error.strerror}", field="data") from error
    except UnicodeDecodeError:
        raise BadFigure(f"{file.name} is not text", field="data") from None


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _amount(text: str) -> float:
    number = float(text)
    if not (np.isfinite(number) and number >= 0):
        raise ValueError(text)
    return number


def _day(text: str) -> np.datetime64:
    return np.datetime64(datetime.strptime(text, "%Y%m%d").date(), "D")  # noqa: DTZ007  # a day has no zone
