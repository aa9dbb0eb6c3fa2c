"""Lines of a PDF page with their places, from pdfium; and from pypdf, which knows no places."""

from __future__ import annotations

import ctypes
import math
import re
from dataclasses import dataclass

import pypdfium2 as pdfium
from pypdfium2 import raw

_BOLD = 600
_LINE_END = re.compile(r"[\r\n]+")
_SYMBOL_BULLETS = str.maketrans(dict.fromkeys("\uf0b7\uf0a7\uf0d8\uf0a8\uf0fc\uf02d\uf076", "•"))
HYPHEN = "\ufffe"
"""What pdfium writes where a line ended in a hyphen and the next one was joined to it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line in points from the page's lower left corner; `band` is True in the page's outer margins."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    bold: bool
    band: bool

    @property
    def size(self) -> float:
        """Height of the line's letters, in points."""
        return self.top - self.bottom


def pdfium_lines(page: pdfium.PdfPage, *, band: float) -> list[Line]:
    """The lines of a page in reading order; `band` is the share of the height that counts as margin."""
    text_page = page.get_textpage()
    try:
        return _Reader(text_page, page.get_height(), band).lines()
    finally:
        text_page.close()


def text_lines(text: str) -> list[Line]:
    """Lines without places, as if set in one column with a fixed pitch."""
    found = [line.rstrip() for line in text.translate(_SYMBOL_BULLETS).split("\n")]
    return [
        Line(line, left=0, right=len(line), top=-1.2 * row + 1, bottom=-1.2 * row, bold=False, band=False)
        for row, line in enumerate(found)
        if line.strip()
    ]


class _Reader:
    def __init__(self, text_page: pdfium.PdfTextPage, height: float, band: float) -> None:
        self._page = text_page
        self._lower, self._upper = height * band, height * (1 - band)

    def lines(self) -> list[Line]:
        text = self._page.get_text_range()
        found: list[Line] = []
        position = 0
        for match in [*_LINE_END.finditer(text), None]:
            end = match.start() if match else len(text)
            if text[position:end].strip():
                found.append(self._line(text, position, end))
            position = match.end() if match else end
        return found

    def _line(self, text: str, start: int, end: int) -> Line:
        first, last = start, end - 1
        while text[first].isspace():
            first += 1
        while text[last].isspace():
            last -= 1
        left, _, bottom, top = self._box(first)
        _, right, last_bottom, _ = self._box(last)
        return Line(
            text=text[start:end].translate(_SYMBOL_BULLETS),
            left=min(left, right),
            right=max(left, right),
            top=top,
            bottom=bottom,
            bold=self._bold(first) and self._bold(last),
            band=top > self._upper or last_bottom < self._lower,
        )

    def _box(self, index: int) -> tuple[float, float, float, float]:
        box = raw.FS_RECTF()
        known = raw.FPDFText_GetLooseCharBox(self._page, self._index(index), ctypes.byref(box))
        places = (box.left, box.right, box.bottom, box.top)
        return places if known and all(map(math.isfinite, places)) else (0.0, 0.0, 0.0, 0.0)

    def _bold(self, index: int) -> bool:
        return bool(raw.FPDFText_GetFontWeight(self._page, self._index(index)) >= _BOLD)

    def _index(self, text_index: int) -> int:
        return int(raw.FPDFText_GetCharIndexFromTextIndex(self._page, text_index))
