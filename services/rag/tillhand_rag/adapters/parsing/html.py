"""HTML pages: the text of the page without what surrounds it on every page of its site."""

from __future__ import annotations

import re
from collections.abc import Callable

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
    title = _title(tree, root)
    writer = BlockWriter(limits)
    if root is not None:
        has_heading = root.css_first("h1") is not None
        if not _write(writer, root, "" if has_heading else title, page.is_boilerplate):
            writer = BlockWriter(limits)
            _write(writer, tree.body or root, "", lambda _: False)
    return finished(writer.out, media_type=HTML, filename=filename, title=title)


def _write(writer: BlockWriter, root: LexborNode, title: str, skip: Callable[[LexborNode], bool]) -> bool:
    """Write the title, if any, and the blocks under `root`; whether there was a word in them."""
    if title:
        writer.heading(1, title)
    opening = len(writer.out)
    HtmlBlocks(writer, skip).write(root)
    return _WORD.search(writer.out.text[opening:]) is not None


def _title(tree: LexborHTMLParser, root: LexborNode | None) -> str:
    """The only first-level heading of the text, else what the page calls itself, without its site's name."""
    headings = root.css("h1") if root is not None else []
    if len(headings) == 1 and (title := _words(headings[0])):
        return title
    meta = tree.css_first("meta[property='og:title']")
    title = one_line(meta.attributes.get("content") or "") if meta is not None else ""
    title = title or _words(tree.css_first("title"))
    return next((words for node in tree.css("h1") if (words := _words(node)) and words in title), title)


def _words(node: LexborNode | None) -> str:
    return one_line(node.text(deep=True)) if node is not None else ""
