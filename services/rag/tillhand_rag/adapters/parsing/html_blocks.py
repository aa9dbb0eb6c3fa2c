"""HTML elements as blocks of canonical text: for pages, for docx, and for HTML inside Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborNode

from tillhand_rag.adapters.parsing.blocks import BlockWriter
from tillhand_rag.adapters.parsing.html_tables import read_table
from tillhand_rag.adapters.parsing.html_tree import is_too_deep, parse_tree, plain_text

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary"
    " table tbody td tfoot th thead tr ul".split()
)
_UNREAD = frozenset(
    "audio base button canvas datalist embed head iframe input link map meta meter noscript object option param picture"
    " progress script select source style svg template textarea title track video".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_NUMBER = re.compile(r"[0-9]{1,6}")
_LISTS = frozenset({"ul", "ol", "menu", "dir"})


def write_fragment(writer: BlockWriter, html: str) -> None:
    """Write the blocks of a piece of HTML."""
    body = parse_tree(html).body
    if body is not None:
        HtmlBlocks(writer).write(body)


class HtmlBlocks:
    """Walks a tree without recursion. What is nested too deeply is read as bare text."""

    def __init__(
        self, writer: BlockWriter, skip: Callable[[LexborNode], bool] = lambda _: False, *, guess_headers: bool = False
    ) -> None:
        self._writer = writer
        self._guess_headers = guess_headers
        self._skip = skip
        self._inline: list[str] = []

    def write(self, root: LexborNode) -> None:
        """Write everything under `root` that `skip` does not refuse."""
        if is_too_deep(root):
            self._writer.paragraph(plain_text(root))
            return
        for node, entering in _walk(root, self._enter):
            if not entering and node.tag in _BLOCKS:
                self._leave(node)
        self._flush()

    def _enter(self, node: LexborNode) -> bool:
        """Take in what a node says by itself; whether its children are to be visited."""
        tag = node.tag or ""
        if node.is_text_node:
            self._inline.append((node.text_content or "").replace("\n", " "))
            return False
        if tag in _UNREAD or _hidden(node) or self._skip(node):
            return False
        if tag not in _BLOCKS:
            return self._enter_inline(node, tag)
        if tag != "dd":
            self._flush()
        return self._enter_block(node, tag)

    def _enter_inline(self, node: LexborNode, tag: str) -> bool:
        if tag == "br":
            self._inline.append("\n")
        elif tag == "img":
            self._inline.append(IMAGE + (node.attributes.get("alt") or "").replace("\n", " ") + IMAGE)
        return node.is_element_node

    def _enter_block(self, node: LexborNode, tag: str) -> bool:
        if tag == "pre":
            self._writer.code(plain_text(node))
            return False
        if tag == "table":
            table = read_table(node, guess_header=self._guess_headers)
            if table is not None:
                self._writer.table(*table)
            return table is None
        if tag in _LISTS:
            self._writer.open_list(_start(node) if tag == "ol" else None)
        elif tag == "li":
            self._writer.open_item()
        return True

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in _HEADINGS:
            self._flush(_HEADINGS[tag])
        elif tag == "dt":
            self._inline.append(": ")
        else:
            self._flush()
        if tag in _LISTS:
            self._writer.close_list()
        elif tag == "li":
            self._writer.close_item()

    def _flush(self, level: int | None = None) -> None:
        text = without_lone_images("".join(self._inline))
        self._inline.clear()
        if level is not None:
            self._writer.heading(level, text)
        elif text.strip(" :\n"):
            self._writer.paragraph(text.rstrip(": ") + ":" if text.endswith(": ") else text)


IMAGE = "\ufffc"
"""Stands around an image's alternative text until it is known whether the image is part of a sentence."""


def without_lone_images(text: str) -> str:
    """Alternative texts stay within a sentence and go where the image has its line to itself."""
    if IMAGE not in text:
        return text
    kept = []
    for line in text.split("\n"):
        words = line.split(IMAGE)
        kept.append("".join(words) if any(outside.strip() for outside in words[::2]) else "")
    return "\n".join(kept)


def _walk(root: LexborNode, enter: Callable[[LexborNode], bool]) -> Iterator[tuple[LexborNode, bool]]:
    """Each node under `root` twice, entering and leaving, in document order; `enter` decides about its children."""
    stack = [(child, True) for child in reversed(list(root.iter(include_text=True)))]
    while stack:
        node, entering = stack.pop()
        if entering and enter(node):
            stack.append((node, False))
            stack.extend((child, True) for child in reversed(list(node.iter(include_text=True))))
        yield node, entering


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style


def _start(node: LexborNode) -> int:
    value = node.attributes.get("start") or ""
    return int(value) if _NUMBER.fullmatch(value) else 1
