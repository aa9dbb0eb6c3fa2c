"""Markdown and MDX: front matter, CommonMark with tables, and what site generators add."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from tillhand_rag.adapters.parsing.blocks import BlockWriter
from tillhand_rag.adapters.parsing.dialects import plain_markdown
from tillhand_rag.adapters.parsing.finished import finished
from tillhand_rag.adapters.parsing.front_matter import scalar_attributes, split_front_matter, text_field
from tillhand_rag.adapters.parsing.html_blocks import write_fragment
from tillhand_rag.adapters.parsing.inline import figure_caption, inline_text
from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.adapters.parsing.mdx import without_components, without_jsx
from tillhand_rag.domain.documents import ParsedDocument
from tillhand_rag.errors import EmptyDocument

MARKDOWN = "text/markdown"
MDX = "text/mdx"
_SHOWN = frozenset({"title", "description"})
_WORD = re.compile(r"\w")


def parse_markdown(source: str, *, filename: str, media_type: str, limits: ParserLimits) -> ParsedDocument:
    """A Markdown or MDX document. The front matter's title and description open the text, as they open the page."""
    fields, body = split_front_matter(source.replace("\r\n", "\n").replace("\r", "\n"))
    body = plain_markdown(body)
    body = without_jsx(body) if media_type == MDX else without_components(body)
    tokens = _parser(media_type).parse(body)
    title, description = text_field(fields, "title"), text_field(fields, "description")
    writer = BlockWriter(limits)
    if title and not any(token.type == "heading_open" and token.tag == "h1" for token in tokens):
        writer.heading(1, title)
    writer.paragraph(description)
    opening = len(writer.out)
    MarkdownBlocks(writer).write(tokens)
    if not description and not _WORD.search(writer.out.text[opening:]):
        raise EmptyDocument("The file holds no text beyond its front matter.")
    attributes = scalar_attributes(fields, without=_SHOWN)
    return finished(writer.out, media_type=media_type, filename=filename, title=title, attributes=attributes)


def _parser(media_type: str) -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin)
    # MDX has no indented code: text is indented because a component stands around it.
    return parser.disable("code") if media_type == MDX else parser


class MarkdownBlocks:
    """Writes markdown-it's block tokens."""

    def __init__(self, writer: BlockWriter) -> None:
        self._writer = writer
        self._heading: int | None = None
        self._header: list[str] = []
        self._rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._footnote = ""

    def write(self, tokens: list[Token]) -> None:
        """Write every token, in order."""
        for token in tokens:
            if token.type == "inline":
                caption = figure_caption(token)
                self._inline(f"Figure: {caption}" if caption else inline_text(token))
            elif token.type in {"fence", "code_block"}:
                self._writer.code(token.content)
            elif token.type == "html_block":
                write_fragment(self._writer, token.content)
            else:
                self._structure(token)

    def _inline(self, text: str) -> None:
        if self._row is not None:
            self._row.append(text)
        elif self._heading is not None:
            self._writer.heading(self._heading, text)
        else:
            self._writer.paragraph(self._footnote + text)
            self._footnote = ""

    def _structure(self, token: Token) -> None:
        kind = token.type
        if kind == "heading_open":
            self._heading = int(token.tag[1])
        elif kind == "heading_close":
            self._heading = None
        elif kind == "footnote_open":
            self._footnote = f"[{token.meta.get('label', token.meta['id'] + 1)}] "
        elif kind.endswith(("list_open", "list_close", "item_open", "item_close")):
            self._list(token)
        elif kind in {"tr_open", "tr_close", "table_close"}:
            self._table(kind)

    def _list(self, token: Token) -> None:
        kind = token.type
        if kind == "bullet_list_open":
            self._writer.open_list()
        elif kind == "ordered_list_open":
            self._writer.open_list(int(token.attrs.get("start", 1)))
        elif kind.endswith("list_close"):
            self._writer.close_list()
        elif kind == "list_item_open":
            self._writer.open_item()
        else:
            self._writer.close_item()

    def _table(self, kind: str) -> None:
        if kind == "tr_open":
            self._row = []
        elif kind == "tr_close" and self._row is not None:
            self._rows.append(self._row)
            self._row = None
        elif kind == "table_close":
            header, *rows = self._rows
            self._writer.table(header, rows)
            self._rows = []
