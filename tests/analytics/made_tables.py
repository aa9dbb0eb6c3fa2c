"""Tables of every kind of column, drawn by hypothesis."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tillhand_analytics.domain.tables import Column, Kind, Table

TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12), st.text(st.sampled_from("=+-@,;\"'\r\n\t x"), max_size=6)
)
CELLS: dict[Kind, tuple[st.SearchStrategy[Any], str, Any]] = {
    "text": (TEXT, "", ""),
    "integer": (st.integers(-(2**63), 2**63 - 1), "int64", 0),
    "number": (st.floats(), "float64", 0.0),
    "boolean": (st.booleans(), "bool", False),
    "day": (st.dates(date(1900, 1, 1), date(2200, 1, 1)), "datetime64[D]", "NaT"),
    "moment": (st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), "datetime64[s]", "NaT"),  # noqa: DTZ001  # UTC, as numpy has it
}


@st.composite
def columns(draw: st.DrawFn, name: str, rows: int) -> Column:
    """A column of some kind, in which any cell may be missing."""
    kind = draw(st.sampled_from(sorted(CELLS)))
    cell, dtype, filler = CELLS[kind]
    values = draw(st.lists(st.none() | cell, min_size=rows, max_size=rows))
    if kind == "text":
        return Column(name, kind, "A text.", values)
    known = np.array([value is not None for value in values], np.bool_)
    array = np.array([filler if value is None else value for value in values], dtype)
    all_known = bool(known.all())
    return Column(name, kind, "A column.", array, None if all_known and draw(st.booleans()) else known)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A table of up to five columns and 30 rows."""
    rows = draw(st.integers(0, 30))
    names = [f"column_{at}" for at in range(draw(st.integers(1, 5)))]
    return Table("made", tuple(draw(columns(name, rows)) for name in names))
