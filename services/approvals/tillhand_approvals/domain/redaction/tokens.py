"""Words and numbers of a text, each with what the lexicon knows of it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from tillhand_approvals.domain.redaction.lexicon import ORDINARY, RARE, Lexicon

_TOKEN: Final = re.compile(r"[^\W_]+(?:['\u2019](?![sS]\b)[^\W\d_]+)*")
_CUT: Final = re.compile(r"['\u2019](?=\w)")


@dataclass(slots=True)
class Token:
    """A word or a number. `gap` is what stands between it and the one before; `flags` are the lexicon's."""

    start: int
    end: int
    text: str
    lower: str
    gap: str
    flags: int
    is_word: bool
    capital: bool
    opens: bool
    """Whether it opens a sentence or a line, where a capital says nothing."""

    @property
    def is_number(self) -> bool:
        """Whether it is nothing but digits."""
        return self.text.isdecimal()

    def has(self, flag: int) -> bool:
        """Whether the lexicon says so."""
        return bool(self.flags & flag)


def tokens_of(text: str, lexicon: Lexicon, allowed: Collection[str] = ()) -> list[Token]:
    """Every token in order; an allowed word counts as an ordinary one. Without any capitals each word may be a name."""
    small = text.islower()
    found: list[Token] = []
    last = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        start, end = match.span()
        if word in {"s", "S"} and start and text[start - 1] in "'\u2019":
            continue  # the genitive
        lower = word.lower()
        gap = text[last:start]
        is_word = word.isalpha() or not any(map(str.isdigit, word))
        flags = ORDINARY if lower in allowed else _flags(lower, lexicon) if is_word else 0
        opens = not found or "\n" in gap or any(each in ".!?:\u2026;" for each in gap) or '"' in gap
        capital = is_word and (
            word[0].isupper() or (small and (not flags & ORDINARY or bool(flags & RARE))) or not word[0].islower()
        )
        found.append(Token(start, end, word, lower, gap, flags, is_word, capital, opens))
        last = end
    return found


def _flags(word: str, lexicon: Lexicon) -> int:
    flags = lexicon.get(word)
    if flags is None and ("'" in word or "\u2019" in word):
        first, rest = _CUT.split(word, 1)
        flags = lexicon.get(rest, 0) if len(first) <= 2 else lexicon.get(first, 0)  # noqa: PLR2004  # O'Brien, d'Or; don't
    return flags or 0
