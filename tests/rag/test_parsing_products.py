"""Product records in JSON and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.files import parse_all
from tillhand_rag.domain.documents import ParsedDocument
from tillhand_rag.domain.money import format_minor, to_minor
from tillhand_rag.errors import DuplicateRecord, EmptyDocument, MislabelledDocument, UnreadableDocument

KETTLE: Mapping[str, object] = {
    "id": "p-17",
    "sku": "AS-KET-17",
    "title": "Aster kettle 1.7 l",
    "description": "Boils a litre in two minutes.\n\nSwitches itself off.",
    "brand": "Aster",
    "category": "Kitchen",
    "price_minor": 4990,
    "currency": "EUR",
    "availability": "in_stock",
    "url": "https://example.com/kettle",
    "attributes": {"weight": "1.2 kg", "power_watts": 2200, "cordless": True, "colours": ["red", "black"]},
}


def product(**changes: object) -> ParsedDocument:
    record = {name: value for name, value in {**KETTLE, **changes}.items() if value is not ...}
    (document,) = parse_all(json.dumps([record]), "products.json")
    return document


def refusal(content: str, filename: str = "products.json") -> str:
    with pytest.raises(UnreadableDocument) as refused:
        parse_all(content, filename)
    return str(refused.value)


def test_a_product_reads_as_its_facts_and_its_description() -> None:
    document = product()
    assert document.text == (
        "Aster kettle 1.7 l\n\n"
        "SKU: AS-KET-17\nBrand: Aster\nCategory: Kitchen\nPrice: 49.90 EUR\nAvailability: in stock\n"
        "Weight: 1.2 kg\nPower watts: 2200\nCordless: yes\nColours: red, black\n\n"
        "Boils a litre in two minutes.\n\nSwitches itself off."
    )
    assert (document.key, document.title, document.media_type) == ("p-17", "Aster kettle 1.7 l", "application/json")


def test_a_product_can_be_filtered_by_its_fields_and_custom_attributes() -> None:
    assert product().attributes == {
        "sku": "AS-KET-17",
        "brand": "Aster",
        "category": "Kitchen",
        "availability": "in_stock",
        "url": "https://example.com/kettle",
        "price_minor": 4990,
        "currency": "EUR",
        "weight": "1.2 kg",
        "power_watts": 2200,
        "cordless": True,
        "colours": "red, black",
    }


def test_common_names_and_shapes_of_fields_are_understood() -> None:
    (document,) = parse_all(
        json.dumps(
            {
                "productId": 7,
                "name": "Clay pot",
                "vendor": {"name": "Ember"},
                "product_type": "Pots",
                "offers": {"price": "12.90", "priceCurrency": "EUR", "availability": "https://schema.org/OutOfStock"},
            }
        ),
        "pot.json",
    )
    assert (document.key, document.title) == ("7", "Clay pot")
    assert document.attributes == {
        "brand": "Ember",
        "category": "Pots",
        "availability": "out_of_stock",
        "price_minor": 1290,
        "currency": "EUR",
    }


@pytest.mark.parametrize(
    ("price", "currency", "minor"),
    [
        (12.9, "EUR", 1290),
        ("12.90", "eur", 1290),
        ("1.299,00 €", ..., 129900),
        ("$1,299", ..., 129900),
        ("GBP 0.1", ..., 10),
        ("1 299,5 PLN", ..., 129950),
        (1500, "JPY", 1500),
        ("2.345", "KWD", 2345),
        ({"amount": "3.10", "currencyCode": "CHF"}, ..., 310),
    ],
)
def test_prices_are_exact_minor_units(price: object, currency: object, minor: int) -> None:
    attributes = product(price_minor=..., price=price, currency=currency).attributes
    assert attributes["price_minor"] == minor


@settings(deadline=None)
@given(minor=st.integers(0, 10**12), currency=st.sampled_from(["EUR", "JPY", "KWD", "CLF", "USD"]))
def test_a_written_price_is_the_price_again(minor: int, currency: str) -> None:
    amount = format_minor(minor, currency)
    (document,) = parse_all(json.dumps([{"id": "1", "title": "x", "price": amount}]), "p.json")
    assert (document.attributes["price_minor"], document.attributes["currency"]) == (minor, currency)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("in stock", "in_stock"),
        ("http://schema.org/PreOrder", "preorder"),
        ("Sold out", "out_of_stock"),
        ("BACK-ORDER", "backorder"),
        (True, "in_stock"),
        (False, "out_of_stock"),
        ("https://schema.org/Discontinued", "discontinued"),
    ],
)
def test_availability_has_five_spellings_in_the_end(words: object, expected: str) -> None:
    assert product(availability=words).attributes["availability"] == expected


@pytest.mark.parametrize(
    ("changes", "defect"),
    [
        ({"id": ...}, "Record 1: id is missing."),
        ({"title": ""}, "Record 1: title is missing."),
        ({"title": 7}, "Record 1: title must be text."),
        ({"price_minor": 12.5}, "Record 1: price_minor must be a whole number of minor units, 0 or more."),
        ({"price_minor": "4990"}, "Record 1: price_minor must be a whole number of minor units, 0 or more."),
        ({"price_minor": -1}, "Record 1: price_minor must be a whole number of minor units, 0 or more."),
        ({"currency": ...}, "Record 1: currency is missing beside price_minor."),
        ({"currency": "euros"}, "Record 1: currency must be an ISO 4217 code."),
        ({"price_minor": ..., "price": "9.999"}, "Record 1: price has more decimals than EUR has."),
        ({"price_minor": ..., "price": 0.1 + 0.2}, "Record 1: price has more decimals than EUR has."),
        ({"price_minor": ..., "price": True}, "Record 1: price must be a decimal number or text."),
        ({"brand": ["a", 1]}, "Record 1: brand must be text."),
        ({"attributes": [1]}, "Record 1: attributes must be an object."),
        ({"attributes": {"size": {"w": 1}}}, "Record 1: attributes.size must be text, a number, true or false."),
        ({"variants": [1]}, "Record 1: variants must be a list of objects."),
    ],
)
def test_a_defect_names_its_record_and_field(changes: dict[str, object], defect: str) -> None:
    record = {name: value for name, value in {**KETTLE, **changes}.items() if value is not ...}
    assert refusal(json.dumps([record])) == defect


def test_an_unknown_availability_is_refused_without_being_repeated() -> None:
    message = refusal(json.dumps({**KETTLE, "availability": "ask Margaret"}))
    assert message.startswith("Record 1: availability must be one of in_stock")
    assert "Margaret" not in message


def test_five_defects_are_named_and_the_rest_counted() -> None:
    message = refusal(json.dumps([{}, {}, {}, {}]))
    assert message.count("missing") == 5
    assert message.endswith("and 3 more.")


def test_one_bad_record_refuses_the_whole_file() -> None:
    assert refusal(json.dumps([KETTLE, {"id": "p-18"}])) == "Record 2: title is missing."


def test_two_records_of_one_id_are_a_defect() -> None:
    with pytest.raises(DuplicateRecord, match="Record 2: id is that of record 1"):
        parse_all(json.dumps([KETTLE, KETTLE]), "products.json")


def test_a_list_may_stand_under_a_name() -> None:
    assert [document.key for document in parse_all(json.dumps({"products": [KETTLE]}), "p.json")] == ["p-17"]


def test_json_lines_are_records_and_their_defects_name_the_line() -> None:
    good = json.dumps(KETTLE)
    (document,) = parse_all(f"\n{good}\n\n", "p.jsonl")
    assert document.media_type == "application/x-ndjson"
    assert refusal(f'{good}\n{{"id": \n', "p.jsonl").startswith("Line 2: no valid JSON (column ")
    assert refusal(f'{good}\n\n{{"id": "x"}}\n', "p.ndjson") == "Line 3: title is missing."


def test_json_lines_named_json_are_mislabelled() -> None:
    with pytest.raises(MislabelledDocument, match=r"\.jsonl"):
        parse_all('{"id": "1", "title": "a"}\n{"id": "2", "title": "b"}\n', "p.json")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[{"id": 1,}]', "Line 1, column "),
        ('{"id": NaN, "title": "x"}', "no valid JSON"),
        ("[" * 100_000, "no valid JSON"),
        ('"just words"', "a product record or a list"),
        ("[1]", "Record 1: must be an object."),
    ],
)
def test_what_is_no_json_of_records_is_refused(content: str, expected: str) -> None:
    assert expected in refusal(content)


def test_an_empty_list_is_empty() -> None:
    with pytest.raises(EmptyDocument):
        parse_all("[]", "p.json")


def test_a_description_in_html_is_read_as_text() -> None:
    assert product(description="<p>Light &amp; <b>quiet</b>.</p>").text.endswith("\n\nLight & quiet.")


def test_minor_units_refuse_what_they_cannot_hold() -> None:
    for amount in ("-1", "0.001", "NaN", "1e30"):
        with pytest.raises(ValueError, match=r"must be|decimals"):
            to_minor(Decimal(amount), "EUR")
