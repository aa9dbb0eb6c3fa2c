"""Texts that a spreadsheet would run as a formula do not leave in a CSV file as they are."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analytics.formula_corpus import AT_START, HARMLESS, WITHIN
from tillhand_analytics.adapters.exporting.csv_stream import csv_chunks
from tillhand_analytics.domain.guarding import SUSPECT, guarded
from tillhand_analytics.domain.tables import Column, Table

TEXTS = st.text(st.sampled_from("=+-@\uff1d \t\r\n;,\"'\u200b\ufeff\xa0ab1é"), max_size=8)


def written(*texts: str) -> bytes:
    table = Table("t", (Column("at", "integer", "", np.arange(len(texts))), Column("text", "text", "", texts)))
    return b"".join(csv_chunks(table))


def cells(*texts: str) -> list[str]:
    rows = list(csv.reader(io.StringIO(written(*texts).decode(), newline="")))
    return [row[1] for row in rows[1:]]


def runs(cell: str) -> bool:
    """What a spreadsheet takes for a formula, said another way than the guard says it."""
    seen = "".join(sign for sign in cell if unicodedata.category(sign) not in {"Cc", "Cf", "Zs", "Zl", "Zp"})
    return unicodedata.normalize("NFKC", seen)[:1] in tuple("=+-@") or cell[:1] in tuple("\t\r\n")


def test_the_corpus_is_large_enough_to_say_something() -> None:
    assert len(set(AT_START)) >= 60


@pytest.mark.parametrize("text", AT_START)
def test_what_would_run_has_an_apostrophe_before_it_and_nothing_else_changed(text: str) -> None:
    (cell,) = cells(text)
    assert cell.startswith("'")
    assert not runs(cell)
    assert re.sub(r"(?<=[;\r\n])'", "", cell[1:]) == text


@pytest.mark.parametrize("text", WITHIN)
def test_nothing_runs_where_the_file_is_split_at_semicolons_and_quotes_are_overlooked(text: str) -> None:
    line = written("first", text).split(b"\r\n", 2)[2].decode()
    for begun in re.split(r"[;\r\n]", line.partition(",")[2])[1:]:
        assert not runs(begun.replace('"', ""))
    assert cells(text)[0].replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_no_spreadsheet_runs_stays_as_it_is(text: str) -> None:
    assert cells(text) == [text]


@given(TEXTS)
def test_no_text_runs_once_it_is_guarded(text: str) -> None:
    safe = guarded(text)
    assert not runs(safe)
    assert safe.replace("'", "") == text.replace("'", "")


@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_both_engines_of_patterns_find_what_the_guard_changes(texts: list[str]) -> None:
    found = pl.Series(texts, dtype=pl.String).str.contains(SUSPECT).to_list()
    assert found == [guarded(text) != text for text in texts]
    assert cells(*texts) == [guarded(text) for text in texts]


def test_numbers_are_never_guarded() -> None:
    table = Table(
        "t",
        (
            Column("change", "integer", "", np.array([-5, 0, 5])),
            Column("share", "number", "", np.array([-0.5, -1e-9, -1e22])),
        ),
    )
    assert b"".join(csv_chunks(table)) == b"change,share\r\n-5,-0.5\r\n0,-1e-9\r\n5,-1e+22\r\n"


def test_names_of_columns_are_guarded_like_texts() -> None:
    table = Table("t", (Column('=a,"b"', "integer", "", np.array([1])), Column("-", "integer", "", np.array([2]))))
    assert b"".join(csv_chunks(table)) == b'"\'=a,""b""",\'-\r\n1,2\r\n'
