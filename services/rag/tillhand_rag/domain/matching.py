"""Which words of a query a passage holds: shown to people as a reason for a hit, never used for ranking."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"\w+(?:[-./']\w+)*")
_SHORTEST_PLURAL: Final = 3
_MOST_WORDS: Final = 32
_TOO_COMMON: Final = frozenset(
    "a an and any are as at be by can could did do does for from had has have how i if in is it its me my no not of "
    "on or our should so that the their there these they this to was we were what when where which who why will with "
    "would you your".split()
)


class TermMatcher:
    """A query's telling words: lower-cased, each once, in the query's order. Made once, then asked of many texts."""

    def __init__(self, query: str) -> None:
        words = dict.fromkeys(_WORD.findall(query.casefold()))
        telling = [word for word in words if len(word) > 1 and word not in _TOO_COMMON]
        self._stems = {word: _stem(word) for word in telling[:_MOST_WORDS]}

    def terms(self, text: str) -> list[str]:
        """Those of the words that stand in the text, singular or plural."""
        folded = text.casefold()
        return [word for word, stem in self._stems.items() if _stands(stem, folded)]


def _stem(word: str) -> str:
    """A word without its plural ending: enough to show that "return" and "returns" met."""
    return word[:-1] if len(word) > _SHORTEST_PLURAL and word.endswith("s") and not word.endswith("ss") else word


def _stands(stem: str, text: str) -> bool:
    """Whether the text has the word or its plural, and not only a longer word that contains it."""
    start = text.find(stem)
    while start >= 0:
        end = start + len(stem)
        end += text.startswith("s", end)
        if not _WORD.match(text[start - 1 : start]) and not _WORD.match(text[end : end + 1]):
            return True
        start = text.find(stem, start + 1)
    return False
