"""The canonical text: what every format becomes, and the offsets of its headings and pages."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Literal

from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.domain.documents import Heading, Page

Join = Literal["\n\n", "\n", " "]

# Controls, soft hyphens, zero-width and bidirectional marks, tag characters, private use, surrogates and noncharacters:
# nothing that a reader can see. The zero-width joiners stay, since scripts and emoji are spelt with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    "\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_RUNS = re.compile(r"[ \t\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_PLAIN = re.compile(r"[\n\x20-\x7e]*")
TAB_WIDTH = 4


def visible(text: str) -> str:
    """`text` in NFC with line feeds, plain spaces and tabs as its only white space, and nothing invisible."""
    if _PLAIN.fullmatch(text):
        return text
    text = _NEWLINES.sub("\n", text)
    text = _SPACES.sub(" ", text)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def one_line(text: str) -> str:
    """`text` as running words: every run of white space is one space."""
    return _RUNS.sub(" ", visible(text)).strip()


def lines(text: str) -> str:
    """`text` with its lines and indentation kept, trailing spaces and surplus blank lines dropped."""
    text = visible(text).expandtabs(TAB_WIDTH)
    text = "\n".join(line.rstrip(" ") for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", text).strip("\n")


class CanonicalText:
    """Grows a canonical text piece by piece; every offset that it notes is final, in code points.

    Raises `OversizedDocument` as soon as the text grows beyond its limit.
    """

    def __init__(self, limits: ParserLimits) -> None:
        self._limits = limits
        self._pieces: list[str] = []
        self._length = 0
        self.headings: list[Heading] = []
        self._page_starts: list[tuple[int, int]] = []
        self._pending_page: int | None = None

    def __len__(self) -> int:
        return self._length

    def add(self, text: str, join: Join = "\n\n") -> int | None:
        """Append a piece after `join`; the offset at which it starts, or None when nothing in it is visible."""
        piece = lines(text)
        if not self._pieces:
            piece = piece.lstrip(" ")
        if not piece.strip():
            return None
        if self._pieces:
            self._append(join)
        start = self._length
        self._append(piece)
        if self._pending_page is not None:
            self._page_starts.append((self._pending_page, start))
            self._pending_page = None
        return start

    def heading(self, level: int, words: str) -> None:
        """Append a heading on a line of its own."""
        title = one_line(words)
        start = self.add(title)
        if start is not None:
            self.headings.append(Heading(level=min(max(level, 1), 6), title=title, start=start))

    def begin_page(self, number: int) -> None:
        """The next piece is the first of page `number` (1-based)."""
        self._pending_page = number

    @property
    def text(self) -> str:
        """The canonical text so far."""
        return "".join(self._pieces)

    @property
    def pages(self) -> list[Page]:
        """The pages that hold text, each from its first piece to that of the next."""
        marks = [*self._page_starts, (0, self._length)]
        return [Page(number, start, end) for (number, start), (_, end) in pairwise(marks)]

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
        self._limits.check_characters(self._length)
