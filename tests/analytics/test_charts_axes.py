"""Axes have their marks at round numbers and at beginnings of weeks and months; numbers are written as people do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_analytics.domain.charts import svg
from tillhand_analytics.domain.charts.measures import Measure, day, day_tick
from tillhand_analytics.domain.charts.ticks import day_ticks, ticks

NUMBERS = st.floats(-1e12, 1e12)


@given(NUMBERS, NUMBERS, st.integers(2, 9), st.booleans())
def test_marks_are_round_even_and_hold_all_figures(one: float, other: float, wanted: int, whole: bool) -> None:
    low, high = sorted((one, other))
    marks = ticks(low, high, wanted=wanted, whole=whole)
    room = 1e-6 * max(abs(low), abs(high), marks.step)
    assert marks.at[0] <= low + room
    assert marks.at[-1] >= high - room
    assert 2 <= len(marks.at) <= wanted + 3
    assert np.allclose(np.diff(marks.at), marks.step)
    assert np.allclose(marks.at / marks.step, np.round(marks.at / marks.step))
    if whole:
        assert marks.step >= 1
        assert marks.step == round(marks.step)


@pytest.mark.parametrize(
    ("low", "high", "at"),
    [
        (0, 7, [0, 2, 4, 6, 8]),
        (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-3, 3, [-4, -2, 0, 2, 4]),
        (0, 23, [0, 5, 10, 15, 20, 25]),
    ],
)
def test_marks_are_where_a_person_would_put_them(low: float, high: float, at: list[float]) -> None:
    assert ticks(low, high).at.tolist() == pytest.approx(at)


def test_figures_that_are_unknown_have_an_axis_all_the_same() -> None:
    assert ticks(np.nan, np.inf).at.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])


@given(st.integers(-20_000, 40_000), st.integers(0, 4_000), st.integers(2, 12))
def test_day_marks_are_few_in_order_and_begin_something(first: int, span: int, most: int) -> None:
    begin = np.datetime64("1970-01-01") + first
    marks, monthly = day_ticks(begin, begin + span, most=most)
    assert len(marks) <= most
    assert (marks >= begin).all()
    assert (marks <= begin + span).all()
    assert (np.diff(marks).astype(int) > 0).all()
    if monthly:
        assert all(str(mark).endswith("-01") for mark in marks)


@pytest.mark.parametrize(
    ("measure", "values", "written"),
    [
        (Measure("Units"), [0, 500, 1_000, 1_500], ["0", "500", "1,000", "1,500"]),
        (Measure("Units"), [0, 2_500, 5_000, 7_500, 10_000], ["0", "2.5k", "5k", "7.5k", "10k"]),
        (Measure("Units"), [0, 500_000, 1_000_000], ["0", "0.5M", "1.0M"]),
        (Measure("Units"), [-2e9, 0, 2e9], ["\u22122B", "0", "2B"]),
        (Measure("Share", "share"), [0, 2.5, 5], ["0 %", "2.5 %", "5 %"]),
        (Measure("Units"), [0, 0.05, 0.1], ["0", "0.05", "0.10"]),
        (Measure("Units"), [-4, -2, 0], ["\u22124", "\u22122", "0"]),
    ],
)
def test_numbers_on_an_axis_are_short_and_in_one_unit(
    measure: Measure, values: list[float], written: list[str]
) -> None:
    assert list(measure.ticks(np.array(values, np.float64), values[1] - values[0])) == written


@pytest.mark.parametrize(
    ("measure", "value", "said"),
    [
        (Measure("Net", "money", "EUR"), 123_456_789, "EUR 1,234,567.89"),
        (Measure("Net", "money", "JPY"), 1_234, "JPY 1,234"),
        (Measure("Net", "money", "KWD"), -1_234, "KWD \u22121.234"),
        (Measure("Net", "money", "EUR"), -0.4, "EUR 0.00"),
        (Measure("Units"), 12, "12"),
        (Measure("Units"), 12.34, "12.3"),
        (Measure("Units"), 12_345.6, "12,346"),
        (Measure("Share", "share"), 0.1234, "12.3 %"),
        (Measure("Days", "decimal"), 3, "3.0"),
        (Measure("Days"), np.nan, "unknown"),
    ],
)
def test_numbers_in_words_are_whole(measure: Measure, value: float, said: str) -> None:
    assert measure.said(value) == said


def test_a_change_has_its_sign() -> None:
    measure = Measure("Net", "money", "EUR")
    assert [measure.said(each, signed=True) for each in (100, -100, 0)] == ["EUR +1.00", "EUR \u22121.00", "EUR 0.00"]


def test_days_are_written_in_full_and_the_year_where_it_begins() -> None:
    assert day(np.datetime64("2026-03-01")) == "1 Mar 2026"
    assert day_tick(np.datetime64("2026-03-01"), monthly=True) == "Mar"
    assert day_tick(np.datetime64("2026-01-01"), monthly=True) == "Jan 2026"
    assert day_tick(np.datetime64("2026-03-09"), monthly=False) == "9 Mar"


def test_a_missing_point_breaks_a_line() -> None:
    x, y = np.arange(5.0), np.array([1.0, 2.0, np.nan, 4.0, 5.0])
    assert svg.path(x, y) == "M0 1L1 2M3 4L4 5"
    assert svg.lone(x, np.array([1.0, np.nan, 3.0, np.nan, np.nan])).tolist() == [True, False, True, False, False]


def test_a_text_is_shortened_to_its_room() -> None:
    assert svg.shortened("short", 100, 12) == "short"
    assert svg.shortened("much too long for it", 60, 12).endswith("\u2026")
    assert svg.wide(svg.shortened("\u65e5\u672c\u8a9e\u306e\u88fd\u54c1", 40, 12), 12) <= 40
