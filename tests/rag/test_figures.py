"""Figures and names of sentences, whatever way they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_rag.domain.figures import figures, held
from tillhand_rag.domain.literals import literals_of, names_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12,90 €", "EUR 12.90"),
        ("12.9 euros", "12.90 EUR"),
        ("thirty days", "30 days"),
        ("twenty-four hours", "24 h"),
        ("two hundred km", "200 kilometres"),
        ("30 working days", "30 days"),
        ("14:00", "2 pm"),
        ("2:30 p.m.", "14:30"),
        ("31 January", "January 31"),
        ("2026-01-31", "31 January"),
        ("1,500 EUR", "1.500 EUR"),
        ("1,250.50 EUR", "1250.5 EUR"),
        ("1'200 g", "1200 g"),
        ("15 %", "15 per cent"),
        ("28mm", "28 mm"),
        ("twice a year", "2 times"),
        ("four to eight days", "4 days"),
        ("5–7 Nm", "7 Nm"),  # noqa: RUF001  # a range
        ("20 cartridges", "20"),
        ("one day", "1 day"),
    ],
)
def test_one_figure_written_in_two_ways_is_one(one: str, other: str) -> None:
    assert any(held(figure, figures(other)) for figure in figures(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("30 days", "30 hours"),
        ("12.90 EUR", "12.90 %"),
        ("3.5 bar", "5.3 bar"),
        ("-15 °C", "15 °C"),
        ("14:00", "4 pm"),
        ("1,500 EUR", "15,000 EUR"),
        ("9 W", "9 speeds"),
        ("31 January", "31 March"),
        ("1.2.3", "1.2"),
    ],
)
def test_figures_that_differ_do_not_agree(one: str, other: str) -> None:
    assert not any(held(figure, figures(other)) for figure in figures(one))


@pytest.mark.parametrize("text", ["the one that fits", "H28 and M5x16", "no figures", "zero tolerance", ""])
def test_what_is_no_figure_is_none(text: str) -> None:
    assert figures(text) == ()


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("The Lumbrit Arc gives light.", ("lumbrit", "arc")),
        ("Lumbrit Arc lamps are bright.", ("lumbrit", "arc")),
        ("Parcels to Austria are cheap.", ("austria",)),
        ("Parcels are cheap.", ()),
        ("Tighten the M5x16 bolt.", ("m5x16",)),
        ("It costs 5 EUR on Monday.", ("monday",)),
        ("Within 30 days.", ()),
        ("Size L fits.", ("l",)),
    ],
)
def test_names_are_known_by_their_capitals_and_digits(sentence: str, names: tuple[str, ...]) -> None:
    assert names_of(sentence) == names


def test_the_number_of_a_name_is_no_amount() -> None:
    [*names, amount] = literals_of("The Arc 40 gives 40 lux.")
    assert names == ["arc", "arc 40"]
    assert amount in figures("40 lux")


@given(st.text(max_size=200))
def test_any_text_has_figures_and_names_or_none(text: str) -> None:
    assert all(figure.values for figure in figures(text))
    assert all(isinstance(literal, str) or literal.values for literal in literals_of(text))
