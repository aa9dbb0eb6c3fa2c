"""HTML pages: the text of the page without what surrounds it on every page of its site."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tillhand_rag.adapters.parsing.blocks import BlockWriter
from tillhand_rag.adapters.parsing.boilerplate import PageText
from tillhand_rag.adapters.parsing.canonical import one_line
from tillhand_rag.adapters.parsing.finished import finished
from tillhand_rag.adapters.parsing.html_blocks import HtmlBlocks
from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.domain.documents import ParsedDocument

HTML = "text/html"
_WORD = re.compile(r"\w")


def parse_html(source: str, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """A page of HTML. A page that would be left empty without its boilerplate is read with it."""
    tree = LexborHTMLParser(source)
    page = PageText(tree)
    root = page.root()
    writer = BlockWriter(limits)
    if root is not None:
        HtmlBlocks(writer, page.is_boilerplate).write(root)
        if not _WORD.search(writer.out.text):
            writer = BlockWriter(limits)
            HtmlBlocks(writer).write(tree.body or root)
    return finished(writer.out, media_type=HTML, filename=filename, title=_title(tree, root))


def _title(tree: LexborHTMLParser, root: LexborNode | None) -> str:
    """The only first-level heading of the text, else what the page calls itself."""
    headings = root.css("h1") if root is not None else []
    if len(headings) == 1 and (title := one_line(headings[0].text(deep=True))):
        return title
    meta = tree.css_first("meta[property='og:title']")
    if meta is not None and (title := one_line(meta.attributes.get("content") or "")):
        return title
    node = tree.css_first("title")
    return one_line(node.text(deep=True)) if node is not None else ""
