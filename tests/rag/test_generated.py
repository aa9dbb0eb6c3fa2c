"""A language model's text, cut into sentences with the sources that they name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tillhand_rag.domain.generated import LONGEST_SENTENCE, Drafted, Splitter


def whole(text: str) -> list[Drafted]:
    splitter = Splitter()
    return splitter.feed(text) + splitter.finish()


def cited(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(sentence.text, sentence.cites) for sentence in whole(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is free [1]. It is blue. [2]", [("It is free.", (1,)), ("It is blue.", (2,))]),
        ("It is free[1][2]. It is blue.[3] Yes.", [("It is free.", (1, 2)), ("It is blue.", (3,)), ("Yes.", ())]),
        ("It is free [1, 3]. It is blue [2-4].", [("It is free.", (1, 3)), ("It is blue.", (2, 3, 4))]),
        ("It is free [1], and blue [2], in all sizes.", [("It is free, and blue, in all sizes.", (1, 2))]),
        ("It is free [1] and [1] free.", [("It is free and free.", (1,))]),
        ("It costs approx. 9.90 EUR, e.g. by DHL [1].", [("It costs approx. 9.90 EUR, e.g. by DHL.", (1,))]),
        ("[1] It is free.\n[2] It is blue.", [("It is free.", (1,)), ("It is blue.", (2,))]),
        ("It is free.\n[1]\nIt is blue.\n[2]", [("It is free.", (1,)), ("It is blue.", (2,))]),
        ("- It is free [1]\n- It is blue [2]", [("It is free", (1,)), ("It is blue", (2,))]),
        ("1. Open it [1]\n2. Close it [2]", [("Open it", (1,)), ("Close it", (2,))]),
        ("**Free** [1]. It is [source 2] blue【3†a】.", [("**Free**.", (1,)), ("It is blue.", (2, 3))]),
        ("See [the page] and [12345].", [("See [the page] and [12345].", ())]),
        ("", []),
    ],
)
def test_markers_belong_to_the_sentence_that_they_stand_in_or_behind(
    text: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert cited(text) == expected


def test_of_the_layout_line_breaks_and_list_marks_are_kept_and_nothing_else() -> None:
    text = "Two things:\n\n\n- One [1]\n* Two [2]\n\n```python secret\nThree [3]\n```\n\nFour [4]. Five [5]."
    sentences = whole(text)
    assert [sentence.gap for sentence in sentences] == [" ", "\n\n- ", "\n* ", "\n\n", "\n\n", " "]
    assert "secret" not in "".join(sentence.gap + sentence.text for sentence in sentences)


@pytest.mark.parametrize("text", ["Here is what I found:", "Sure!", "**Answer:**", "I hope this helps.", "## Returns"])
def test_what_only_leads_on_claims_nothing(text: str) -> None:
    assert [sentence.connective for sentence in whole(f"{text}\n\nIt is free [1].")] == [True, False]


def test_a_fence_that_the_model_copies_says_nothing() -> None:
    assert all(sentence.connective for sentence in whole("<<< source [1] 0f3a\n>>> end of source [1] 0f3a"))


def test_a_claim_without_a_source_is_no_lead() -> None:
    assert not whole("All returns are free in Germany.")[0].connective
    assert not whole("It costs 5 EUR.")[0].connective


def test_the_word_for_no_answer_is_known_with_or_without_ornament() -> None:
    assert all(whole(text)[0].declines for text in ("NOT IN THE SOURCES", "**Not in the sources.**"))
    assert not whole("It is not in the sources that I know [1].")[0].declines


def test_a_sentence_is_given_out_as_soon_as_the_next_one_has_begun() -> None:
    splitter = Splitter()
    assert splitter.feed("It is free") == []
    assert splitter.feed(". ") == []
    assert splitter.feed("[1") == []
    assert splitter.feed("] It") == []
    assert [sentence.cites for sentence in splitter.feed(" is blue")] == [(1,)]
    assert [sentence.text for sentence in splitter.finish()] == ["It is blue"]
    assert splitter.finish() == []


def test_text_that_breaks_off_loses_its_last_sentence() -> None:
    splitter = Splitter()
    said = splitter.feed("It is free [1]. It costs 9") + splitter.finish(whole=False)
    assert [sentence.text for sentence in said] == ["It is free."]


def test_text_without_an_end_is_cut_at_a_length() -> None:
    splitter = Splitter()
    said = [sentence for _ in range(9) for sentence in splitter.feed("blah " * 100)]
    assert sum(len(sentence.text) for sentence in said) <= 9 * 500
    assert all(len(sentence.text) <= LONGEST_SENTENCE + 500 for sentence in said)
    assert said


TEXTS = st.lists(
    st.sampled_from(
        [
            "It is free",
            " [1]",
            ".",
            " ",
            "\n",
            "\n\n- ",
            "Dr. Ray",
            "9.90 EUR",
            "[2]",
            " e.g. so",
            "!",
            " Next one",
            ":",
            "[",
        ]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_nothing_is_lost_or_said_twice_however_the_text_is_cut_up(text: str, sizes: list[int]) -> None:
    splitter = Splitter()
    said: list[Drafted] = []
    at = 0
    for size in sizes * (len(text) // len(sizes) + 1):
        said += splitter.feed(text[at : at + size])
        at += size
    said += splitter.feed(text[at:]) + splitter.finish()

    def words(sentences: list[Drafted]) -> str:
        return "".join(c for sentence in sentences for c in sentence.text if c.isalnum())

    assert words(said) == words(whole(text))
    assert [n for sentence in said for n in sentence.cites] or not any(s.cites for s in whole(text))
