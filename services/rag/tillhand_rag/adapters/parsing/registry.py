"""The parser of every format: recognises a file and hands it to its own parser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tillhand_rag.adapters.parsing.csv import parse_csv
from tillhand_rag.adapters.parsing.docx import parse_docx
from tillhand_rag.adapters.parsing.encoding import charset_of, decode, html_charset
from tillhand_rag.adapters.parsing.html import parse_html
from tillhand_rag.adapters.parsing.limits import LIMITS, ParserLimits
from tillhand_rag.adapters.parsing.markdown import MARKDOWN, MDX, parse_markdown
from tillhand_rag.adapters.parsing.pdf import parse_pdf
from tillhand_rag.adapters.parsing.products import parse_json, parse_json_lines
from tillhand_rag.adapters.parsing.sniffing import Format, recognise
from tillhand_rag.adapters.parsing.text import parse_text
from tillhand_rag.domain.documents import ParsedDocument


class FormatParser:
    """Turns the bytes of any supported format into documents; safe to call from several threads.

    `max_bytes` bounds a file as it comes and as it unpacks, `limits` what else can grow.
    `default_currency` is the ISO 4217 code of prices that name no currency (a Shopify export has none); while it is
    empty such a price is part of the text, but no attribute.
    """

    def __init__(
        self,
        *,
        max_bytes: int = LIMITS.max_bytes,
        max_characters: int = LIMITS.max_characters,
        default_currency: str = "",
        limits: ParserLimits = LIMITS,
    ) -> None:
        self._limits = replace(limits, max_bytes=max_bytes, max_unpacked_bytes=max_bytes, max_characters=max_characters)
        self._currency = default_currency

    def parse(self, data: bytes, *, filename: str, media_type: str | None) -> Sequence[ParsedDocument]:
        """At least one document with text. Raises a `DocumentProblem` that says what is wrong with the file."""
        self._limits.check_bytes(len(data))
        kind = recognise(data, filename=filename, media_type=media_type)
        if kind == "pdf":
            return [parse_pdf(data, filename=filename, limits=self._limits)]
        if kind == "docx":
            return [parse_docx(data, filename=filename, limits=self._limits)]
        charset = charset_of(media_type) or (html_charset(data) if kind == "html" else None)
        return self._parse_text(decode(data, charset), kind, filename)

    def _parse_text(self, source: str, kind: Format, filename: str) -> Sequence[ParsedDocument]:
        limits = self._limits
        if kind == "html":
            return [parse_html(source, filename=filename, limits=limits)]
        if kind == "csv":
            return parse_csv(source, filename=filename, limits=limits, currency=self._currency)
        if kind == "json":
            return parse_json(source, limits=limits, currency=self._currency)
        if kind == "jsonl":
            return parse_json_lines(source, limits=limits, currency=self._currency)
        if kind == "text":
            return [parse_text(source, filename=filename, limits=limits)]
        media_type = MDX if kind == "mdx" else MARKDOWN
        return [parse_markdown(source, filename=filename, media_type=media_type, limits=limits)]
