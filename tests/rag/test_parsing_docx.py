"""Word documents: styles, lists, tables, and files that are none."""

from __future__ import annotations

import pytest

from tests.fakes.files import docx_file, parse, zip_file
from tillhand_rag.adapters.parsing import FormatParser, ParserLimits
from tillhand_rag.errors import (
    EmptyDocument,
    EncryptedDocument,
    MislabelledDocument,
    OversizedDocument,
    UnreadableDocument,
    UnsupportedDocument,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


def test_styles_become_headings_and_lists() -> None:
    document = parse(
        docx_file(
            [
                ("Title", "Staff handbook"),
                ("Heading 1", "Returns"),
                ("Normal", "Ask for the receipt first."),
                ("List Bullet", "within 30 days"),
                ("List Bullet", "unworn"),
                ("Heading 2", "Exceptions"),
                ("Normal", "Underwear stays sold."),
            ]
        ),
        "handbook.docx",
    )
    assert document.title == "Staff handbook"
    assert document.text == (
        "Staff handbook\n\nReturns\n\nAsk for the receipt first.\n\n- within 30 days\n- unworn\n\n"
        "Exceptions\n\nUnderwear stays sold."
    )
    assert [heading.level for heading in document.headings] == [1, 1, 2]


def test_the_first_row_of_a_table_names_its_columns() -> None:
    rows = [["Zone", "Standard", "Express"], ["EU", "4.90", "9.90"], ["UK", "7.50", "14.90"]]
    text = parse(docx_file([("Normal", "Rates")], rows), "rates.docx").text
    assert text == "Rates\n\nZone: EU; Standard: 4.90; Express: 9.90\nZone: UK; Standard: 7.50; Express: 14.90"


def test_a_truncated_document_is_refused() -> None:
    data = docx_file([("Normal", "Half of this is lost.")])
    with pytest.raises(UnreadableDocument):
        parse(data[: len(data) // 2], "half.docx")


def test_an_archive_with_broken_parts_is_refused() -> None:
    with pytest.raises(UnreadableDocument):
        parse(zip_file({"word/document.xml": b"<w:document", "[Content_Types].xml": b"<Types/>"}), "broken.docx")


def test_a_document_without_words_is_empty() -> None:
    with pytest.raises(EmptyDocument):
        parse(docx_file([("Normal", "")]), "blank.docx")


def test_an_encrypted_document_wants_its_password() -> None:
    with pytest.raises(EncryptedDocument):
        parse(OLE + "EncryptedPackage".encode("utf-16-le"), "secret.docx")


def test_other_office_files_are_told_from_word_documents() -> None:
    with pytest.raises(MislabelledDocument, match="spreadsheet"):
        parse(zip_file({"xl/workbook.xml": b"<workbook/>"}), "sheet.docx")
    with pytest.raises(MislabelledDocument, match="old Office"):
        parse(OLE, "letter.docx")
    with pytest.raises(UnsupportedDocument):
        parse(zip_file({"xl/workbook.xml": b"<workbook/>"}), "sheet.xlsx")


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = zip_file({"word/document.xml": b"<w/>", "word/media/image1.bin": bytes(3_000_000)})
    assert len(bomb) < 10_000
    with pytest.raises(OversizedDocument, match="unpacks"):
        FormatParser(max_bytes=1_000_000).parse(bomb, filename="bomb.docx", media_type=None)


def test_more_xml_than_a_tree_can_hold_is_refused() -> None:
    bomb = zip_file({"word/document.xml": b"<w/>" + b" " * 200_000})
    parser = FormatParser(limits=ParserLimits(max_markup_bytes=100_000))
    with pytest.raises(OversizedDocument, match="XML"):
        parser.parse(bomb, filename="bomb.docx", media_type=None)
