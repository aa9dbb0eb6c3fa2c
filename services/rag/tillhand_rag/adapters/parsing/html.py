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
from tillhand_rag.adapters.parsing.html_tree import is_too_deep, parse_tree
from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.domain.documents import ParsedDocument

HTML = "text/html"
Skip = Callable[[LexborNode], bool]
_WORD = re.compile(r"\w")


def parse_html(source: str, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """A page of HTML. A page that would be left empty without its boilerplate is read with it."""
    tree = parse_tree(source)
    body = tree.body
    writer = BlockWriter(limits)
    title = ""
    if body is not None:
        root, skip = _text_of(body)
        title = _title(tree, root)
        heading = "" if root.css_first("h1") is not None else title
        if not _write(writer, root, heading, skip):
            writer = BlockWriter(limits)
            _write(writer, body, "", _nothing)
    return finished(writer.out, media_type=HTML, filename=filename, title=title)


def _text_of(body: LexborNode) -> tuple[LexborNode, Skip]:
    """The element that holds the page's text, and what to leave out of it."""
    if is_too_deep(body):
        return body, _nothing
    page = PageText(body)
    return page.root(), page.is_boilerplate


def _write(writer: BlockWriter, root: LexborNode, title: str, skip: Skip) -> bool:
    """Write the title, if any, and the blocks under `root`; whether there was a word in them."""
    if title:
        writer.heading(1, title)
    opening = len(writer.out)
    HtmlBlocks(writer, skip).write(root)
    return _WORD.search(writer.out.text[opening:]) is not None


def _nothing(_: LexborNode) -> bool:
    return False


def _title(tree: LexborHTMLParser, root: LexborNode) -> str:
    """The only first-level heading of the text, else what the page calls itself, without its site's name."""
    headings = root.css("h1")
    if len(headings) == 1 and (title := _words(headings[0])):
        return title
    meta = tree.css_first("meta[property='og:title']")
    title = one_line(meta.attributes.get("content") or "") if meta is not None else ""
    title = title or _words(tree.css_first("title"))
    return next((words for node in tree.css("h1") if (words := _words(node)) and words in title), title)


def _words(node: LexborNode | None) -> str:
    return one_line(node.text(deep=True)) if node is not None else ""
