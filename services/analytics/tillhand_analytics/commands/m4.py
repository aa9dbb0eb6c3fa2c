"""Reads the files of the M4 competition: weekly series, what came after them, and the published scores."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting.panel import panel_of
from tillhand_analytics.domain.records import Floats
from tillhand_analytics.errors import BadFigure

TRAIN: Final = "Weekly-train.csv"
TEST: Final = "Weekly-test.csv"
POINTS: Final = "published_point_scores.csv"
INTERVALS: Final = "published_interval_scores.csv"
HORIZON: Final = 13
_NAMES: Final = {
    "naive": "Naive",
    "seasonal_naive": "sNaive",
    "naive2": "Naive2",
    "ses": "SES",
    "holt": "Holt",
    "damped": "Damped",
    "theta": "Theta",
    "comb": "Com",
}
"""Our names of the benchmarks, and those of the published scores."""
Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class M4:
    """The weekly series: `train` (n x t), and `test` (n x 13), which is what came after."""

    train: Floats
    test: Floats


@dataclass(frozen=True, slots=True)
class Published:
    """Scores by our name of the method, or by that of the competition; empty where the file is not there."""

    points: Mapping[str, Scores]
    intervals: Mapping[str, Scores]


def read_m4(data: Path) -> M4:
    """The series of a folder. Raises `BadFigure` naming the file, and the line or series, that cannot be used."""
    train, test = _series(data / TRAIN), _series(data / TEST)
    if train.keys() != test.keys():
        odd = min(train.keys() ^ test.keys())
        raise BadFigure(f"{TRAIN} and {TEST}: the series {odd} is in one of them alone", field="data")
    for name, values in test.items():
        if len(values) != HORIZON:
            raise BadFigure(f"{TEST}: the series {name} has {len(values)} values, not {HORIZON}", field="data")
    return M4(panel_of(list(train.values())), panel_of([test[name] for name in train]))


def read_published(data: Path) -> Published:
    """The published scores of weekly series. Raises `BadFigure` naming the file and the column."""
    points = {"smape": "sMAPE_Weekly", "mase": "MASE_Weekly", "owa": "OWA_Weekly"}
    intervals = {"msis": "MSIS_Weekly", "coverage_difference": "ACD_Weekly"}
    return Published(_scores(data / POINTS, points), _scores(data / INTERVALS, intervals))


def _series(file: Path) -> dict[str, Floats]:
    rows = _rows(file)
    if len(rows) < 2:  # noqa: PLR2004  # the header, and a series
        raise BadFigure(f"{file.name}: there is no series", field="data")
    return {row[0]: _values(file, line, row[1:]) for line, row in enumerate(rows[1:], start=2) if row}


def _values(file: Path, line: int, cells: list[str]) -> Floats:
    """Cells up to the last one that is not empty."""
    try:
        values = np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        raise BadFigure(f"{file.name}, line {line}: a value is no number", field="data") from None
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        raise BadFigure(f"{file.name}, line {line}: there is no value", field="data")
    return values[: known[-1] + 1]


def _scores(file: Path, columns: Mapping[str, str]) -> dict[str, Scores]:
    """By method; empty where there is no such file."""
    if not file.exists():
        return {}
    rows = _rows(file)
    header = rows[0] if rows else []
    missing = [column for column in ("method", *columns.values()) if column not in header]
    if missing:
        raise BadFigure(f"{file.name}: the column {missing[0]} is missing", field="data")
    ours = {theirs: name for name, theirs in _NAMES.items()}
    method, places = header.index("method"), {name: header.index(column) for name, column in columns.items()}
    try:
        return {
            ours.get(row[method], row[method]): {name: float(row[place]) for name, place in places.items()}
            for row in rows[1:]
        }
    except (IndexError, ValueError):
        raise BadFigure(f"{file.name}: a score is missing, or no number", field="data") from None


def _rows(file: Path) -> list[list[str]]:
    try:
        return list(csv.reader(file.read_text("utf-8").splitlines()))
    except OSError as error:
        raise BadFigure(f"{file.name} cannot be read: {error.strerror}", field="data") from error
    except (UnicodeDecodeError, csv.Error):
        raise BadFigure(f"{file.name} is no text", field="data") from None
