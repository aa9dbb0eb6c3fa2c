"""Patterns of questions: what they match, which is the more specific, and what is no pattern."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_rag.domain.patterns import MAX_QUESTION_WORDS, Pattern, question_words
from tillhand_rag.errors import InvalidPattern


def matches(pattern: str, question: str) -> bool:
    return Pattern.parse(pattern).matches(question_words(question))


@pytest.mark.parametrize(
    ("pattern", "question"),
    [
        ("do you accept bitcoin", "Do you accept Bitcoin?"),
        ("* bitcoin *", "bitcoin"),
        ("* bitcoin *", "Is it true that bitcoin is accepted here?"),
        ("how * return * helmet*", "How can I return one of my helmets?"),
        ("return* policy", "returns policy"),
        ("*tube* tyre", "tubeless tyre"),
        ("h*t size", "Helmet size"),
        ("what is the VAT-rate", "What is the vat rate"),
        ("a * c * c", "a c c"),
        ("straße *", "STRASSE 5"),
        ("\uff34orque *", "Torque?"),
    ],
)
def test_a_pattern_matches_the_whole_question_in_any_case(pattern: str, question: str) -> None:
    assert matches(pattern, question)


@pytest.mark.parametrize(
    ("pattern", "question"),
    [
        ("do you accept bitcoin", "Do you accept bitcoin today?"),
        ("do you accept bitcoin", "you accept bitcoin"),
        ("return policy", "returns policy"),
        ("bitcoin *", "no bitcoin"),
        ("a * helmet c", "a helmet"),
        ("ab*ba shoes", "aba shoes"),
        ("* helmet * helmet *", "one helmet"),
    ],
)
def test_a_pattern_matches_nothing_else(pattern: str, question: str) -> None:
    assert not matches(pattern, question)


def test_a_letter_of_many_words_matches_no_pattern() -> None:
    assert matches("* bitcoin", "so " * (MAX_QUESTION_WORDS - 1) + "bitcoin")
    assert not matches("* bitcoin", "so " * MAX_QUESTION_WORDS + "bitcoin")


@pytest.mark.parametrize(
    "pattern",
    [
        *("*", "* * *", "?!", "", "* the *", "retur*", "a " * 33, "x" * 301),
        *("(a+)+", "what.*cost", "price|cost", "[ab]+ shoes", "\\w+ shoes", "^shoes", "shoes$", "shoe {2}"),
    ],
)
def test_what_is_no_pattern_or_matches_nearly_everything_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern):
        Pattern.parse(pattern)


def test_the_more_specific_pattern_comes_first() -> None:
    patterns = ["how to return a helmet", "how to return * helmet", "how * return * helmet", "* return * helmet*"]
    specificities = [Pattern.parse(pattern).specificity for pattern in patterns]
    assert specificities == sorted(specificities, reverse=True)
    assert len(set(specificities)) == len(patterns)


WORDS = st.lists(st.sampled_from(["a", "b", "ab", "ba", "bab"]), max_size=6)
TOKENS = st.lists(st.sampled_from(["*", "a", "ab", "b*", "*a", "a*b"]), max_size=5)


@given(TOKENS, WORDS)
def test_a_pattern_matches_what_the_same_regular_expression_does(tokens: list[str], words: list[str]) -> None:
    pieces = [r"(?: \w+)*" if token == "*" else " " + token.replace("*", r"\w*") for token in tokens]
    expected = re.fullmatch("".join(pieces) + r"(?: zebra)", "".join(f" {word}" for word in [*words, "zebra"]))
    assert matches(" ".join([*tokens, "zebra"]), " ".join([*words, "zebra"])) == (expected is not None)


def test_the_words_that_a_question_must_hold_are_told() -> None:
    assert Pattern.parse("How * return a helmet*").literals == {"how", "return", "a"}
