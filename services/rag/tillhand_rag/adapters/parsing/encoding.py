"""Bytes to text: Unicode by its marks, the declared charset, and Western code pages only where they make sense."""

from __future__ import annotations

import codecs
import re
from email.message import Message

from tillhand_rag.errors import MislabelledDocument, UnreadableDocument

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NON_ASCII = re.compile(rb"[\x80-\xff]")
_WORD = re.compile(r"\w{2,}")
_HTML_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HTML_HEAD_BYTES = 4_096
_FOREIGN_SHARE = 0.3


def is_binary(data: bytes) -> bool:
    """Whether the bytes cannot be text: they hold control bytes and no Unicode mark says why."""
    return not data.startswith(tuple(mark for mark, _ in _MARKS)) and _CONTROL.search(data) is not None


def charset_of(media_type: str | None) -> str | None:
    """The charset that a media type names."""
    message = Message()
    message["content-type"] = media_type or ""
    return message.get_content_charset()


def html_charset(data: bytes) -> str | None:
    """The charset that a page declares in its head."""
    match = _HTML_CHARSET.search(data[:_HTML_HEAD_BYTES])
    return match[1].decode("ascii") if match else None


def decode(data: bytes, charset: str | None = None) -> str:
    """The text of `data`; `charset` is what the sender or the page declares.

    Tried in order: a Unicode mark, UTF-8, the declared charset, then Windows-1252 if the result reads as Western text.
    Raises `MislabelledDocument` for binary data and `UnreadableDocument` when no encoding fits.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    if is_binary(data):
        raise MislabelledDocument("The file is binary data, not text.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    if charset and _is_other_codec(charset):
        return _strictly(data, charset)
    text = _western(data)
    if text is None:
        raise UnreadableDocument(
            f"Line {line} is not UTF-8, and no other encoding is declared; save the file as UTF-8."
        )
    return text


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableDocument(f"Byte {error.start:,} is not {codecs.lookup(encoding).name}.") from None


def _is_other_codec(charset: str) -> bool:
    """Whether `charset` names a text encoding of Python's that is not UTF-8."""
    try:
        codec = codecs.lookup(charset)
        "".encode(codec.name)
    except LookupError:
        return False
    return codec.name != "utf-8"


def _western(data: bytes) -> str | None:
    """The text as Windows-1252, or None when too much of it would be accents to be true."""
    foreign = len(_NON_ASCII.findall(data))
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    letters = sum(len(word) for word in _WORD.findall(text))
    return text if foreign <= _FOREIGN_SHARE * max(letters, 1) else None
