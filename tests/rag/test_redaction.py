"""What is personal in a question, and what of it may be kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_rag.domain.checksums import is_iban, is_luhn
from tillhand_rag.domain.redaction import MAX_CHARACTERS, Redaction

KEY = "th_agent_" + "0" * 12 + "_" + "f" * 64
KNOWN = frozenset("Vintoro V2 V4 Ravine 42 47 30 Germany Mark VAT cost parcel order swap".split())


def redacted(text: str) -> str:
    return Redaction(text).text(KNOWN)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("write to jane.doe+shop@example.co.uk please", "write to [email] please"),
        ("call me at +49 (0)30 1234-5678 today", "call me at [phone] today"),
        ("my number is 030 123456 x12", "my number is [phone]"),
        ("pay from DE89 3704 0044 0532 0130 00 please", "pay from [iban] please"),
        ("pay from gb29nwbk60161331926819 please", "pay from [iban] please"),
        ("card 4111 1111 1111 1111 declined", "card [card] declined"),
        ("charge 4111-1111-1111-1111 now", "charge [card] now"),
        ("seen from 192.168.0.1 and fe80:0:0:0:1:2:3:4", "seen from [ip] and [ip]"),
        ("see https://a.example/x?user=jane&t=1 now", "see [url] now"),
        ("see shop-of-jane.com/me now", "see [url] now"),
        ("born on 1984-02-17 or 17.02.1984", "born on [date] or [date]"),
        ("where is order 4711", "where is [number]"),
        ("where is order no. AB-4711/9", "where is [number]"),
        ("my case #17 is open", "my case [number] is open"),
        ("it says 8012345678901", "it says [number]"),
        (f"use {KEY}", "use [key]"),
        ("use Bearer abcdefghijkl", "use [key]"),
        ("it is a1b2c3d4e5f6a7b8c9d0e1f2a3", "it is [key]"),
        ("send it to 12 Long Acre Road, please", "send it to [address], please"),
        ("send it to Lindenstraße 12a, please", "send it to [address], please"),
        ("to SW1A 1AA please", "to [address] please"),
        ("P.O. Box 12 it is", "[address] it is"),
        ("my name is jane doe and i wait", "my name is [name] and i wait"),
        ("I am with mrs. doe", "I am with mrs. [name]"),
    ],
)
def test_what_is_personal_by_its_form_is_masked(text: str, kept: str) -> None:
    assert redacted(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Can Jane Doe return it?", "Can [name] return it?"),
        ("Can Mark return it?", "Can Mark return it?"),
        ("Can Mark Zwiebel return it?", "Can [name] return it?"),
        ("Does Jan van der Berg return it?", "Does [name] return it?"),
        ("Who is O'Brien?", "Who is [name]?"),
        ("I live at 30 Qwertz 42, Zuiop", "I live at [number] [name] [number], [name]"),
        ("Is the V3 out?", "Is the [number] out?"),
        ("Is the Ravine 42 out?", "Is the Ravine 42 out?"),
        ("Don't I get it? I'm sure I'd want it", "Don't I get it? I'm sure I'd want it"),
        ("Zoë wrote. Doesn't Björn know?", "[name] wrote. Doesn't [name] know?"),
    ],
)
def test_a_capitalised_or_numeric_word_stays_only_where_the_documents_know_it(text: str, kept: str) -> None:
    assert redacted(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Which fluid goes into the Vintoro V2, and not the V4?",
        "Do I have 30 days in Germany to return it?",
        "what does it cost per parcel, and how many may i order at once?",
        "Is VAT included (in the price)?",
        "How do I get it back, or swap it for another?",
    ],
)
def test_a_question_about_what_the_documents_know_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("can jane doe return it", "can [name] return it"),
        ("do you accept bitcoin", "do you accept bitcoin"),
        ("does the Vintoro fit jane doe", "does the Vintoro fit jane doe"),
    ],
)
def test_without_capitals_two_unknown_words_are_a_name(text: str, kept: str) -> None:
    assert Redaction(text).text({*KNOWN, "return", "accept", "fit"}) == kept


def test_only_the_words_that_need_it_are_asked_for() -> None:
    assert Redaction("How do I fit the Ravine 42 for Jane, jane@example.com?").doubtful == ("Ravine", "42", "Jane")


def test_the_end_of_a_very_long_text_is_not_kept() -> None:
    assert redacted("so " * MAX_CHARACTERS + "Jane") == ("so " * MAX_CHARACTERS)[:MAX_CHARACTERS]


@given(st.text(max_size=200))
def test_no_capitalised_word_outlives_an_empty_vocabulary(text: str) -> None:
    kept = Redaction(Redaction(text).text(frozenset()))
    assert not [word for word in kept.doubtful if word[0].isupper() or any(map(str.isdigit, word))]


@given(st.from_regex(r"[0-9]{12,18}", fullmatch=True))
def test_every_digit_of_a_card_counts(digits: str) -> None:
    whole = next(digits + last for last in "0123456789" if is_luhn(digits + last))
    assert sum(is_luhn(digits + last) for last in "0123456789") == 1
    assert redacted(f"it is {whole} now") == "it is [card] now"


def test_an_account_with_two_digits_swapped_is_none() -> None:
    assert is_iban("DE89 3704 0044 0532 0130 00")
    assert not is_iban("DE89 3704 0044 0532 0103 00")
    assert not is_iban("DE89 3704")
