"""The last step of every format: canonical text with a title, or the word that there was none."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tillhand_rag.adapters.parsing.canonical import CanonicalText
from tillhand_rag.adapters.parsing.naming import bounded_title
from tillhand_rag.domain.documents import AttributeValue, ParsedDocument
from tillhand_rag.domain.titles import title_from_name
from tillhand_rag.errors import EmptyDocument

_WORD = re.compile(r"\w")


def finished(
    out: CanonicalText,
    *,
    media_type: str,
    filename: str,
    title: str = "",
    attributes: Mapping[str, AttributeValue] | None = None,
) -> ParsedDocument:
    """The document. Without `title`, its first heading names it when it opens the text, otherwise the file's name does;
    without either it has none.

    Raises `EmptyDocument` when the text holds no word.
    """
    text = out.text
    if not _WORD.search(text):
        raise EmptyDocument("The file holds no text.")
    return ParsedDocument(
        title=bounded_title(title) or _opening_heading(out) or title_from_name(filename),
        text=text,
        media_type=media_type,
        headings=tuple(out.headings),
        pages=tuple(out.pages),
        attributes=dict(attributes or {}),
    )


def _opening_heading(out: CanonicalText) -> str:
    first = next(iter(out.headings), None)
    return bounded_title(first.title) if first is not None and (first.start == 0 or first.level == 1) else ""
