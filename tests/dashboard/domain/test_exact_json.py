"""JSON that keeps how its numbers are spelled, and shows what is in it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.characters import hidden
from tillhand_dashboard.domain.exact_json import DEEPEST, LARGEST, Json, Malformed, number_text, parsed, written

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["\u202e\ud800", "\x7f\U000e0041", "\u200b", "a\ufe0f\u200d\u2764", "\u180b\u180b", "\u2800\u200d\u2800"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | TEXTS
VALUES: st.SearchStrategy[Json] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)


@given(value=VALUES, indent=st.sampled_from([0, 2]))
def test_what_is_written_is_read_as_the_same_with_the_same_spelling(value: Json, indent: int) -> None:
    text = written(value, indent=indent)
    again = parsed(text)
    assert not isinstance(again, Malformed)
    assert again == value
    assert written(again, indent=indent) == text


@given(value=VALUES)
def test_nothing_invisible_stands_in_what_is_written(value: Json) -> None:
    text = written(value)
    assert [character for at, character in enumerate(text) if hidden(text, at)] == []
    assert "\n" not in written(value, indent=0)


@given(value=st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_it_is_laid_out_as_by_the_standard_library(value: Json) -> None:
    if all(hidden(text, at) is None for text in [json.dumps(value, ensure_ascii=False)] for at in range(len(text))):
        assert written(value) == json.dumps(value, indent=2, ensure_ascii=False)
        assert written(value, indent=0) == json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("number", ["1", "1.0", "1.00", "-0", "-0.0", "0.1", "1E+2", "1E-7", "12345678901234567890.10"])
def test_a_number_keeps_its_spelling(number: str) -> None:
    value = parsed(number)
    assert isinstance(value, int | Decimal)
    assert written(value) == number


def test_a_number_of_any_length_is_taken_and_written() -> None:
    digits = "9" * 100_000
    assert parsed(digits) == Decimal(digits)
    assert written(parsed(digits)) == digits  # type: ignore[arg-type]  # it is no Malformed
    assert number_text(10**5_000) == "1" + "0" * 5_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no JSON at line 1, column 1"),
        ('{"a": 1,\n "b" 2}', "is no JSON at line 2, column 6"),
        ("1 2", "is no JSON at line 1, column 3"),
        ('{"a": 1, "a": 2}', "has a key twice"),
        ("[NaN]", "has a number that is none"),
        ("-Infinity", "has a number that is none"),
        ("[" * 66 + "]" * 66, f"is nested deeper than {DEEPEST} levels"),
        ("[" * 100_000, f"is nested deeper than {DEEPEST} levels"),
        (" " * (LARGEST + 1), "is longer than 2,000,000 characters"),
    ],
)
def test_what_is_no_json_or_not_the_same_to_each_reader_is_refused_with_the_place(text: str, message: str) -> None:
    assert parsed(text) == Malformed(message)


def test_the_deepest_that_is_taken_is_as_deep_as_is_said() -> None:
    text = "[" * DEEPEST + "1" + "]" * DEEPEST
    assert written(parsed(text), indent=0) == text  # type: ignore[arg-type]  # it is no Malformed


def test_a_value_nested_without_end_can_still_be_written() -> None:
    value: Json = "core"
    for _ in range(20_000):
        value = [value]
    assert written(value, indent=0).count("[") == 20_000
    assert len(written(value)) < 20_000 * 300
