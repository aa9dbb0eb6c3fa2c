"""Plain text, encodings, and what canonical text promises whatever came in."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.files import parse
from tillhand_rag.errors import DocumentProblem, EmptyDocument, MislabelledDocument, UnreadableDocument

SURPRISES = st.text(
    alphabet=st.sampled_from("ab \t\n\r\x0b\x0c\x00\x07\x85\xa0\xad\u0301\u200b\u202e\ufeff\U000e0041|#*-<>`é{}[]()"),
    max_size=80,
)


def test_lines_and_blocks_are_kept() -> None:
    document = parse("Opening hours\r\n\r\n\r\nMon  9-5   \r\nTue\t9-5\r\n", "hours.txt")
    assert document.text == "Opening hours\n\nMon  9-5\nTue 9-5"
    assert document.title == "Opening hours"


def test_underlined_lines_are_headings() -> None:
    document = parse("Guide\n=====\nRead me.\n\nPart\n----\nMore.", "g.txt")
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "Guide"), (2, "Part")]
    assert document.text == "Guide\n\nRead me.\n\nPart\n\nMore."


WRAPPED = """Look into the manual of the product first, since about a third of
all claims are solved there.
Then write to us.

Q: May I send it back without asking for a number before I do?
A: No. The number is asked for in the portal, or by email to
   the trade desk.

Model      Range            Steps of the scale and their units
TQ-25      3 to 25 Nm       0.1
"""


def test_wrapped_lines_are_joined_and_lines_of_their_own_are_kept() -> None:
    prose, questions, table = parse(WRAPPED, "notes.txt").text.split("\n\n")
    assert prose == (
        "Look into the manual of the product first, since about a third of all claims are solved there.\n"
        "Then write to us."
    )
    assert questions.endswith("\nA: No. The number is asked for in the portal, or by email to the trade desk.")
    assert table == WRAPPED.strip().split("\n\n")[2]


def test_lines_that_stand_alone_under_a_number_or_in_capitals_are_headings() -> None:
    document = parse(
        "Terms\n\n1. Scope\n\nAll orders.\n\n1.1 Abroad\n\nSome orders.\n\nTAXES\n\nIncluded.\n\n2. Done.", "t.txt"
    )
    found = [(heading.level, heading.title) for heading in document.headings]
    assert found == [(1, "Terms"), (2, "1. Scope"), (3, "1.1 Abroad"), (2, "TAXES")]


def test_a_first_sentence_is_no_title() -> None:
    assert parse("This is a sentence.\n\nAnd another one.", "two-notes.txt").title == "Two notes"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_is_read_in_the_encoding_that_it_is_in(encoding: str) -> None:
    words = "Crème brûlée for 4,50 € “fresh” daily"
    assert parse(words.encode(encoding), "menu.txt").text == words


def test_the_declared_charset_decides_what_is_not_unicode() -> None:
    document = parse("Κρέμα προσώπου".encode("iso-8859-7"), "el.txt", "text/plain; charset=iso-8859-7")
    assert document.text == "Κρέμα προσώπου"


def test_text_that_no_encoding_explains_is_refused_with_its_line() -> None:
    with pytest.raises(UnreadableDocument, match="Line 2"):
        parse(b"name\n" + "商品の名前と説明".encode("shift_jis"), "japanese.txt")


def test_binary_data_is_not_text() -> None:
    with pytest.raises(MislabelledDocument, match="binary"):
        parse(b"abc\x00\x01\x02def", "notes.md")


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf", "\u200b\u00ad".encode()])
def test_nothing_to_read_is_empty(content: bytes) -> None:
    with pytest.raises(EmptyDocument):
        parse(content, "nothing.txt")


def test_what_nobody_sees_is_no_text() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    assert parse(f"free\u200b ship\u00adping\u202e{hidden}", "a.txt").text == "free shipping"


@settings(deadline=None)
@given(source=SURPRISES, name=st.sampled_from(["a.txt", "a.md", "a.mdx", "a.html", "a.csv"]))
def test_canonical_text_is_clean_whatever_came_in(source: str, name: str) -> None:
    try:
        document = parse(source, name)
    except DocumentProblem:
        return
    text = document.text
    assert unicodedata.is_normalized("NFC", text)
    assert not re.search(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), "only line feeds and spaces"
    assert not re.search(r" $|\n\n\n", text, re.MULTILINE)
    assert text == text.strip()
    for heading in document.headings:
        assert text.startswith(heading.title, heading.start)
        assert heading.start == 0 or text[heading.start - 1] == "\n"
