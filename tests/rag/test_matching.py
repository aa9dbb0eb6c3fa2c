"""The words of a query that a passage holds, as a person would point at them."""

from __future__ import annotations

import pytest

from tillhand_rag.domain.matching import TermMatcher


@pytest.mark.parametrize(
    ("query", "text", "terms"),
    [
        ("How do I return a kettle?", "Returns: send the KETTLE back.", ["return", "kettle"]),
        ("returns of kettles", "One return, one kettle.", ["returns", "kettles"]),
        ("oil the board", "A boardroom with toil.", []),
        ("oil", "Toil, boil, and then: oil-based.", ["oil"]),
        ("part 28-622 for XT", "Rim 28-622, XT-8000", ["28-622", "xt"]),
        ("a glass", "glasses and a glass", ["glass"]),
        ("straße", "STRASSE 7", ["strasse"]),
        ("kettle kettle", "kettle", ["kettle"]),
        ("is it the", "it is the", []),
        ("", "anything", []),
        ("anything", "", []),
    ],
)
def test_the_telling_words_that_stand_in_the_text_are_named(query: str, text: str, terms: list[str]) -> None:
    assert TermMatcher(query).terms(text) == terms
