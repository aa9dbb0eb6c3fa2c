"""A table as CSV holds what its JSON holds, cell by cell, whole and in chunks."""

from __future__ import annotations

import csv
import io

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.made_tables import tables
from tillhand_analytics.adapters.exporting import csv_stream, frames
from tillhand_analytics.adapters.exporting.csv_stream import BOM, FIRST_ROWS, ROWS, TruncatedExport, csv_chunks
from tillhand_analytics.domain.guarding import guarded
from tillhand_analytics.domain.paging import order_of, page
from tillhand_analytics.domain.tables import Column, Table


def told(cell: object) -> str:
    """A cell as CSV has to write it, from its JSON."""
    if cell is None:
        return ""
    return guarded(cell) if isinstance(cell, str) else orjson.dumps(cell).decode()


def parsed(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


@settings(max_examples=50)
@given(table=tables(), data=st.data())
def test_csv_and_json_are_equal_cell_by_cell(table: Table, data: st.DataObject) -> None:
    sort = data.draw(st.sampled_from([None, "column_0", "-column_0"]))
    items = orjson.loads(orjson.dumps(page(table, digest="", limit=100, sort=sort).items))
    order = None if sort is None else order_of(table, sort)
    header, *rows = parsed(b"".join(csv_chunks(table, order=order)))
    assert header == [column.name for column in table.columns]
    assert rows == [[told(cell) for cell in item.values()] for item in items]


def test_each_kind_of_cell_is_written_in_its_plain_form() -> None:
    table = Table(
        "t",
        (
            Column("text", "text", "", ('say "no", twice', "", None)),
            Column("amount_minor", "integer", "", np.array([-1999, 0, 3]), known=np.array([True, True, False])),
            Column("share", "number", "", np.array([0.1, np.inf, np.nan])),
            Column("dead", "boolean", "", np.array([True, False, True])),
            Column("day", "day", "", np.array(["2026-10-31", "NaT", "2024-02-29"], "M8[D]")),
            Column("at", "moment", "", np.array(["2026-10-31T23:59:59", "NaT", "1999-12-31T00:00:00"], "M8[s]")),
        ),
    )
    assert b"".join(csv_chunks(table)).decode().split("\r\n") == [
        "text,amount_minor,share,dead,day,at",
        '"say ""no"", twice",-1999,0.1,true,2026-10-31,2026-10-31T23:59:59Z',
        '"",0,,false,,',
        ",,,true,2024-02-29,1999-12-31T00:00:00Z",
        "",
    ]


def test_whole_numbers_that_came_as_floats_are_whole_in_both() -> None:
    column = Column("units", "integer", "", np.array([3.0, np.nan]))
    table = Table("t", (Column("at", "integer", "", np.arange(2)), column))
    assert b"".join(csv_chunks(table)) == b"at,units\r\n0,3\r\n1,\r\n"
    assert orjson.dumps(page(table, digest="", limit=9).items) == b'[{"at":0,"units":3},{"at":1,"units":null}]'


def test_a_mark_for_excel_comes_once_and_only_when_asked_for() -> None:
    table = Table("t", (Column("a", "text", "", ("é",)),))
    assert b"".join(csv_chunks(table, excel=True)) == BOM + "a\r\né\r\n".encode()
    assert b"".join(csv_chunks(table)) == "a\r\né\r\n".encode()


def test_a_lone_missing_cell_is_still_a_row() -> None:
    table = Table("t", (Column("a", "number", "", np.array([np.nan, 1.0])),))
    assert parsed(b"".join(csv_chunks(table))) == [["a"], [""], ["1.0"]]


@pytest.mark.parametrize("rows", [0, 1, FIRST_ROWS, FIRST_ROWS + 1, FIRST_ROWS + ROWS, FIRST_ROWS + ROWS + 1])
def test_every_row_is_written_once_however_the_chunks_fall(rows: int) -> None:
    table = Table("t", (Column("at", "integer", "", np.arange(rows)), Column("b", "text", "", ["x\r\n"] * rows)))
    chunks = list(csv_chunks(table))
    assert [int(row[0]) for row in parsed(b"".join(chunks))[1:]] == list(range(rows))
    assert chunks[0] == b"at,b\r\n"
    assert max(map(len, chunks)) <= ROWS * 20


def test_an_order_is_kept_across_chunks() -> None:
    rows = FIRST_ROWS + ROWS + 7
    order = np.arange(rows)[::-1]
    table = Table(
        "t", (Column("at", "integer", "", np.arange(rows)), Column("b", "text", "", list(map(str, range(rows)))))
    )
    found = parsed(b"".join(csv_chunks(table, order=order)))[1:]
    assert found == [[str(at), str(at)] for at in range(rows - 1, -1, -1)]


def test_a_stream_that_lost_rows_ends_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("t", (Column("at", "integer", "", np.arange(2_000)),))
    whole = frames.frame
    monkeypatch.setattr(csv_stream, "frame", lambda part: whole(part).head(600))

    with pytest.raises(TruncatedExport, match="1112 rows were written, 2000 were promised"):
        list(csv_chunks(table))
