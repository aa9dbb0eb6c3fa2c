"""Text of strangers, made safe and honest to show."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.plain_text import Break, Link, Mark, PlainText, Text, plain_text

TRICKY = st.sampled_from(
    "a b\n\t\r .)/:@-1#"
    "\u200b\u200c\u200d\u200e\u202e\u2066\ufeff\xa0\u3000\u00ad\0\x1b\x7f\x85\u2028\ud800\udfff\ue000\U000e0041\ufe0f"
    "\u0301\u0327\u0915\u094d\u0937\u0645\u1100\u1161\u11a8\uac00\U0001f468\U0001f3fd\U0001f4bb\U0001f1e9\U0001f1ea\u2764\u20e3"
    "\u0430\u4e2d\U000e0100\ufffe\U0001f3f4\u115f\u3164\u2800"
)
TEXTS = st.lists(TRICKY | st.characters() | st.just("https://a.example/b"), max_size=60).map("".join)
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def shown(text: PlainText) -> str:
    """What stands in the text and the links, without marks."""
    return "".join(
        each.text if isinstance(each, Text) else "".join(each.parts) if isinstance(each, Link) else ""
        for each in text.segments
    )


def marks(text: str) -> list[tuple[str, str, int]]:
    """The marks of a text."""
    return [(each.label, each.code, each.count) for each in plain_text(text).segments if isinstance(each, Mark)]


@given(text=TEXTS)
def test_each_character_is_either_shown_as_it_is_or_marked(text: str) -> None:
    made = plain_text(text)
    back = "".join(
        chr(int(each.code.removeprefix("U+"), 16)) * each.count if isinstance(each, Mark) else shown(PlainText((each,)))
        for each in made.segments
    )
    assert back == text.replace("\r\n", "\n")
    assert made.left_out == 0


@given(text=TEXTS)
def test_nothing_that_is_shown_turns_or_hides_anything(text: str) -> None:
    for character in shown(plain_text(text)):
        assert character not in BIDI
        assert (
            character in "\n\t \u200c\u200d"
            or not unicodedata.category(character).startswith(("C", "Z"))
            or (
                "\U0001f000" <= character <= "\U0001faff"
                or "\u0600" <= character <= "\u08e2"
                or character >= "\U000110bd"
            )
        )
    plain_text(text).spelled.encode()


@given(text=TEXTS, limit=st.integers(0, 40))
def test_a_cut_says_how_much_is_left_out_and_takes_no_accent_from_its_letter(text: str, limit: int) -> None:
    made = plain_text(text, limit=limit)
    kept = text[: len(text) - made.left_out]
    assert made.segments == plain_text(kept).segments
    assert len(kept) <= limit
    assert (made.left_out > 0) is (len(text) > limit)
    if kept and made.left_out and limit - len(kept) < 31:
        assert unicodedata.category(text[len(kept)])[0] != "M" or kept[-1] in "\n\t\r"
        assert not kept.endswith("\r") or text[len(kept)] != "\n"


@given(text=TEXTS)
def test_marks_of_one_kind_in_a_row_are_one(text: str) -> None:
    segments = plain_text(text).segments
    for first, second in pairwise(segments):
        assert not (isinstance(first, Mark) and isinstance(second, Mark) and first.code == second.code)


@pytest.mark.parametrize(
    ("character", "label", "code"),
    [
        ("\u202e", "right-to-left override", "U+202E"),
        ("\u2067", "right-to-left isolate", "U+2067"),
        ("\u200b", "zero width space", "U+200B"),
        ("\u200d", "zero width joiner", "U+200D"),
        ("\ufeff", "zero width no-break space", "U+FEFF"),
        ("\u00ad", "soft hyphen", "U+00AD"),
        ("\xa0", "no-break space", "U+00A0"),
        ("\u3000", "ideographic space", "U+3000"),
        ("\u2028", "line separator", "U+2028"),
        ("\u3164", "hangul filler", "U+3164"),
        ("\u2800", "braille pattern blank", "U+2800"),
        ("\0", "null", "U+0000"),
        ("\r", "carriage return", "U+000D"),
        ("\x1b", "escape", "U+001B"),
        ("\x9b", "control character", "U+009B"),
        ("\ud800", "half a character", "U+D800"),
        ("\ue000", "private use character", "U+E000"),
        ("\uffff", "unassigned character", "U+FFFF"),
        ("\U000e0041", "tag latin capital letter a", "U+E0041"),
        ("\ufe0f", "variation selector-16", "U+FE0F"),
        ("\U000e0100", "variation selector-17", "U+E0100"),
    ],
)
def test_what_cannot_be_seen_is_marked_by_its_name(character: str, label: str, code: str) -> None:
    assert plain_text(f"a{character}b").segments == (Text("a"), Mark(label, code), Text("b"))
    assert plain_text(f"a{character}b").hidden == 1


@pytest.mark.parametrize(
    "text",
    [
        "Two\r\nlines\tand a tab".replace("\r", ""),
        "Gr\u00fc\u00dfe, \u4f60\u597d, \u0645\u0631\u062d\u0628\u0627",
        "\U0001f469\U0001f3fd\u200d\U0001f4bb",  # a person with a laptop, joined
        "\u2764\ufe0f\u200d\U0001f525",  # a heart on fire
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # the flag of Scotland
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # a Persian word with a non-joiner
        "\u0915\u094d\u200d\u0937",  # a Devanagari conjunct
        "\u845b\U000e0100",  # an ideograph in a variant
        "\U0001fae8",  # newer than some tables
        "e\u0301",
    ],
)
def test_what_is_spelt_with_invisible_characters_stays_whole(text: str) -> None:
    assert plain_text(text).segments == (Text(text),)


def test_what_is_hidden_in_a_row_is_counted() -> None:
    assert marks("a" + "\u200b" * 1_000 + "\u202e\u200b") == [
        ("zero width space", "U+200B", 1_000),
        ("right-to-left override", "U+202E", 1),
        ("zero width space", "U+200B", 1),
    ]
    assert marks("\U0001f600\ufe0f" + "\U000e0110\U000e0111") == [
        ("variation selector-33", "U+E0110", 1),
        ("variation selector-34", "U+E0111", 1),
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a\ufe0f\u200d\u2764", ["U+FE0F", "U+200D"]),
        ("\u1820\u180b\u180b", ["U+180B"]),
        ("\u2764\u200d\u2800", ["U+200D", "U+2800"]),
        ("\u2800\ufe0f", ["U+2800", "U+FE0F"]),
        ("\u0645\u200c\u200c\u0645", ["U+200C", "U+200C"]),
        ("\u0645\u200ca", ["U+200C"]),
        ("1\ufe0f", ["U+FE0F"]),
    ],
)
def test_what_is_joined_to_nothing_is_no_spelling(text: str, codes: list[str]) -> None:
    assert [code for _, code, count in marks(text) for _ in range(count)] == codes


def test_accents_without_end_are_marked_before_they_cover_other_lines() -> None:
    assert plain_text("a" + "\u0301" * 100).segments == (
        Text("a" + "\u0301" * 8),
        Mark("combining acute accent", "U+0301", 92),
    )


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("e\u0301e\u0301", 3, "e\u0301"),
        ("a\U0001f469\u200d\U0001f4bbb", 3, "a"),
        ("a\r\nb", 2, "a"),
        ("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 3, "\U0001f1e9\U0001f1ea"),
        ("\u1112\u1161\u11ab\u1100", 2, ""),
        ("\u0915\u094d\u0937a", 2, ""),
        ("abc", 0, ""),
        ("abc", 3, "abc"),
    ],
)
def test_a_cut_never_falls_within_a_character(text: str, limit: int, kept: str) -> None:
    made = plain_text(text, limit=limit)
    assert (shown(made), made.left_out) == (kept, len(text) - len(kept))


def test_huge_text_is_cut_before_it_is_looked_at() -> None:
    made = plain_text("\u200bx" * 5_000_000, limit=100)
    assert len(made.segments) == 100
    assert made.left_out == 9_999_900
    assert plain_text("a" + "\u0301" * 5_000_000, limit=1_000).left_out == 4_999_001


@given(text=st.text(st.sampled_from("ab e\u0301\U0001f468\u200d\n"), max_size=300))
def test_no_run_without_a_space_is_longer_than_a_line(text: str) -> None:
    segments = plain_text(text).segments
    assert all(len(word) <= 40 for each in segments if isinstance(each, Text) for word in each.text.split())
    for first, second in pairwise(segments):
        if isinstance(first, Break):
            assert isinstance(second, Text)
            assert unicodedata.category(second.text[0])[0] != "M"


def test_a_long_run_may_break() -> None:
    assert plain_text("see " + "x" * 90 + " end").segments == (
        Text("see " + "x" * 40),
        Break(),
        Text("x" * 40),
        Break(),
        Text("x" * 10 + " end"),
    )


def test_a_title_has_one_line() -> None:
    assert plain_text("a\r\nb\tc", lines=False).segments == (Text("a b c"),)


def test_an_attribute_spells_marks_and_says_that_something_is_missing() -> None:
    assert plain_text("pay\u202e\u200b\u200bnow https://a.example and more", limit=30).spelled == (
        "pay[U+202E][U+200B \u00d72]now https://a.example an\u2026"
    )


@given(text=TEXTS)
def test_a_link_only_ever_leads_to_the_web(text: str) -> None:
    assert all(
        re.match("https?://", each.href)
        for each in plain_text(text + " javascript:x data:y https://z.example").segments
        if isinstance(each, Link)
    )


def test_text_can_be_shown_without_links() -> None:
    assert plain_text("https://a.example", links=False).segments == (Text("https://a.example"),)
