"""Text that others wrote, as a page may show it, and where in it a quote stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

AROUND: Final = 1_500
"""Characters shown before and after a quote."""
PAGE: Final = 8_000
"""Characters of a text on one page of it."""
_LONGEST_PLACE: Final = 16
_KEPT: Final = frozenset("\n\t\u200c\u200d")
"""Line ends, tabs, and the joiners that scripts and emoji need."""
_HIDING: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Quoted:
    """A piece of a text around a quote. `cut_before` and `cut_after` say that there is more."""

    before: str
    quote: str
    after: str
    cut_before: bool
    cut_after: bool


def visible(text: str) -> str:
    """The text without a character that hides or turns around others: each is shown by its number instead."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(each) for each in text.replace("\r\n", "\n"))


def window(start: int, end: int, around: int = AROUND) -> tuple[int, int]:
    """Which piece of a text to read, so that a quote is seen where it stands."""
    return max(0, start - around), end + around


def reading_window(at: int, characters: int) -> tuple[int, int]:
    """The page of a text that holds this place, where nothing is quoted."""
    first = min(max(0, at), max(0, characters - 1)) // PAGE * PAGE
    return first, min(first + PAGE, characters)


def quoted(text: str, offset: int, start: int, end: int, characters: int) -> Quoted:
    """Split a piece of a text that begins at `offset` by the quote `start` to `end` of the whole text."""
    first, last = max(0, start - offset), max(0, end - offset)
    return Quoted(
        before=visible(text[:first]),
        quote=visible(text[first:last]),
        after=visible(text[last:]),
        cut_before=offset > 0,
        cut_after=offset + len(text) < characters,
    )


def source_of(text: str) -> Mapping[str, str | int] | None:
    """What a field of a form says of a quote, `document start end`; none where it is no such thing."""
    parts = text.split(" ")
    if len(parts) != len(("document", "start", "end")) or not all(_is_place(each) for each in parts[1:]):
        return None
    return {"document_id": parts[0], "start": int(parts[1]), "end": int(parts[2])}


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _LONGEST_PLACE


def _shown(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDING:
        return character
    return f"[U+{ord(character):04X}]"
