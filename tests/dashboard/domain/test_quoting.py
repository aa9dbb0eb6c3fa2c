"""Where a quote stands in a text, whatever the text is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.quoting import PAGE, quoted, reading_window, source_of, visible, window

LETTERS = st.text(alphabet="abc xyz", min_size=1, max_size=200)


@given(text=LETTERS, ends=st.tuples(st.integers(0, 200), st.integers(0, 200)), around=st.integers(0, 50))
def test_what_is_marked_is_what_was_quoted(text: str, ends: tuple[int, int], around: int) -> None:
    start, end = sorted(min(each, len(text)) for each in ends)
    first, last = window(start, end, around)
    piece = quoted(text[first:last], first, start, end, len(text))
    assert piece.quote == text[start:end]
    assert piece.before + piece.quote + piece.after == text[first:last]
    assert (piece.cut_before, piece.cut_after) == (first > 0, last < len(text))


@given(at=st.integers(-10, 10**6), characters=st.integers(0, 10**6))
def test_the_pages_of_a_text_are_its_whole(at: int, characters: int) -> None:
    first, last = reading_window(at, characters)
    assert 0 <= first <= last <= characters
    assert last - first <= PAGE
    assert last == characters or reading_window(last, characters)[0] == last


def test_what_turns_text_around_is_shown_by_its_number() -> None:
    assert visible("a\u202eb") == "a[U+202E]b"
    assert quoted("x\u202ey", 0, 1, 2, 3).quote == "[U+202E]"


@pytest.mark.parametrize("text", ["", "doc", "doc 1", "doc 1 2 3", "doc -1 2", "doc 1 x", "doc 1 " + "9" * 40])
def test_what_is_no_place_of_a_quote_is_none(text: str) -> None:
    assert source_of(text) is None
    assert source_of("doc 1 2") == {"document_id": "doc", "start": 1, "end": 2}
