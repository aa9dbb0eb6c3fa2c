"""Questions out of conversations."""

from __future__ import annotations

import pytest

from tillhand_rag.domain.conversation import leans, standalone

BEFORE = "How long is the guarantee on Gantrel racks?"


@pytest.mark.parametrize(
    "question",
    [
        "And on bags?",
        "what about panniers?",
        "How much is it?",
        "Why?",
        "And?",
        "How long do they last?",
        "Can it be washed?",
        "ok thanks, how much?",
    ],
)
def test_a_follow_up_is_asked_with_the_question_before(question: str) -> None:
    assert leans(question)
    assert standalone([BEFORE, question], 4_000) == f"{BEFORE}\n{question}"


@pytest.mark.parametrize(
    "question",
    [
        "What does a return label cost in Germany?",
        "Do you sell complete bikes?",
        "Android app?",
        "I bought a helmet last week and it does not fit my head, can it be exchanged for another size?",
    ],
)
def test_a_question_that_says_what_it_is_about_is_asked_as_it_is(question: str) -> None:
    assert standalone([BEFORE, question], 4_000) == question


def test_a_follow_up_of_a_follow_up_reaches_back_to_a_question_and_no_further_than_allowed() -> None:
    chain = ["Where is Hamburg?", BEFORE, "And on bags?", "And on locks?"]
    assert standalone(chain, 4_000) == f"{BEFORE}\nAnd on bags?\nAnd on locks?"
    assert standalone(["Bags?", *["Why?"] * 9], 4_000) == "Why?\nWhy?\nWhy?\nWhy?"


def test_the_first_question_has_nothing_to_lean_on() -> None:
    assert standalone(["How much is it?"], 4_000) == "How much is it?"


def test_what_is_too_long_loses_its_beginning() -> None:
    assert standalone([BEFORE, "And on bags?"], 20) == f"{BEFORE}\nAnd on bags?"[-20:]
