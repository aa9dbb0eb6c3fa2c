"""The blocks that a text is laid out in: paragraphs, list items, table rows, headings, lines of code.

In documents the layout ends more thoughts than full stops do. It is read from the text alone, with Markdown's marks or
without any, so that a passage cut out of a document reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal["prose", "item", "row", "heading", "code"]
LISTED: frozenset[Kind] = frozenset({"item", "row"})
"""What comes in lists and tables."""

_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_RULE = re.compile(r"[ \t]*(?:[-=*_~+|:][-=*_~+|: \t]*)$")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+")
_ITEM = re.compile(
    r"[ \t>]*(?:[-*+•‣◦▪\u2013—][ \t]+(?:\[[ xX]\][ \t]+)?|\(?(?:(?:\d{1,3}|[a-z]|[ivx]{2,4})[.)]|[A-Z]\))[ \t]+(?=\S))"
)
_ROW = re.compile(r"[ \t]*\||[^|\n]*[ \t]\|[ \t]|[^\t\n]+\t[^\t\n]+\t")
_FIELD = re.compile(r"[ \t>]*(?:\*\*|__)?[^\W_][^:.!?\n]{0,38}:(?:\*\*|__)?[ \t]+\S")
_INDENT = re.compile(r"[ \t>]*")
_ROW_EDGE = " \t|"
_NARROW = 60
"""A filled paragraph is rarely set narrower than this, in characters."""
_NUMBERED = re.compile(r"\d")
_STOPS = frozenset(".!;,:…")
_LONGEST_HEADING = 80
_DEEPEST = 3
"""Headings in a row, as title, section and subsection are."""


@dataclass(slots=True)
class Block:
    """`text[start:end]`, without the marks and white space around it. Prose and items may run over several lines."""

    start: int
    end: int
    kind: Kind
    width: int = 0
    """The longest line so far: what the paragraph is filled to."""


def blocks(text: str) -> list[Block]:
    """The blocks of `text` in order, never overlapping."""
    found = list(_marked(text))
    _find_bare_headings(text, found)
    return found


def margin(text: str, pattern: re.Pattern[str]) -> int:
    """How many characters at the start of `text` the pattern takes up."""
    match = pattern.match(text)
    return match.end() if match else 0


def _marked(text: str) -> Iterator[Block]:
    open_block: Block | None = None
    fenced = False
    for start, end in _lines(text):
        line = text[start:end]
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and open_block and not _RULE.match(line) and _continues(text, open_block, start, end):
            open_block.end = end
            open_block.width = max(open_block.width, end - start)
            continue
        if open_block:
            yield open_block
        open_block = None if _FENCE.match(line) else _opened(line, start, end, fenced=fenced)
        if open_block and open_block.kind not in {"prose", "item"}:
            yield open_block
            open_block = None
    if open_block:
        yield open_block


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line.rstrip())
        start += len(line) + 1


def _opened(line: str, start: int, end: int, *, fenced: bool) -> Block | None:
    """The block that this line opens; None for a line without words."""
    if _RULE.match(line) or not line:
        return None
    if fenced:
        return Block(start + margin(line, _INDENT), end, "code")
    if heading := _HEADING.match(line):
        body = line[heading.end() :].rstrip("# \t")
        return Block(start + heading.end(), start + heading.end() + len(body), "heading") if body else None
    if _ROW.match(line):
        body = line.strip(_ROW_EDGE)
        offset = len(line) - len(line.lstrip(_ROW_EDGE))
        return Block(start + offset, start + offset + len(body), "row") if body else None
    kind: Kind = "item" if _ITEM.match(line) else "prose"
    indent = margin(line, _ITEM if kind == "item" else _INDENT)
    return Block(start + indent, end, kind, width=len(line)) if indent < len(line) else None


def _continues(text: str, block: Block, start: int, end: int) -> bool:
    """Whether the line is the block's paragraph going on, not a new thought.

    A filled paragraph breaks a line only where the next word no longer fits: a line that had room for it was ended by
    its author. A line that starts in lower case goes on in any case.
    """
    line = text[start:end]
    body = line[margin(line, _INDENT) :]
    if not body or any(pattern.match(line) for pattern in (_HEADING, _ITEM, _ROW, _FIELD)):
        return False
    if body[0].islower():
        return True
    last_line = block.end - text.rfind("\n", 0, block.end) - 1
    return last_line + 1 + len(body.split(None, 1)[0]) > max(block.width, _NARROW)


def _find_bare_headings(text: str, found: list[Block]) -> None:
    """Know headings that carry no mark by their look: a short line on its own, without a stop, above something else.

    More such lines in a row than headings are ever nested are something else, too: short paragraphs.
    """
    run: list[Block] = []
    for block, following in pairwise(found):
        if _looks_like_heading(text, block, following):
            run.append(block)
            continue
        _name_headings(run)
        run = []
    _name_headings(run)


def _name_headings(run: list[Block]) -> None:
    if len(run) <= _DEEPEST:
        for block in run:
            block.kind = "heading"


def _looks_like_heading(text: str, block: Block, following: Block) -> bool:
    words = text[block.start : block.end]
    line_start = text.rfind("\n", 0, block.start) + 1
    numbered = block.kind == "item" and following.kind == "prose" and _NUMBERED.match(text, line_start)
    return (
        (block.kind == "prose" or bool(numbered))
        and len(words) <= _LONGEST_HEADING
        and words[-1] not in _STOPS
        and "\n" not in words
        and not _FIELD.match(words)
        and (line_start == 0 or text.startswith("\n\n", line_start - 2))
        and text.startswith("\n\n", block.end)
    )
