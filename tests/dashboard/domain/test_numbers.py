"""Numbers as people read them."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.numbers import (
    MINUS,
    UNKNOWN,
    Figure,
    decimal,
    integer,
    money,
    percentage,
)

NUMBERS = st.integers() | st.floats() | st.decimals(allow_nan=True)


@given(value=st.integers(-(10**30), 10**30))
def test_a_whole_number_can_be_read_back(value: int) -> None:
    assert int(integer(value).text.replace(",", "").replace(MINUS, "-")) == value


@given(value=st.decimals(-(10**12), 10**12, places=6))
def test_text_or_title_has_each_digit(value: Decimal) -> None:
    shown = decimal(value, digits=2)
    assert Decimal(shown.spoken.replace(",", "").replace(MINUS, "-")) == value


@given(value=NUMBERS, digits=st.integers(0, 6), signed=st.booleans())
def test_any_number_is_shown_on_one_short_line(value: float | Decimal, digits: int, signed: bool) -> None:
    shown = [
        decimal(value, digits=digits, signed=signed),
        percentage(value, digits=digits, signed=signed),
    ]
    for figure in shown:
        assert 0 < len(figure.text) <= 80
        assert len(figure.title) <= 160
        assert "-" not in figure.text + figure.title


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1_234_567, "1,234,567"),
        (-1_234, "\u22121,234"),
        (10**36, "1.00e36"),
    ],
)
def test_whole_numbers_are_grouped_with_a_true_minus(value: int, text: str) -> None:
    assert integer(value).text == text


def test_a_whole_number_of_any_length_fits_a_line() -> None:
    assert integer(-(10**5_000)).text == "\u22121.00e5000"


@pytest.mark.parametrize(
    ("shown", "text", "title"),
    [
        (decimal(2.675, digits=2), "2.68", "2.675"),
        (decimal(-2.5, digits=0), "\u22123", "\u22122.5"),
        (decimal(-0.01), "0.0", "\u22120.01"),
        (decimal(Decimal("1.50")), "1.5", ""),
        (decimal(3, signed=True), "+3.0", ""),
        (decimal(0, signed=True), "0.0", ""),
        (decimal(Decimal("1e-50")), "0.0", "1.00e\u221250"),
        (percentage(0.125), "12.5 %", ""),
        (percentage(Decimal("0.12345"), signed=True), "+12.3 %", "+12.345 %"),
        (percentage(1, digits=0), "100 %", ""),
    ],
)
def test_what_the_text_leaves_out_stands_in_the_title(shown: Figure, text: str, title: str) -> None:
    assert shown == Figure(text, title)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123_456, "EUR", "EUR 1,234.56"),
        (-5, "EUR", "EUR \u22120.05"),
        (123_456, "JPY", "JPY 123,456"),
        (123_456, "KWD", "KWD 123.456"),
        (100, "", "1.00"),
    ],
)
def test_money_has_the_digits_of_its_currency(minor: int, currency: str, text: str) -> None:
    assert money(minor, currency) == Figure(text)


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, Decimal("sNaN"), Decimal("1e1000000")])
def test_what_is_not_known_or_no_number_is_a_dash_that_says_so(value: float | Decimal | None) -> None:
    for shown in (decimal(value), percentage(value)):
        assert (shown.text, shown.spoken) == ("\u2014", "unknown")


def test_unknown_amounts_are_dashes_too() -> None:
    assert {integer(None), money(None, "EUR")} == {UNKNOWN}
