"""Word documents: mammoth reads the styles, and the HTML that it makes of them is written as any other."""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from xml.parsers.expat import ExpatError

import mammoth

from tillhand_rag.adapters.parsing.blocks import BlockWriter
from tillhand_rag.adapters.parsing.canonical import one_line
from tillhand_rag.adapters.parsing.finished import finished
from tillhand_rag.adapters.parsing.html_blocks import HtmlBlocks
from tillhand_rag.adapters.parsing.html_tree import parse_tree
from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.domain.documents import ParsedDocument
from tillhand_rag.errors import EncryptedDocument, UnreadableDocument

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAIN_PART = "word/document.xml"
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Source Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
comment-reference =>
"""
_TITLE = re.compile(r"<dc:title[^>]*>([^<]*)</dc:title>")
_PLACEHOLDERS = frozenset({"word document", "title", "document"})
_ENCRYPTED_FLAG = 0x1
# What mammoth and the libraries below it raise over damaged parts: it looks things up in structures that are not there.
_FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
    OSError,
    EOFError,
)


def parse_docx(data: bytes, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """A Word document. Raises `EncryptedDocument`, `UnreadableDocument`, `EmptyDocument` or `OversizedDocument`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check(archive, limits)
            title = _core_title(archive)
        markup = mammoth.convert_to_html(
            io.BytesIO(data),
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=mammoth.images.img_element(lambda _: {}),
        ).value
    except _FAILURES:
        raise UnreadableDocument("The Word document is damaged: its parts cannot be read.") from None
    writer = BlockWriter(limits)
    body = parse_tree(markup).body
    if body is not None:
        # Word marks header rows only where an author asked for them to be repeated on every page.
        HtmlBlocks(writer, guess_headers=True).write(body)
    opens_with_heading = any(heading.start == 0 for heading in writer.out.headings)
    return finished(writer.out, media_type=DOCX, filename=filename, title="" if opens_with_heading else title)


def _check(archive: zipfile.ZipFile, limits: ParserLimits) -> None:
    """Refuse what wants a password or unpacks to too much, before anything is unpacked."""
    parts = archive.infolist()
    if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
        raise EncryptedDocument("The Word document is protected by a password.")
    limits.check_unpacked(sum(part.file_size for part in parts))
    limits.check_markup(sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))))


def _core_title(archive: zipfile.ZipFile) -> str:
    if "docProps/core.xml" not in archive.namelist():
        return ""
    match = _TITLE.search(archive.read("docProps/core.xml").decode("utf-8", errors="replace"))
    title = one_line(html.unescape(match[1])) if match else ""
    return "" if title.casefold() in _PLACEHOLDERS else title
