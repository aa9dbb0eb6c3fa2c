"""Sentences with exact offsets, from prose and from every layout that documents have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_rag.domain.quotables import quotables
from tillhand_rag.domain.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [text[each.start : each.end] for each in split_sentences(text)]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 12.90 EUR. It ships today.", ["It costs 12.90 EUR.", "It ships today."]),
        ("Firmware v2.1 is out. Update now!", ["Firmware v2.1 is out.", "Update now!"]),
        ("Ask Dr. Marsh or Mrs. Bell. They know.", ["Ask Dr. Marsh or Mrs. Bell.", "They know."]),
        ("Use oil, e.g. Lubrin, i.e. mineral oil. Wipe it.", ["Use oil, e.g. Lubrin, i.e. mineral oil.", "Wipe it."]),
        ("Fits fig. 3 and art. no. 44 only. See below.", ["Fits fig. 3 and art. no. 44 only.", "See below."]),
        ("Sold by Bracken Ltd. Kiel and others.", ["Sold by Bracken Ltd. Kiel and others."]),
        ("Sold by Bracken Ltd. The shop is closed.", ["Sold by Bracken Ltd.", "The shop is closed."]),
        ("Made in the U.S. and in Japan. We import it.", ["Made in the U.S. and in Japan.", "We import it."]),
        ("J. R. Marsh wrote it. It is short.", ["J. R. Marsh wrote it.", "It is short."]),
        ("Open at 9 a.m. on Mondays. Closed at noon.", ["Open at 9 a.m. on Mondays.", "Closed at noon."]),
        ("It weighs 4 kg. Racks weigh less.", ["It weighs 4 kg.", "Racks weigh less."]),
        ("Founded in 1999. Moved in 2011.", ["Founded in 1999.", "Moved in 2011."]),
        ("Until Jan. 5 it is free. Then it is not.", ["Until Jan. 5 it is free.", "Then it is not."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("(It is light.) It floats.", ["(It is light.)", "It floats."]),
        ("Wait... it works. Good.", ["Wait... it works.", "Good."]),
        ("Really? Yes! Good.", ["Really?", "Yes!", "Good."]),
        ("See https://shop.example/a.b?c=1. Then order.", ["See https://shop.example/a.b?c=1.", "Then order."]),
        ("Run setup.py and app.example.com first. Done.", ["Run setup.py and app.example.com first.", "Done."]),
        ("1. First of all, charge it. 2 hours are enough.", ["First of all, charge it.", "2 hours are enough."]),
        ("今日は晴れです。明日は雨です。", ["今日は晴れです。", "明日は雨です。"]),
        ("No stop at the end", ["No stop at the end"]),
    ],
)
def test_a_stop_ends_a_sentence_only_where_one_ends(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_filled_paragraph_is_read_across_its_lines() -> None:
    text = (
        "A return label within Germany costs 3.90 EUR, which we deduct from the\n"
        "refund. Exchanging a helmet for another size is free of charge, one\n"
        "time per order. Helmets must carry the tag."
    )
    assert len(sentences(text)) == 3
    assert sentences(text)[0].endswith("deduct from the\nrefund.")


def test_a_line_that_had_room_left_is_a_thought_of_its_own() -> None:
    assert sentences("Brand: Aster\nPrice: 12.90 EUR\nIn stock") == ["Brand: Aster", "Price: 12.90 EUR", "In stock"]


def test_markdown_layout_is_told_apart_and_its_marks_are_left_out() -> None:
    text = (
        "# Returns ##\n\nWe take back:\n\n- helmets. Unworn.\n* lights\n  that work\n1. bells\n- [x] racks\n\n"
        "| Zone | Price |\n|---|---:|\n| EU | 9.90 EUR |\n\n---\n```sh\nmake up\n```\n> Quoted words."
    )
    assert kinds(text) == [
        ("heading", "Returns"),
        ("prose", "We take back:"),
        ("item", "helmets."),
        ("item", "Unworn."),
        ("item", "lights\n  that work"),
        ("item", "bells"),
        ("item", "racks"),
        ("row", "Zone | Price"),
        ("row", "EU | 9.90 EUR"),
        ("code", "make up"),
        ("prose", "Quoted words."),
    ]


def test_a_heading_without_a_mark_is_known_by_its_look() -> None:
    text = "Shipping policy\n\nWhen we ship\n\nOrders leave the same day.\n\n2. What we need\n\nSend a claim. Wait."
    assert kinds(text) == [
        ("heading", "Shipping policy"),
        ("heading", "When we ship"),
        ("prose", "Orders leave the same day."),
        ("heading", "What we need"),
        ("prose", "Send a claim."),
        ("prose", "Wait."),
    ]


def test_many_short_paragraphs_in_a_row_are_no_headings() -> None:
    text = (
        "Free shipping\n\nSame-day dispatch\n\nTwo years of warranty\n\nThirty days to return\n\nThat is our promise."
    )
    assert {kind for kind, _ in kinds(text)} == {"prose"}


def test_what_announces_is_not_quoted_but_kept_as_context() -> None:
    text = "Shipping\n\nHow long does delivery take?\n\nOne to three working days. Express is faster."
    found = quotables(text, "Shop\nShipping")
    assert [each.text for each in found] == ["One to three working days.", "Express is faster."]
    assert {each.heading for each in found} == {"How long does delivery take?"}


def test_a_list_leans_on_its_introduction_and_a_table_on_its_first_row() -> None:
    text = "These cannot be returned:\n- gift cards\n- cut spokes\n\nZone | Price\nEU | 9.90 EUR\nWorld | 19.90 EUR"
    leads = {each.text: each.lead for each in quotables(text)}
    assert leads["cut spokes"] == "These cannot be returned:"
    assert leads["World | 19.90 EUR"] == "Zone | Price"
    assert leads["Zone | Price"] == ""


def test_words_that_introduce_a_list_are_quoted_with_it_and_never_alone() -> None:
    text = "These cannot be returned:\n- gift cards\n- cut spokes\n\nWrite to us. Proceed as follows:"
    found = {each.text: text[each.quote_start : each.quote_end] for each in quotables(text)}
    assert found["These cannot be returned:"] == "These cannot be returned:\n- gift cards\n- cut spokes"
    assert "Proceed as follows:" not in found


@given(st.text(alphabet=st.sampled_from(list("aB1 .!?:|-#*`>\n\t\"'(é漢。")), max_size=200))
def test_sentences_lie_in_the_text_in_order_and_lose_no_word(text: str) -> None:
    found = split_sentences(text)
    end = 0
    for each in found:
        assert end <= each.start < each.end <= len(text)
        assert text[each.start : each.end].strip() == text[each.start : each.end]
        end = each.end
    outside = [
        text[a:b] for a, b in zip([0, *(s.end for s in found)], [*(s.start for s in found), len(text)], strict=True)
    ]
    assert not any("漢" in gap or "é" in gap for gap in outside), "white space and marks alone lie between sentences"


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_has_quotables_with_exact_offsets(text: str, context: str) -> None:
    for each in quotables(text, context):
        assert text[each.start : each.end] == each.text
        assert each.quote_start <= each.start < each.end <= each.quote_end
        assert each.quote_start == each.start or text[each.quote_start :].startswith(each.lead)


def test_a_step_that_is_longer_than_any_quote_may_be_is_still_one() -> None:
    step = "Press the lever " + "and turn the knob slowly to the left side " * 14 + "until it clicks."
    (found,) = quotables(step, "")
    assert (found.steps_start, found.steps_end) == (0, len(step))
