"""From the lines of PDF pages to headings, paragraphs and lists, by where the lines stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from tillhand_rag.adapters.parsing.blocks import BULLET
from tillhand_rag.adapters.parsing.canonical import CanonicalText, Join
from tillhand_rag.adapters.parsing.pdf_lines import HYPHEN, Line
from tillhand_rag.adapters.parsing.pdf_style import Columns, Headings, PdfPage, legible, without_running_heads

Step = Literal["block", "line", "space"]

_BULLET = re.compile(r"\A\s*(?:[•▪◦‣●○■□➢✓∙·]\s*|[\u2013\u2014-]\s+)(?=\S)")
_NUMBERED = re.compile(r"\s*\(?(?:\d{1,2}|[a-z])[.)]\s+\S")
_HYPHENATED = re.compile(r"(\w+)(?:\ufffe|-\n)(\w+)")
_COMPOUND = re.compile(r"\w+-\w+")
_FIGURE = re.compile(r"\d[\d.,]*\d?\s*[%€$£]?\s*$")
_WIDE_GAP = 1.3
_NEAR = 1.7
_SAME_ROW = 0.5
_SAME_SIZE = 0.06


def write_pages(out: CanonicalText, pages: Sequence[PdfPage]) -> None:
    """Write the text of all pages: paragraphs rejoined, running heads and page numbers out, headings found."""
    pages = without_running_heads([legible(page) for page in pages])
    compounds = {word.casefold() for page in pages for line in page.lines for word in _COMPOUND.findall(line.text)}
    writer = _PageWriter(out, Headings(pages), compounds)
    for earlier, page in zip([None, *pages], pages, strict=False):
        out.begin_page(page.number)
        writer.write(page, earlier)


class _PageWriter:
    """Gathers lines into blocks and writes each as a heading or as text."""

    def __init__(self, out: CanonicalText, headings: Headings, compounds: set[str]) -> None:
        self._out = out
        self._headings = headings
        self._compounds = compounds
        self._block: list[Line] = []
        self._text = ""
        self._level: int | None = None
        self._join: Join = "\n\n"

    def write(self, page: PdfPage, earlier: PdfPage | None) -> None:
        """Write a page. A sentence that the earlier page left open goes on in it."""
        if earlier is not None and earlier.lines and page.lines:
            open_end = _continues(earlier.lines[-1], page.lines[0]) and self._headings.level(earlier.lines[-1]) is None
            self._join = " " if open_end and not Columns(earlier.lines).is_short(earlier.lines[-1]) else "\n\n"
        columns = Columns(page.lines)
        previous: Line | None = None
        for line in page.lines:
            self._add(line, "block" if previous is None else self._step(previous, line, columns))
            previous = line
        self.flush()

    def _add(self, line: Line, step: Step) -> None:
        if step == "block":
            self.flush()
            self._level = self._headings.level(line)
        words = _BULLET.sub(f"{BULLET} ", line.text.strip())
        if self._text:
            self._text += "\n" if step == "line" or self._text.endswith("-") else " "
        self._text += words
        self._block.append(line)

    def flush(self) -> None:
        """Write the block that has been gathered."""
        if self._block:
            text = self._unhyphenated(self._text)
            level = self._level
            if level is None and len(self._block) == 1:
                level = self._headings.bold_level(self._block[0])
            if level is None:
                self._out.add(text, self._join)
            else:
                self._out.heading(level, text)
            self._join = "\n\n"
        self._block, self._text, self._level = [], "", None

    def _step(self, previous: Line, line: Line, columns: Columns) -> Step:
        """How a line follows the one before it: as a block, as a line of its own, or in the same sentence."""
        drop = previous.top - line.top
        level = self._headings.level(line)
        if (level is None) != (self._level is None) or (level is not None and line.size != previous.size):
            return "block"
        if level is not None:
            return "space" if abs(drop) < _NEAR * line.size else "block"
        if abs(drop) < _SAME_ROW * min(line.size, previous.size):
            return "space"
        if drop < 0:
            return "space" if _continues(previous, line) and not columns.is_short(previous) else "block"
        return self._step_down(previous, line, columns, wide=drop > _WIDE_GAP * columns.pitch)

    def _step_down(self, previous: Line, line: Line, columns: Columns, *, wide: bool) -> Step:
        item = _is_item(line)
        if item and _is_item(self._block[0]):
            return "line"
        if wide or item:
            return "block"
        if _is_ended(previous) and abs(line.size - previous.size) > _SAME_SIZE * line.size:
            return "block"
        if line.bold != previous.bold and self._headings.bold_level(previous if previous.bold else line):
            return "block"
        if not columns.is_short(previous) and not _ends_row(previous, line):
            return "space"
        return "block" if len(self._block) > 1 and _is_ended(previous) else "line"

    def _unhyphenated(self, text: str) -> str:
        """Words that were divided at a line's end are whole again, compounds keep their hyphen."""

        def rejoin(match: re.Match[str]) -> str:
            left, right = match[1], match[2]
            divided = left.isalpha() and right[0].islower() and f"{left}-{right}".casefold() not in self._compounds
            return left + right if divided else f"{left}-{right}"

        return _HYPHENATED.sub(rejoin, text).replace(HYPHEN, "-")


def _is_item(line: Line) -> bool:
    return _BULLET.match(line.text) is not None or _NUMBERED.match(line.text) is not None


def _is_ended(line: Line) -> bool:
    return line.text.rstrip().endswith((".", "!", "?"))


def _ends_row(previous: Line, line: Line) -> bool:
    """Whether a figure ends the line and no sentence goes on: rows of a table stand below one another."""
    return _FIGURE.search(previous.text) is not None and not line.text.lstrip()[:1].islower()


def _continues(previous: Line, line: Line) -> bool:
    return line.text.lstrip()[:1].islower() and not previous.text.rstrip().endswith((".", "!", "?", ":"))
