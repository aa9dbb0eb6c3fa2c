"""The form of sentences: definitions, steps, and remarks about the document."""

from __future__ import annotations

import pytest

from tillhand_rag.domain.forms import defined_term, defines, is_remark, is_step


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("What is a stock location in Spree?", ("stock", "locat")),
        ("what's backorder", ("backord",)),
        ("What does MSRP mean?", ("msrp",)),
        ("What is meant by store view?", ("store", "view")),
        ("What is the express rate that all trade customers pay?", ()),
        ("How do I define a zone?", ()),
    ],
)
def test_the_term_whose_meaning_is_asked_for_is_known(question: str, term: tuple[str, ...]) -> None:
    assert defined_term(question) == term


@pytest.mark.parametrize(
    ("sentence", "does"),
    [
        ("A price list is a set of prices.", True),
        ("Price lists (also of partners) let you set prices per group.", True),
        ("Price list: prices for one group.", True),
        ("Term: Price list; Meaning: prices for one group.", True),
        ("**Price lists** are usually used for groups.", True),
        ("Price lists are usually created by hand.", False),
        ("A price list is required.", False),
        ("Enter the name of the price list.", False),
        ("A price list entry is a line.", False),
    ],
)
def test_a_definition_begins_with_its_term(sentence: str, *, does: bool) -> None:
    assert defines(sentence, defined_term("What is a price list?")) is does


def test_an_abbreviation_is_defined_in_brackets_behind_what_it_abbreviates() -> None:
    assert defines("The manufacturer's suggested retail price (MSRP) may be shown.", ("msrp",))


@pytest.mark.parametrize(
    ("sentence", "step", "remark"),
    [
        ("On the Admin sidebar, go to **Orders**.", True, False),
        ("Click Save.", True, False),
        ("Print mode: HTML", False, False),
        ("Printing takes a minute.", False, False),
        ("Learn how to print labels.", False, True),
        ("For more information, see Labels.", False, True),
        ("In this article, you print labels.", False, True),
        ("Figure: Print labels", False, True),
        ("Follow the steps below to print.", False, True),
    ],
)
def test_steps_and_remarks_are_told_by_how_they_begin(sentence: str, *, step: bool, remark: bool) -> None:
    assert (is_step(sentence), is_remark(sentence)) == (step, remark)
