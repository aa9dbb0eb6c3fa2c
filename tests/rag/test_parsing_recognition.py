"""Names, media types and contents that agree, and those that do not."""

from __future__ import annotations

import pytest

from tests.fakes.files import docx_file, parse, pdf_file, zip_file
from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.errors import MislabelledDocument, OversizedDocument, UnreadableDocument, UnsupportedDocument

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PDF = pdf_file([[(11, "A page of words.")]])
DOCX = docx_file([("Normal", "A page of words.")])
HTML = "<!doctype html><html><body><p>Words.</p></body></html>"


@pytest.mark.parametrize(
    ("content", "filename", "media_type", "expected"),
    [
        ("# Hi\n\nyou", "a.md", None, "text/markdown"),
        ("# Hi\n\nyou", "a.md", "text/plain", "text/markdown"),
        ("# Hi\n\nyou", "a.MARKDOWN", "application/octet-stream", "text/markdown"),
        ("# Hi\n\nyou", "upload", "text/markdown; charset=utf-8", "text/markdown"),
        ("# Hi\n\nyou", "a.mdx", "text/markdown", "text/mdx"),
        ("words", "README", None, "text/plain"),
        ("words", "notes.txt", "text/markdown", "text/markdown"),
        ("A,B\n1,2", "t.csv", "application/vnd.ms-excel", "text/csv"),
        ("A\tB\n1\t2", "t.tsv", "text/tab-separated-values", "text/csv"),
        (HTML, "upload", None, "text/html"),
        (PDF, "upload", None, "application/pdf"),
        (PDF, "C:\\scans\\a.PDF", "application/pdf", "application/pdf"),
        (DOCX, "upload", "", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ('{"id": "1", "title": "x"}', "upload", None, "application/json"),
    ],
)
def test_a_file_is_what_its_name_its_type_and_its_content_say(
    content: str | bytes, filename: str, media_type: str | None, expected: str
) -> None:
    assert parse(content, filename, media_type).media_type == expected


@pytest.mark.parametrize(
    ("content", "filename", "media_type", "found"),
    [
        (PDF, "notes.md", None, "a PDF document"),
        (PDF, "table.csv", None, "a PDF document"),
        (PNG, "scan.pdf", None, "a PNG image"),
        (PNG, "page.html", None, "a PNG image"),
        (HTML, "data.json", None, "an HTML page"),
        (HTML, "manual.pdf", None, "an HTML page"),
        (HTML, "notes.md", None, "an HTML page"),
        (DOCX, "letter.pdf", None, "a Word document"),
        (DOCX, "letter.txt", None, "a Word document"),
        (zip_file({"a": b"b"}), "letter.docx", None, "a zip archive"),
        ("just words", "letter.docx", None, "text"),
        ("just words", "manual.pdf", None, "text"),
        ('{"a": 1}', "page.html", None, "JSON"),
        (b"\x00\x01\x02", "page.html", None, "binary data"),
        (PDF, "a.pdf", "text/html", "media type"),
        ("A,B\n1,2", "a.csv", "application/json", "media type"),
    ],
)
def test_a_file_that_is_something_else_is_named_as_what_it_is(
    content: str | bytes, filename: str, media_type: str | None, found: str
) -> None:
    with pytest.raises(MislabelledDocument, match=found):
        parse(content, filename, media_type)


@pytest.mark.parametrize(
    ("content", "filename", "media_type"),
    [
        ("words", "code.py", None),
        ("words", "docs/.gitattributes", None),
        ("words", "book.epub", "application/octet-stream"),
        (PNG, "photo", "image/png"),
        (PNG, "photo", None),
        ("words", "file", "application/x-unheard-of"),
    ],
)
def test_formats_that_are_not_read_are_said_to_be_unsupported(
    content: str | bytes, filename: str, media_type: str | None
) -> None:
    with pytest.raises(UnsupportedDocument):
        parse(content, filename, media_type)


@pytest.mark.parametrize("filename", ["a.pdf", "a.docx"])
def test_noise_under_a_known_name_is_damaged(filename: str) -> None:
    with pytest.raises(UnreadableDocument, match="damaged"):
        parse(bytes(range(256)), filename)


def test_too_large_a_file_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(OversizedDocument, match=r"11 bytes; 10 are allowed"):
        FormatParser(max_bytes=10).parse(b"hello world", filename="a.unknown", media_type=None)


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(OversizedDocument, match="characters"):
        FormatParser(max_characters=100).parse(b"word " * 50, filename="a.txt", media_type=None)
