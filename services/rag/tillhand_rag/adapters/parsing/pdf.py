"""PDF: pdfium reads it; what pdfium cannot open, pypdf may still read."""

from __future__ import annotations

import io
import logging
import re
import threading
import zlib

import pypdf
import pypdfium2 as pdfium
from pypdf.errors import PyPdfError
from pypdfium2 import raw

from tillhand_rag.adapters.parsing.canonical import CanonicalText, one_line
from tillhand_rag.adapters.parsing.finished import finished
from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.adapters.parsing.pdf_layout import write_pages
from tillhand_rag.adapters.parsing.pdf_lines import Line, pdfium_lines, text_lines
from tillhand_rag.adapters.parsing.pdf_style import PdfPage
from tillhand_rag.domain.documents import ParsedDocument
from tillhand_rag.errors import EmptyDocument, EncryptedDocument, UnreadableDocument

PDF = "application/pdf"
_MARGIN = 0.08
_TAIL_BYTES = 2_048
_MACHINE_TITLE = re.compile(
    r"^(?:microsoft \w+ - |untitled|document\d*$|.*\.(?:docx?|pdf|indd|tex|xlsx?|pptx?|odt|rtf)$)", re.IGNORECASE
)
_WORD = re.compile(r"\w+")
_OPENING_CHARACTERS = 3_000
_COMMON_SHARE = 0.6
# What pypdf raises over damaged files beyond its own errors: it looks things up in structures that are not there.
_PYPDF_FAILURES = (
    PyPdfError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
    OSError,
    zlib.error,
)
# pypdf quotes the file in its warnings, and what a file says is nothing for a log.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
_PDFIUM = threading.Lock()
"""pdfium may be entered by one thread at a time."""


def parse_pdf(data: bytes, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """A PDF with its pages.

    Raises `EncryptedDocument`, `UnreadableDocument`, `EmptyDocument` or `OversizedDocument`.
    """
    if b"%%EOF" not in data[-_TAIL_BYTES:]:
        raise UnreadableDocument("The PDF ends before its end-of-file mark: it was cut off.")
    with _PDFIUM:
        opened = _read_with_pdfium(data, limits)
    pages, given_title = opened if opened is not None else _read_with_pypdf(data, limits)
    out = CanonicalText(limits)
    write_pages(out, pages)
    if not out.text:
        raise EmptyDocument("The PDF holds no text; it may be a scan.")
    title = _borne_out(given_title, out) or _largest_heading(out)
    return finished(out, media_type=PDF, filename=filename, title=title)


def _read_with_pdfium(data: bytes, limits: ParserLimits) -> tuple[list[PdfPage], str] | None:
    """Pages and title, or None when pdfium cannot make sense of the file."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise EncryptedDocument("The PDF is protected by a password.") from None
        return None
    try:
        limits.check_pages(len(document))
        pages = [PdfPage(number, _page_lines(document, number)) for number in range(1, len(document) + 1)]
        return pages, _title_of(document)
    except pdfium.PdfiumError:
        return None
    finally:
        document.close()


def _title_of(document: pdfium.PdfDocument) -> str:
    try:
        return str(document.get_metadata_value("Title"))
    except UnicodeDecodeError:
        return ""


def _page_lines(document: pdfium.PdfDocument, number: int) -> list[Line]:
    page = document[number - 1]
    try:
        return pdfium_lines(page, band=_MARGIN)
    finally:
        page.close()


def _read_with_pypdf(data: bytes, limits: ParserLimits) -> tuple[list[PdfPage], str]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise EncryptedDocument("The PDF is protected by a password.")
        limits.check_pages(len(reader.pages))
        pages = [PdfPage(number, text_lines(page.extract_text())) for number, page in enumerate(reader.pages, start=1)]
        title = str(reader.metadata.title or "") if reader.metadata else ""
    except _PYPDF_FAILURES:
        raise UnreadableDocument("The PDF is damaged: its structure cannot be read.") from None
    return pages, title


def _borne_out(given: str, out: CanonicalText) -> str:
    """The title that the file carries, when it is one: not a program's default, and words of the document."""
    title = one_line(given)
    if not title or _MACHINE_TITLE.match(title):
        return ""
    opening = set(_WORD.findall(out.text[:_OPENING_CHARACTERS].casefold()))
    words = _WORD.findall(title.casefold())
    return title if words and sum(word in opening for word in words) >= _COMMON_SHARE * len(words) else ""


def _largest_heading(out: CanonicalText) -> str:
    """The first heading of the highest level near the start of the text."""
    opening = [heading for heading in out.headings if heading.start < _OPENING_CHARACTERS]
    return min(opening, key=lambda heading: (heading.level, heading.start)).title if opening else ""
