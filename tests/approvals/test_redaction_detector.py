"""What the detector finds in messages to a shop, and what it leaves alone."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import NoReturn

import pytest
import spacy

from tillhand_approvals.adapters.redaction.engine import PresidioDetector
from tillhand_approvals.domain.redaction.allowing import NOTHING
from tillhand_approvals.domain.redaction.finding import IDENTIFYING, KINDS
from tillhand_approvals.domain.redaction.replacing import WINDOW, detected, redacted


@pytest.fixture(scope="module")
def detector() -> PresidioDetector:
    """One for all tests: the lexicon is read once."""
    return PresidioDetector()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Write to ann.lee+shop@example.co.uk.", "Write to [EMAIL]."),
        ("Paid with 4111 1111 1111 1111 today", "Paid with [CARD] today"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [IBAN] please"),
        ("my iban is gb82west12345698765432", "my iban is [IBAN]"),
        ("SSN: 212-45-6789", "SSN: [SSN]"),
        ("seen from 192.0.2.17 and 2001:db8::1", "seen from [IP] and [IP]"),
        ("Call +49 40 66969 142 or (212) 555-0147 x12", "Call [PHONE] or [PHONE]"),
        ("Reach me at 0171 2345678", "Reach me at [PHONE]"),
        ("driver's license number is D1234567", "driver's license number is [LICENSE]"),
        ("Passport no. X1234567", "Passport no. [PASSPORT]"),
        ("born on 12 March 1984", "born on [BIRTH_DATE]"),
        ("key th_agent_0123456789abcdef0123", "key [SECRET]"),
        ("My site is https://annlee.example/", "My site is [SITE]"),
        ("Ship to 12 Oak Avenue, Springfield, IL 62704 soon", "Ship to [ADDRESS] soon"),
        ("Send it to Herderstraße 14, 22767 Hamburg, Germany.", "Send it to [ADDRESS]."),
        ("We live at 36 rue de la Paix, 75002 Paris", "We live at [ADDRESS]"),
        ("Hello, this is Dr. Miriam Oduya.", "Hello, this is [PERSON]."),
        ("Refund Kowalczyk as she asked.", "Refund [PERSON] as she asked."),
        ("They were Ann, Amber, Roy and Zlatomira.", "They were [PERSON], [PERSON], [PERSON] and [PERSON]."),
    ],
)
def test_what_reaches_or_names_a_person_is_taken_out(detector: PresidioDetector, text: str, clean: str) -> None:
    assert redacted(text, detector.detect)[0] == clean


@pytest.mark.parametrize(
    "text",
    [
        "Order 100482 has 3 items, SKU VIN-V2-F, EAN 4006381333931.",
        "The rack carries 25 kg, is 13.8 x 15.7 x 11.8 in and costs 1,299.00 EUR.",
        "Version 2.14.0.1 of the firmware, part 220-240 V, 2025-03-14.",
        "Matte Black Ceramic Burr Grinder with Stainless Steel Bowl",
        "What are my options? Can I return a washed jacket within 30 days?",
        "Automatic Espresso Machine, 15-bar pressure, made in Italy.",
        "Vollautomatische Kaffeemaschine mit Keramikmahlwerk und Milchdüse für Cappuccino, leicht zu reinigen.",
        "card 1234 5678 in the loyalty programme",
    ],
)
def test_texts_about_things_stay_as_they_are(detector: PresidioDetector, text: str) -> None:
    assert redacted(text, detector.detect)[0] == text


def test_a_number_whose_check_digit_is_wrong_is_no_card_without_a_word_that_says_so(detector: PresidioDetector) -> None:
    assert redacted("Reference 4111 1111 1111 1112", detector.detect)[0] == "Reference 4111 1111 1111 1112"
    assert redacted("My card is 4111 1111 1111 1112", detector.detect)[0] == "My card is [CARD]"


def test_redacting_twice_changes_nothing(detector: PresidioDetector) -> None:
    text = (
        "Name: Ann Lee\nAddress: 12 Oak Avenue, Springfield, IL 62704\nPhone: 212 555 0147\n"
        "Hi Bob, meet Cid and me at 9 Elm Road. customer-0123456789ab wrote to x@example.com, [EMAIL]."
    )
    once, found = redacted(text, detector.detect)
    assert found
    assert redacted(once, detector.detect) == (once, [])


def test_findings_point_into_the_text_as_it_came(detector: PresidioDetector) -> None:
    text = "Dear Ann Lee, your parcel for Bartholomew Quist goes to 12 Oak Avenue, Leeds. " * 80
    assert len(text) > 2 * WINDOW
    _, found = redacted(text, detector.detect)
    assert {text[each.start : each.end] for each in found if each.kind == "PERSON"} == {"Ann Lee", "Bartholomew Quist"}
    assert sum(each.kind == "PERSON" for each in found) == 160


def test_something_on_the_edge_of_a_window_is_found_whole(detector: PresidioDetector) -> None:
    for shift in range(0, 40, 3):
        text = "x " * ((WINDOW - shift) // 2) + "ann.lee@example.com" + " x" * 200
        assert redacted(text, detector.detect)[0].count("[EMAIL]") == 1


def test_what_is_longer_than_many_windows_is_taken_out_whole(detector: PresidioDetector) -> None:
    clean, _ = redacted("Ann " * 7_000, detector.detect)
    assert "Ann" not in clean


def test_places_dates_and_organisations_are_told_but_stay(detector: PresidioDetector) -> None:
    text = "We moved here from Portugal on Monday, said the Acme Holdings Ltd office."
    kinds = {span.kind for span in detected(text, detector.detect)}
    assert kinds == {"LOCATION", "DATE_TIME", "ORGANIZATION"}
    assert not kinds & IDENTIFYING
    assert redacted(text, detector.detect)[0] == text


def test_words_of_the_catalogue_are_no_people(detector: PresidioDetector) -> None:
    text = "I want to return my Petra Oduya and my Zephrand, please call him."
    allowed = NOTHING.extended(["Petra Oduya kettle", "Zephrand"], detector.lexicon)
    assert any(span.kind == "PERSON" for span in detector.detect(text))
    assert not [span for span in detector.detect(text, allowed) if span.kind == "PERSON"]


def test_a_shop_that_is_called_like_a_street_is_no_address_but_a_house_there_is(detector: PresidioDetector) -> None:
    allowed = NOTHING.extended(["Bracken Lane store"], detector.lexicon)
    text = "Stock of Bracken Lane store; send it to 12 Bracken Lane."
    assert [text[span.start : span.end] for span in detector.detect(text, allowed)] == ["12 Bracken Lane"]


def test_a_name_that_is_a_product_too_still_counts_as_a_name(detector: PresidioDetector) -> None:
    allowed = NOTHING.extended(["Emma"], detector.lexicon)
    assert [span.kind for span in detector.detect("Please call Emma back.", allowed)] == ["PERSON"]


def test_every_kind_that_is_found_has_a_name(detector: PresidioDetector) -> None:
    assert IDENTIFYING <= KINDS
    assert {span.kind for span in detector.detect("A1 ann@example.com 4111111111111111")} <= KINDS


def test_a_model_for_names_can_be_plugged_in(tmp_path: Path) -> None:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "the usual suspect"}])
    pipeline.to_disk(tmp_path / "model")
    text = "It was the usual suspect again, says ann@example.com"
    modelled = PresidioDetector(ner=str(tmp_path / "model"))
    assert redacted(text, modelled.detect)[0] == "It was [PERSON] again, says [EMAIL]"
    assert redacted(text, PresidioDetector().detect)[0] == "It was the usual suspect again, says [EMAIL]"


def test_no_socket_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> NoReturn:
        raise AssertionError("A socket was asked for.")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    fresh = PresidioDetector()
    assert [span.kind for span in fresh.detect("Write to ann@example.com")] == ["EMAIL_ADDRESS"]
