"""Tables: some of their rows, by place and by value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.made_tables import tables
from tillhand_analytics.domain.paging import page, rows
from tillhand_analytics.domain.tables import Column, Table, settled, taken, where
from tillhand_analytics.errors import BadFigure

SKUS = Table(
    "skus",
    (
        Column("sku", "text", "The SKU.", ("a", "b", None, "d")),
        Column("abc", "text", "Its class.", ["A", "B", "A", "A"]),
        Column("units", "integer", "Units.", np.array([1, 2, 1, 1]), known=np.array([True, True, True, False])),
        Column("days_of_cover", "number", "Days.", np.array([np.nan, 1.5, 1.5, 2.0])),
        Column("dead", "boolean", "Whether.", np.array([True, False, True, False])),
        Column("last_sold", "day", "A day.", np.array(["2026-01-01", "NaT", "2026-01-02", "2026-01-01"], "M8[D]")),
    ),
)


def test_columns_of_unequal_length_are_no_table() -> None:
    with pytest.raises(ValueError, match="skus: columns differ in length"):
        Table("skus", (Column("a", "text", "", ("x",)), Column("b", "integer", "", np.array([1, 2]))))


@settings(max_examples=50)
@given(table=tables(), data=st.data())
def test_taken_rows_are_those_of_the_page(table: Table, data: st.DataObject) -> None:
    whole = page(table, digest="", limit=100).items
    chosen = data.draw(st.lists(st.sampled_from(range(len(table))), max_size=9)) if len(table) else []
    places = np.array(chosen, np.int64)
    some = taken(table, places)
    assert rows(some, np.arange(len(some))) == rows(table, places) == [whole[at] for at in chosen]
    start, stop = sorted(data.draw(st.tuples(st.integers(0, 30), st.integers(0, 30))))
    assert page(taken(table, slice(start, stop)), digest="", limit=100).items == whole[start:stop]


def skus(**equals: str | float | bool | None) -> list[object]:
    found = where(SKUS, **equals)
    return [row["sku"] for row in page(found, digest="", limit=9).items]


def test_rows_are_found_by_the_values_of_columns() -> None:
    assert skus(abc="A") == ["a", None, "d"]
    assert skus(abc="A", dead=True) == ["a", None]
    assert skus(days_of_cover=1.5) == ["b", None]
    assert skus(last_sold="2026-01-01") == ["a", "d"]
    assert skus(abc="C") == []


def test_what_is_missing_equals_nothing() -> None:
    assert skus(units=1) == ["a", None]


def test_what_is_not_asked_for_filters_nothing() -> None:
    assert where(SKUS, abc=None, dead=None) is SKUS


@pytest.mark.parametrize("bad", ["yesterday", "2026-13-01", ""])
def test_a_day_that_is_none_is_refused_by_name(bad: str) -> None:
    with pytest.raises(BadFigure) as refused:
        where(SKUS, last_sold=bad)
    assert refused.value.field == "query.last_sold"


def test_a_column_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(BadFigure, match="sku, abc, units") as refused:
        where(SKUS, price=1)
    assert refused.value.field == "query.price"


def test_values_come_out_in_the_type_of_their_kind() -> None:
    assert settled("integer", np.array([1.0, 2.0])).tolist() == [1, 2]
    assert settled("number", np.array([0.1], np.float32)).dtype == np.float64
    assert settled("moment", np.array(["2026-01-01T00:00:00.9"], "M8[ms]")).astype(str).tolist() == [
        "2026-01-01T00:00:00"
    ]
    assert settled("boolean", np.array([0, 1])).tolist() == [False, True]
