"""Which words of a query a passage holds: shown to people as a reason for a hit, never used for ranking."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+(?:[-./']\w+)*")
_SHORTEST_PLURAL = 3
_TOO_COMMON = frozenset(
    "a an and any are as at be by can could did do does for from had has have how i if in is it its me my no not of "
    "on or our should so that the their there these they this to was we were what when where which who why will with "
    "would you your".split()
)


def matched_terms(query: str, text: str) -> list[str]:
    """The query's telling words that stand in the text, in the query's order, lower-cased, each once."""
    held = {_bare(word) for word in _words(text)}
    return [word for word in dict.fromkeys(_words(query)) if word not in _TOO_COMMON and _bare(word) in held]


def _words(text: str) -> list[str]:
    return [match.group().casefold() for match in _WORD.finditer(text)]


def _bare(word: str) -> str:
    """A word without its plural ending: enough to show that "return" and "returns" met."""
    return word[:-1] if len(word) > _SHORTEST_PLURAL and word.endswith("s") and not word.endswith("ss") else word
