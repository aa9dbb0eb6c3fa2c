"""What a file is: by its name, by its media type, and by what is in it."""

from __future__ import annotations

import codecs
import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Literal

from tillhand_rag.adapters.parsing.docx import MAIN_PART
from tillhand_rag.adapters.parsing.encoding import is_binary
from tillhand_rag.errors import (
    EmptyDocument,
    EncryptedDocument,
    MislabelledDocument,
    UnreadableDocument,
    UnsupportedDocument,
)

Format = Literal["markdown", "mdx", "html", "text", "pdf", "docx", "csv", "json", "jsonl"]

_BY_EXTENSION: Mapping[str, Format] = {
    "md": "markdown",
    "markdown": "markdown",
    "mdx": "mdx",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "txt": "text",
    "text": "text",
    "pdf": "pdf",
    "docx": "docx",
    "csv": "csv",
    "tsv": "csv",
    "json": "json",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
}
_BY_MEDIA_TYPE: Mapping[str, Format] = {
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/mdx": "mdx",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/json": "json",
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
}
# What clients send when they do not know; says nothing about the content.
_UNKNOWN_MEDIA_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"{\\rtf", "a rich text document"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OFFICE_ENCRYPTED = "an encrypted Office document"
_PDF_HEAD_BYTES = 1_024
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_HTML_HEAD_BYTES = 4_096

_ARTICLES: Mapping[Format, str] = {
    "markdown": "Markdown",
    "mdx": "MDX",
    "html": "HTML",
    "text": "plain text",
    "pdf": "a PDF",
    "docx": "a Word document",
    "csv": "CSV",
    "json": "JSON",
    "jsonl": "JSON lines",
}
_RELATED = ({"markdown", "mdx"}, {"json", "jsonl"})
_TEXT_FORMATS: frozenset[Format] = frozenset({"markdown", "mdx", "html", "text", "csv", "json", "jsonl"})
_DOCX = "a Word document"
_PDF = "a PDF document"
_HTML_PAGE = "an HTML page"
_JSON_VALUE = "JSON"
_BROKEN_ZIP = "a damaged archive"
_TEXT = "text"
_BINARY = "binary data"
_EXPECTED: Mapping[str, frozenset[Format]] = {
    _PDF: frozenset({"pdf"}),
    _DOCX: frozenset({"docx"}),
    _HTML_PAGE: frozenset({"html"}),
    _JSON_VALUE: frozenset({"json", "jsonl", "text", "markdown", "mdx"}),
    _TEXT: _TEXT_FORMATS,
}
_BY_CONTENT: Mapping[str, Format] = {_PDF: "pdf", _DOCX: "docx", _HTML_PAGE: "html", _JSON_VALUE: "json", _TEXT: "text"}


def recognise(data: bytes, *, filename: str, media_type: str | None) -> Format:
    """The format of a file, when its name, its media type and its content agree.

    Raises `EmptyDocument`, `UnsupportedDocument`, `EncryptedDocument`, `MislabelledDocument` or `UnreadableDocument`.
    """
    if not data.strip():
        raise EmptyDocument("The file is empty.")
    claim = _claim(filename, media_type)
    content = _content(data)
    if content is _OFFICE_ENCRYPTED and claim in {"docx", None}:
        raise EncryptedDocument("The Office document is protected by a password.")
    if claim is None:
        if content not in _BY_CONTENT:
            raise UnsupportedDocument(f"The file is {content}, which is not read here.")
        return _BY_CONTENT[content]
    if claim in _EXPECTED.get(content, ()):
        return claim
    if claim not in _TEXT_FORMATS and content in {_BINARY, _BROKEN_ZIP}:
        raise UnreadableDocument(f"The file claims to be {_ARTICLES[claim]} but does not begin as one: it is damaged.")
    raise MislabelledDocument(f"The file claims to be {_ARTICLES[claim]} but holds {content}.")


def _claim(filename: str, media_type: str | None) -> Format | None:
    """What name and media type say together; None when neither says anything."""
    path = PurePosixPath(filename.replace("\\", "/"))
    # A name that begins with a dot is that of a setting, not of a document: all of it counts as its extension.
    extension = (path.name if path.name.startswith(".") else path.suffix).lower().lstrip(".")
    declared = (media_type or "").partition(";")[0].strip().lower()
    by_name, by_type = _BY_EXTENSION.get(extension), _BY_MEDIA_TYPE.get(declared)
    if by_name is None and by_type is None:
        if extension:
            raise UnsupportedDocument(f"Files named .{extension[:20]} are not read here.", field="filename")
        if declared not in _UNKNOWN_MEDIA_TYPES:
            raise UnsupportedDocument("The media type is not read here.", field="media_type")
        return None
    if by_name is None or by_type is None:
        return by_name or by_type
    if by_type in {by_name, "text"} or {by_name, by_type} in _RELATED:
        return by_name
    if by_name == "text" and by_type in _TEXT_FORMATS:
        return by_type
    raise MislabelledDocument(
        f"The name says {_ARTICLES[by_name]}, the media type {_ARTICLES[by_type]}.", field="media_type"
    )


def _content(data: bytes) -> str:
    """What the bytes are, in words that complete "the file holds"."""
    if b"%PDF-" in data[:_PDF_HEAD_BYTES]:
        return _PDF
    if data.startswith(_ZIP):
        return _archive(data)
    if data.startswith(_OLE):
        return _OFFICE_ENCRYPTED if _OLE_ENCRYPTED in data else "a document of an old Office version"
    known = next((name for magic, name in _MAGIC if data.startswith(magic)), None)
    if known is not None or is_binary(data):
        return known or _BINARY
    if _HTML.match(data[:_HTML_HEAD_BYTES]):
        return _HTML_PAGE
    return _JSON_VALUE if _is_json(data) else _TEXT


def _archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return _BROKEN_ZIP
    if MAIN_PART in names:
        return _DOCX
    for part, name in (
        ("xl/workbook.xml", "a spreadsheet"),
        ("ppt/presentation.xml", "a presentation"),
        ("mimetype", "an e-book"),
    ):
        if part in names:
            return name
    return "a zip archive"


def _is_json(data: bytes) -> bool:
    """Whether the file as a whole is a JSON object or list."""
    stripped = data.strip().removeprefix(codecs.BOM_UTF8)
    if stripped[:1] + stripped[-1:] not in {b"{}", b"[]"}:
        return False
    try:
        json.loads(stripped)
    except (ValueError, RecursionError):
        return False
    return True
