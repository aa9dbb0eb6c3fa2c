"""How a PDF is set: running heads, the size of its running text, its headings, its columns and its line pitch."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tillhand_rag.adapters.parsing.canonical import one_line
from tillhand_rag.adapters.parsing.pdf_lines import Line

_PAGE_NUMBER = re.compile(r"(?:page|seite|p\.)?\s*\d{1,4}(?:\s*(?:of|/|von)\s*\d{1,4})?", re.IGNORECASE)
_DIGITS = re.compile(r"\d+|\b[ivxlc]+$")
_WORD = re.compile(r"\w")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
_CONTENTS_ENTRY = re.compile(r"(?:\.[ ]?){5,}\s*(?:\d{1,4}|[ivxlc]{1,6})\s*$")
_SECTION_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,5})\.?\s+\S")
_GARBLED_SHARE = 0.25
_CONTENTS_LINES = 4
_MANY_PAGES = 10
_REPEATED_SHARE = 0.3
_HEADING_SCALE = 1.12
_HEADING_CHARACTERS = 150
_HEADING_LETTERS = 3
_HEADING_SHARE = 0.3
_SAME_EDGE = 12.0
_COLUMN_LINES = 3
_COLUMN_SAMPLE = 1_000
_EDGE_RANK = 0.9
_FULL_LINE = 0.88


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page's 1-based number and its lines in reading order."""

    number: int
    lines: Sequence[Line]


def legible(page: PdfPage) -> PdfPage:
    """The page without lines whose letters the font does not tell, and without the entries of a table of contents."""
    lines = [line for line in page.lines if _is_legible(line.text)]
    entries = {id(line) for line in lines if _CONTENTS_ENTRY.search(line.text)}
    if len(entries) >= _CONTENTS_LINES:
        lines = [line for line in lines if id(line) not in entries]
    return PdfPage(page.number, lines)


def _is_legible(text: str) -> bool:
    return _WORD.search(text) is not None and len(_CONTROL.findall(text)) <= _GARBLED_SHARE * len(text)


def without_running_heads(pages: Sequence[PdfPage]) -> list[PdfPage]:
    """Lines that return in the margin of page after page stay once, where they first stand; page numbers go."""
    in_margin: dict[str, set[int]] = defaultdict(set)
    first_page: dict[str, int] = {}
    for page in pages:
        for line in page.lines:
            signature = _signature(line)
            first_page.setdefault(signature, page.number)
            if line.band:
                in_margin[signature].add(page.number)
    # Few pages must agree by half; in a book each chapter may have a running head of its own.
    bound = max(2, len(pages) / 2) if len(pages) < _MANY_PAGES else _REPEATED_SHARE * len(pages)
    first = {signature: first_page[signature] for signature, numbers in in_margin.items() if len(numbers) >= bound}

    def kept(page: PdfPage, line: Line) -> bool:
        if not line.band:
            return True
        return not _PAGE_NUMBER.fullmatch(line.text.strip()) and first.get(_signature(line), page.number) == page.number

    return [PdfPage(page.number, [line for line in page.lines if kept(page, line)]) for page in pages]


def _signature(line: Line) -> str:
    return _DIGITS.sub("#", one_line(line.text)).casefold()


class Headings:
    """Which lines are headings: set larger than the running text, or bold and alone in an otherwise plain text."""

    def __init__(self, pages: Sequence[PdfPage]) -> None:
        lines = [line for page in pages for line in page.lines]
        weights: Counter[float] = Counter()
        for line in lines:
            weights[_rounded(line.size)] += len(line.text)
        self._body = max(weights, key=lambda size: (weights[size], size), default=0.0)
        large = [line for line in lines if self._is_large(line)]
        bold = [line for line in lines if line.bold]
        # A page set in display sizes throughout (a slide, a form) has no headings to speak of.
        most = _HEADING_SHARE * _characters(lines)
        self._sizes = self._ranked(large) if _characters(large) <= most else []
        self._bold = _characters(bold) <= most

    def level(self, line: Line) -> int | None:
        """The heading level of a line by its size, or None for running text."""
        size = _rounded(line.size)
        if not self._is_large(line) or size not in self._sizes:
            return None
        number = _SECTION_NUMBER.match(line.text)
        return number[1].count(".") + 1 if number else self._sizes.index(size) + 1

    def bold_level(self, line: Line) -> int | None:
        """The level of a bold line that stands alone, below every size of heading."""
        text = line.text.strip()
        stands_out = self._bold and line.bold and _is_title(text) and not text.endswith((".", ",", ";", ":"))
        return len(self._sizes) + 1 if stands_out else None

    def _is_large(self, line: Line) -> bool:
        return _rounded(line.size) >= self._body * _HEADING_SCALE and _is_title(line.text.strip())

    def _ranked(self, lines: Sequence[Line]) -> list[float]:
        return sorted({_rounded(line.size) for line in lines}, reverse=True)[:5]


def _characters(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _is_title(text: str) -> bool:
    return len(text) <= _HEADING_CHARACTERS and sum(map(str.isalpha, text)) >= _HEADING_LETTERS


def _rounded(size: float) -> float:
    return round(size * 2) / 2


class Columns:
    """Where the lines of one page end when they are full, and how far apart they usually stand."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines[:_COLUMN_SAMPLE]
        steps = [upper.top - lower.top for upper, lower in pairwise(lines)]
        plausible = [step for step, line in zip(steps, lines, strict=False) if 0.7 * line.size < step < 2.5 * line.size]
        self.pitch = median(plausible) if plausible else 0.0

    def is_short(self, line: Line) -> bool:
        """Whether the line ends well before its column does, so that the next line is not its continuation."""
        rights = [other.right for other in self._lines if abs(other.left - line.left) < _SAME_EDGE]
        if len(rights) < _COLUMN_LINES:
            rights.append(line.right)
            rights += [other.right for other in self._lines if other.left <= line.right and other.right >= line.left]
        edge = sorted(rights)[int(_EDGE_RANK * (len(rights) - 1))]
        return line.right < line.left + _FULL_LINE * (edge - line.left)
