"""Plain text: wrapped lines are rejoined, other lines stay; headings are known by how they stand."""

from __future__ import annotations

import re
from itertools import pairwise

from tillhand_rag.adapters.parsing.canonical import CanonicalText, lines
from tillhand_rag.adapters.parsing.finished import finished
from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.domain.documents import ParsedDocument

TEXT = "text/plain"
_TITLE_CHARACTERS = 100
_RULE = re.compile(r"[=\-~*_]{3,}")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})[.)]?\s+\S")
_COLUMNS = re.compile(r"\S\s{2,}\S")
_ITEM = re.compile(r"[-*+•>|]\s|\(?\w{1,3}[.):]\s")
_NARROW = 60
"""Text is rarely wrapped at fewer characters."""


def parse_text(source: str, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """A plain text document.

    Headings are underlined lines, a first line that stands alone, and later lines that stand alone in capitals or under
    a number.
    """
    out = CanonicalText(limits)
    for number, block in enumerate(re.split(r"\n{2,}", lines(source))):
        _write(out, block, first=number == 0)
    return finished(out, media_type=TEXT, filename=filename)


def _write(out: CanonicalText, block: str, *, first: bool) -> None:
    opening, _, rest = block.partition("\n")
    underline, _, below = rest.partition("\n")
    if _RULE.fullmatch(underline.strip()) and _is_title(opening):
        out.heading(1 if underline.strip()[0] == "=" else 2, opening)
        out.add(_unwrapped(below))
    elif not rest and (level := _level(opening, first=first)):
        out.heading(level, opening)
    else:
        out.add(_unwrapped(block))


def _level(line: str, *, first: bool) -> int | None:
    """The level of a line that stands alone, if it is a heading: the document's title is above all others."""
    if not _is_title(line):
        return None
    if first:
        return 1
    number = _NUMBERED.match(line)
    if number:
        return number[1].count(".") + 2
    return 2 if line.isupper() else None


def _is_title(line: str) -> bool:
    words = line.strip()
    return 0 < len(words) <= _TITLE_CHARACTERS and words[-1] not in ".,;:!?" and any(map(str.isalpha, words))


def _unwrapped(block: str) -> str:
    """A block with its wrapped lines joined: a line is wrapped when the next word would not have fitted."""
    split = block.split("\n")
    width = max(_NARROW, *map(len, split))
    joined = split[:1]
    for line, following in pairwise(split):
        words = following.strip()
        fits = len(line) + 1 + len(words.split(" ")[0]) <= width
        if fits or _COLUMNS.search(line.strip()) or _COLUMNS.search(words) or _ITEM.match(words):
            joined.append(following)
        else:
            joined[-1] = f"{joined[-1]} {words}"
    return "\n".join(joined)
