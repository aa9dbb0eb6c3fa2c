"""HTML as a tree, within bounds: the parser's own work grows with the square of the nesting."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tillhand_rag.errors import UnreadableDocument

# Elements that have to be closed; items, cells and paragraphs need not be, and many of them are no nesting.
_CLOSED = re.compile(
    r"<(/?)(?:a|abbr|article|aside|b|big|blockquote|center|cite|code|del|details|div|dl|em|fieldset|figure|font|footer|form|h[1-6]"
    r"|header|i|ins|main|mark|nav|ol|pre|q|s|section|small|span|strong|sub|sup|table|tt|u|ul)(?=[\s/>])",
    re.IGNORECASE,
)
_MAX_OPEN = 2_000
_MAX_DEPTH = 512


def parse_tree(html: str) -> LexborHTMLParser:
    """The tree of a page or a fragment. Raises `UnreadableDocument` when its elements are nested absurdly deep."""
    depth = 0
    for match in _CLOSED.finditer(html):
        depth = max(depth - 1, 0) if match[1] else depth + 1
        if depth > _MAX_OPEN:
            raise UnreadableDocument(f"The HTML nests more than {_MAX_OPEN:,} elements.")
    return LexborHTMLParser(html)


def is_too_deep(root: LexborNode) -> bool:
    """Whether elements are nested deeper than browsers follow: the work on each grows with what stands around it."""
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > _MAX_DEPTH:
            return True
        stack.extend((child, depth + 1) for child in node.iter())
    return False


def plain_text(node: LexborNode) -> str:
    """All words under `node` as they stand, a line feed for each `<br>`."""
    pieces = []
    for child in node.traverse(include_text=True):
        if child.is_text_node:
            pieces.append(child.text_content or "")
        elif child.tag == "br":
            pieces.append("\n")
    return "".join(pieces)
