"""Pages of a table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_analytics.domain.paging import page
from tillhand_analytics.domain.tables import Column, Table
from tillhand_analytics.errors import BadFigure

TABLE = Table(
    "skus",
    (
        Column("sku", "text", "The SKU.", ("b", "a", None, "c")),
        Column("days_of_cover", "number", "Days.", np.array([3.0, np.nan, 1.5, 3.0])),
        Column("on_hand", "integer", "Units.", np.array([4, -5, 6, 7]), known=np.array([True, True, True, False])),
        Column("last_sold", "day", "A day.", np.array(["2026-01-02", "NaT", "2026-01-01", "2026-01-03"], "M8[D]")),
        Column("seen_at", "moment", "A moment.", np.array(["2026-01-02T03:04:05", "NaT", "NaT", "NaT"], "M8[s]")),
        Column("for_sale", "boolean", "Whether.", np.array([True, False, True, True])),
    ),
)


def test_cells_are_those_of_json() -> None:
    found = page(TABLE, digest="d", limit=10)
    assert found.items[0] == {
        "sku": "b",
        "days_of_cover": 3.0,
        "on_hand": 4,
        "last_sold": "2026-01-02",
        "seen_at": "2026-01-02T03:04:05Z",
        "for_sale": True,
    }
    assert [row["days_of_cover"] for row in found.items] == [3.0, None, 1.5, 3.0]
    assert found.items[3]["on_hand"] is None
    assert found.items[1]["last_sold"] is None
    assert (found.total, found.next_cursor) == (4, None)


@pytest.mark.parametrize(
    ("sort", "skus"),
    [
        ("days_of_cover", [None, "b", "c", "a"]),
        ("-days_of_cover", ["b", "c", None, "a"]),
        ("sku", ["a", "b", "c", None]),
        ("-sku", ["c", "b", "a", None]),
        ("on_hand", ["a", "b", None, "c"]),
        ("last_sold", [None, "b", "c", "a"]),
    ],
)
def test_what_is_missing_comes_last_either_way(sort: str, skus: list[str | None]) -> None:
    assert [row["sku"] for row in page(TABLE, digest="d", limit=10, sort=sort).items] == skus


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    with pytest.raises(BadFigure, match="days_of_cover") as refused:
        page(TABLE, digest="d", limit=1, sort="price")
    assert refused.value.field == "query.sort"


@given(
    values=st.lists(st.one_of(st.none(), st.integers(-3, 3)), max_size=40),
    limit=st.integers(1, 7),
    descending=st.booleans(),
)
def test_pages_together_are_the_table(values: list[int | None], limit: int, *, descending: bool) -> None:
    known = np.array([value is not None for value in values], np.bool_)
    numbers = np.array([value or 0 for value in values], np.int64)
    table = Table(
        "t",
        (
            Column("at", "integer", "Place.", np.arange(len(values))),
            Column("value", "integer", "Value.", numbers, known=known),
        ),
    )
    sort = "-value" if descending else "value"
    items, cursor = [], None
    while True:
        found = page(table, digest="d", limit=limit, cursor=cursor, sort=sort)
        items += found.items
        cursor = found.next_cursor
        if cursor is None:
            break
        assert len(found.items) == limit
    sign = -1 if descending else 1
    wanted = sorted(range(len(values)), key=lambda at: (values[at] is None, sign * (values[at] or 0)))
    assert [row["at"] for row in items] == wanted


@pytest.mark.parametrize("cursor", ["", "x", "€", "MTA", "LTE6dDpkOg"])
def test_what_is_no_cursor_is_refused_by_name(cursor: str) -> None:
    with pytest.raises(BadFigure) as refused:
        page(TABLE, digest="d", limit=1, cursor=cursor)
    assert refused.value.field == "query.cursor"


def test_a_cursor_of_other_data_or_another_order_is_refused() -> None:
    cursor = page(TABLE, digest="d", limit=1, sort="sku").next_cursor
    with pytest.raises(BadFigure):
        page(TABLE, digest="e", limit=1, cursor=cursor, sort="sku")
    with pytest.raises(BadFigure):
        page(TABLE, digest="d", limit=1, cursor=cursor, sort="-sku")
    assert page(TABLE, digest="d", limit=1, cursor=cursor, sort="sku").items[0]["sku"] == "b"
