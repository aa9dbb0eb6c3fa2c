"""CSV: tables of anything, and tables of products."""

from __future__ import annotations

import pytest

from tests.fakes.files import parse, parse_all
from tillhand_rag.adapters.parsing import FormatParser, ParserLimits
from tillhand_rag.errors import MislabelledDocument, OversizedDocument, UnreadableDocument

SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,"
    "Variant Inventory Policy,Image Src\n"
    'linen-shirt,Linen shirt,"<p>Airy, for <b>summer</b>.</p><ul><li>100 % linen</li></ul>",Fern & Finch,Shirts,Size,S,'
    "LS-S,59.00,3,deny,https://example.com/a.jpg\n"
    "linen-shirt,,,,,,M,LS-M,59.00,0,deny,\n"
    "wool-hat,Wool hat,,Fern & Finch,Hats,Title,Default Title,WH-1,24.50,0,continue,\n"
)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_row_names_its_columns_whatever_divides_them(delimiter: str) -> None:
    rows = [["Zone", "Price", "Days"], ["EU", "4.90", "2"], ["UK", "7.50", "4"]]
    text = parse("\n".join(delimiter.join(row) for row in rows), "rates.csv").text
    assert text == "Zone: EU; Price: 4.90; Days: 2\nZone: UK; Price: 7.50; Days: 4"


def test_quoted_cells_hold_delimiters_quotes_and_lines() -> None:
    text = parse('Question,Answer\n"Why, ""really""?","First line\nsecond line"\n', "faq.csv").text
    assert text == 'Question: Why, "really"?; Answer: First line; second line'


def test_short_long_and_empty_rows_lose_nothing() -> None:
    assert parse("A,B,C\n1,2\n\n1,2,3,4\n,,\n", "odd.csv").text == "A: 1; B: 2\nA: 1; B: 2; C: 3; 4"


def test_a_table_without_a_header_keeps_its_first_row() -> None:
    assert parse("1,red\n2,green\n", "t.csv").text == "1 | red\n2 | green"


def test_the_delimiter_that_a_spreadsheet_declares_is_used() -> None:
    assert parse("sep=;\r\nName;Note\r\nA,b;c\r\n", "t.csv").text == "Name: A,b; Note: c"


def test_an_unclosed_quote_is_named_by_its_line() -> None:
    with pytest.raises(UnreadableDocument, match="Line 3"):
        parse('A,B\n1,2\n3,"four\n5,6\n', "t.csv")


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(OversizedDocument):
        FormatParser(limits=ParserLimits(max_records=2)).parse(b"A,B\n1,2\n3,4\n", filename="t.csv", media_type=None)


def test_json_named_csv_is_mislabelled() -> None:
    with pytest.raises(MislabelledDocument, match="JSON"):
        parse('[{"id": 1}]', "t.csv")


def test_a_shop_export_becomes_products_with_their_variants() -> None:
    shirt, hat = FormatParser(default_currency="EUR").parse(
        SHOPIFY.encode(), filename="export.csv", media_type="text/csv"
    )
    assert shirt.text == (
        "Linen shirt\n\nSKU: LS-S\nBrand: Fern & Finch\nCategory: Shirts\nPrice: 59.00 EUR\nAvailability: in stock\n\n"
        "Variants:\n\n- S: SKU LS-S, 59.00 EUR\n- M: SKU LS-M, 59.00 EUR\n\nAiry, for summer.\n\n- 100 % linen"
    )
    assert (shirt.key, shirt.title) == ("linen-shirt", "Linen shirt")
    assert shirt.attributes == {
        "sku": "LS-S",
        "brand": "Fern & Finch",
        "category": "Shirts",
        "availability": "in_stock",
        "price_minor": 5900,
        "currency": "EUR",
    }
    assert hat.attributes["availability"] == "backorder"
    assert "Variants" not in hat.text


def test_a_price_in_no_known_currency_is_read_but_not_compared() -> None:
    shirt, _ = parse_all(SHOPIFY, "export.csv")
    assert "Price: 59.00\n" in shirt.text
    assert "price_minor" not in shirt.attributes


def test_columns_with_units_and_flags_become_comparable() -> None:
    (product,) = parse_all(
        "sku,name,price,currency,weight,weight_unit,custom_field.specs.vegan,pockets\nP-1,Pack,19.9,EUR,1.2,kg,TRUE,4\n",
        "p.csv",
    )
    assert product.key == "P-1"
    assert "Weight: 1.2 kg\nVegan: yes\nPockets: 4" in product.text
    assert product.attributes["vegan"] is True
    assert product.attributes["pockets"] == 4


def test_a_bad_product_row_is_named_by_its_line() -> None:
    with pytest.raises(UnreadableDocument, match=r"Line 3: price is not a price"):
        parse_all("sku,name,price\nA,Cup,3.50\nB,Pot,cheap\n", "p.csv")


def test_a_table_that_only_mentions_names_is_no_catalogue() -> None:
    assert len(parse_all("slug,locale,name\nkettle,de,Kessel\nkettle,fr,Bouilloire\n", "t.csv")) == 1
