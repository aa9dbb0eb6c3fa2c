"""PDF: pages, paragraphs, headings, and files that are none."""

from __future__ import annotations

import pytest

from tests.fakes.files import encrypted_pdf, parse, pdf_file
from tillhand_rag.adapters.parsing import FormatParser, ParserLimits
from tillhand_rag.errors import EmptyDocument, EncryptedDocument, OversizedDocument, UnreadableDocument

LONG = (
    "The kettle switches itself off when the water boils, and again when it is lifted from its base. "
    "Descale it once a month with citric acid, and never fill it above the upper mark on its side."
)


def test_wrapped_lines_are_one_paragraph_under_their_heading() -> None:
    document = parse(pdf_file([[(20, "Kettle manual"), (11, LONG), (15, "Safety"), (11, LONG)]]), "kettle.pdf")
    assert document.title == "Kettle manual"
    assert document.text == f"Kettle manual\n\n{LONG}\n\nSafety\n\n{LONG}"
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "Kettle manual"), (2, "Safety")]


def test_every_page_knows_its_span() -> None:
    document = parse(pdf_file([[(11, "Page one. " + LONG)], [(11, "Page two. " + LONG)]]), "two.pdf")
    assert [page.number for page in document.pages] == [1, 2]
    first, second = document.pages
    assert document.text[first.start : first.end].strip().startswith("Page one.")
    assert document.text[second.start : second.end].startswith("Page two.")
    assert (first.start, first.end, second.end) == (0, second.start, len(document.text))


def test_running_heads_stand_once_and_page_numbers_never() -> None:
    pages = [[(9, "Fern & Finch handbook"), (11, f"Chapter about topic {letter}. {LONG}")] for letter in "abcde"]
    document = parse(pdf_file(pages), "handbook.pdf")
    assert document.text.count("Fern & Finch handbook") == 1
    assert document.text.count("Chapter about topic") == 5


def test_a_running_head_that_repeats_the_title_goes() -> None:
    pages = [[(20, "Kettle manual"), (11, "Ahem. " + LONG)], *[[(9, "Kettle manual"), (11, LONG)]] * 2]
    assert parse(pdf_file(pages), "kettle.pdf").text.count("Kettle manual") == 1


def test_the_title_of_the_file_counts_when_the_text_bears_it_out() -> None:
    content = [[(11, "Care guide for knives. " + LONG)]]
    assert parse(pdf_file(content, title="Care guide for knives"), "k.pdf").title == "Care guide for knives"
    assert parse(pdf_file(content, title="Microsoft Word - final2.docx"), "knife-care.pdf").title == "Knife care"


def test_bullets_are_list_items() -> None:
    document = parse(pdf_file([[(11, LONG), (11, "- citric acid"), (11, "- a soft cloth")]]), "list.pdf")
    assert document.text.endswith("- citric acid\n- a soft cloth")


def test_an_encrypted_pdf_wants_its_password() -> None:
    with pytest.raises(EncryptedDocument):
        parse(encrypted_pdf("fern"), "secret.pdf")


def test_a_truncated_pdf_is_refused() -> None:
    data = pdf_file([[(11, LONG)]])
    with pytest.raises(UnreadableDocument, match="cut off"):
        parse(data[: len(data) // 2], "half.pdf")


def test_a_pdf_of_garbage_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="damaged"):
        parse(b"%PDF-1.7\n" + b"garbage " * 100 + b"\n%%EOF\n", "broken.pdf")


def test_a_pdf_without_text_is_empty() -> None:
    with pytest.raises(EmptyDocument, match="scan"):
        parse(pdf_file([[], []]), "scan.pdf")


def test_too_many_pages_are_refused() -> None:
    parser = FormatParser(limits=ParserLimits(max_pages=2))
    with pytest.raises(OversizedDocument, match="3 pages"):
        parser.parse(pdf_file([[(11, "x")]] * 3), filename="long.pdf", media_type=None)


def test_what_a_damaged_file_says_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    broken = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog Margaret >>\nendobj\nxref\n0 1\ntrailer\n<< /Root 1 0 R >>\n"
    with pytest.raises(UnreadableDocument):
        parse(broken + b"startxref\n5\n%%EOF\n", "broken.pdf")
    assert caplog.text == ""
