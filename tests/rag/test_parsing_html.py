"""HTML pages without their boilerplate."""

from __future__ import annotations

import pytest

from tests.fakes.files import parse
from tillhand_rag.errors import EmptyDocument, UnreadableDocument

PAGE = """<!DOCTYPE html><html><head><title>Shipping | Fern & Finch</title>
<script>var a = "tracking";</script><style>p { color: red }</style></head>
<body><header><a href="/">Fern & Finch</a></header><nav><ul><li><a href="/a">All offers</a></li></ul></nav>
<main><h1>Shipping</h1><p>We ship <b>every</b>
day but <a href="/sunday">Sunday</a>.</p>
<h2>Rates</h2><ul><li>Letters: 2 EUR<ul><li>tracked: 3 EUR</li></ul></li><li>Parcels: 5 EUR</li></ul>
<p hidden>Draft of next year's rates.</p></main>
<aside>Sign up for offers</aside><footer>All rights reserved</footer></body></html>"""


def test_a_page_is_its_main_text() -> None:
    document = parse(PAGE, "shipping.html")
    assert document.title == "Shipping"
    assert document.text == (
        "Shipping\n\nWe ship every day but Sunday.\n\nRates\n\n- Letters: 2 EUR\n  - tracked: 3 EUR\n- Parcels: 5 EUR"
    )
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "Shipping"), (2, "Rates")]


def test_text_in_an_element_named_like_boilerplate_stays_when_it_is_most_of_the_page() -> None:
    prose = "<p>" + "The harbour was quiet that morning, and nobody spoke. " * 8 + "</p>"
    text = parse(
        f"<html><body><div class='with-sidebar'>{prose}</div><div class='menu'>Home</div></body></html>", "a.html"
    ).text
    assert text.startswith("The harbour was quiet")
    assert "Home" not in text


@pytest.mark.parametrize(
    "around",
    [
        "<ul><li><a href='/x'>Storm at sea</a></li><li><a href='/y'>Calm at last</a></li></ul>",
        "<div class='most-read'>Storm at sea</div>",
        "<p class='entry-meta'>Storm at sea</p>",
        "<div class='tools d-print-none'>Storm at sea</div>",
        "<span class='photo__caption'>Storm at sea</span>",
    ],
)
def test_what_stands_around_an_article_is_left_out(around: str) -> None:
    prose = "<p>" + "The harbour was quiet that morning, and nobody spoke. " * 12 + "</p>"
    assert "Storm" not in parse(f"<html><body><main>{prose}{around}</main></body></html>", "a.html").text


@pytest.mark.parametrize(
    "part",
    [
        "<ul><li>Oak: <a href='/oak'>oiled</a> every spring, never in the rain</li><li>Teak: left alone</li></ul>",
        "<div class='product_meta'>SKU: FF-100</div>",
        "<p class='delivery-date'>Delivered within three days</p>",
        "<h2 class='promotions'>Three for two in May</h2>",
        "<p class='art-print'>Printed on cotton</p>",
        "<p class='caption'>Figure 3: the torque of each screw</p>",
    ],
)
def test_what_a_shop_says_of_its_wares_stays(part: str) -> None:
    prose = "<p>" + "The harbour was quiet that morning, and nobody spoke. " * 12 + "</p>"
    with_part = parse(f"<html><body><main>{prose}{part}</main></body></html>", "a.html").text
    assert len(with_part) > len(parse(f"<html><body><main>{prose}</main></body></html>", "a.html").text)


def test_a_page_of_nothing_but_navigation_is_read_as_it_is() -> None:
    assert "Contact" in parse("<html><body><nav><a href='/c'>Contact</a></nav></body></html>", "a.html").text


def test_a_page_whose_heading_lies_outside_its_text_is_headed_by_its_title() -> None:
    words = "Wash it cold and dry it flat in the shade. " * 5
    document = parse(
        f"<html><head><title>Care - Fern & Finch</title></head><body><div><h1>Care</h1></div>"
        f"<div><div><p>{words}</p><p>{words}</p></div></div></body></html>",
        "care.html",
    )
    assert document.title == "Care"
    assert document.text.startswith("Care\n\nWash it cold")


def test_tables_keep_their_meaning_over_spans() -> None:
    text = parse(
        "<table><thead><tr><th>Zone</th><th>Weight</th><th>Price</th></tr></thead>"
        "<tr><td rowspan=2>EU</td><td>1 kg</td><td>5</td></tr><tr><td>2 kg</td><td>7</td></tr>"
        "<tr><td colspan=2>Elsewhere</td><td>19</td></tr></table>",
        "rates.html",
    ).text
    assert text == (
        "Rates\n\n".removeprefix("Rates\n\n")
        + "Zone: EU; Weight: 1 kg; Price: 5\nZone: EU; Weight: 2 kg; Price: 7\nZone: Elsewhere; Price: 19"
    )


def test_a_table_that_lays_out_a_page_is_read_as_a_page() -> None:
    text = parse("<table><tr><td><h2>Hours</h2><p>Nine to five.</p></td></tr></table>", "hours.html").text
    assert text == "Hours\n\nNine to five."


def test_definitions_read_as_pairs() -> None:
    assert parse("<dl><dt>SKU</dt><dd>A-1</dd><dt>Colour</dt><dd>Green</dd></dl>", "a.html").text == (
        "SKU: A-1\n\nColour: Green"
    )


def test_preformatted_text_keeps_its_lines() -> None:
    assert parse("<p>Run</p><pre>  a:\n    b\n</pre>", "a.html").text == "Run\n\na:\n  b"


def test_a_page_nested_deeper_than_browsers_follow_is_read_as_bare_text() -> None:
    assert parse("<div>" * 1_000 + "deep <b>down</b>" + "</div>" * 1_000, "deep.html").text == "deep down"


@pytest.mark.parametrize("nested", ["<div>", "<ul><li>", "<table><tr><td>", "<b><p>"])
def test_absurd_nesting_is_refused(nested: str) -> None:
    with pytest.raises(UnreadableDocument, match="nests"):
        parse(f"<html><body>{nested * 100_000}down", "deep.html")


def test_a_declared_charset_is_used() -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>Zażółć gęślą jaźń.</p></body></html>'
    assert parse(page.encode("iso-8859-2"), "pl.html").text == "Zażółć gęślą jaźń."


def test_a_page_of_scripts_is_empty() -> None:
    with pytest.raises(EmptyDocument):
        parse("<html><body><script>render()</script></body></html>", "app.html")
