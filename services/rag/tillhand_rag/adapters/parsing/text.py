"""Plain text: its lines as they are, its title from its first line when that stands alone."""

from __future__ import annotations

import re

from tillhand_rag.adapters.parsing.canonical import CanonicalText, lines
from tillhand_rag.adapters.parsing.finished import finished
from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.domain.documents import ParsedDocument

TEXT = "text/plain"
_TITLE_CHARACTERS = 100
_RULE = re.compile(r"[=\-~*_]{3,}")


def parse_text(source: str, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """A plain text document. Underlined lines, and a first line that stands alone, are headings."""
    out = CanonicalText(limits)
    for number, block in enumerate(re.split(r"\n{2,}", lines(source))):
        _write(out, block, first=number == 0)
    return finished(out, media_type=TEXT, filename=filename)


def _write(out: CanonicalText, block: str, *, first: bool) -> None:
    opening, _, rest = block.partition("\n")
    underline, _, below = rest.partition("\n")
    if _RULE.fullmatch(underline.strip()) and _is_title(opening):
        out.heading(1 if underline.strip()[0] == "=" else 2, opening)
        out.add(below)
    elif first and not rest and _is_title(opening):
        out.heading(1, opening)
    else:
        out.add(block)


def _is_title(line: str) -> bool:
    words = line.strip()
    return 0 < len(words) <= _TITLE_CHARACTERS and words[-1] not in ".,;:!?" and any(map(str.isalpha, words))
