"""Whether a sentence counts what a question asks the number of."""

from __future__ import annotations

import re
from typing import Final

from tillhand_rag.domain.meanings import alike, bases

_WORD: Final = re.compile(r"\w+(?:[.,]\d+)*|:")
_FIGURE: Final = re.compile(
    r"\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|several|both"
    r"|no|single",
    re.IGNORECASE,
)
_NEARBY: Final = 4
"""Words from the figure to the noun: "eight of the new racing bikes"."""
_BEHIND: Final = 2


def is_counted(sentence: str, noun: str) -> bool:
    """Whether a figure stands shortly before the noun, given by its base, or behind it and a colon."""
    wanted = {noun, *alike(noun)}
    words = _WORD.findall(sentence)
    places = [place for place, word in enumerate(words) if word[0].isalpha() and not wanted.isdisjoint(bases(word))]
    return any(_has_figure(_around(words, place)) for place in places)


def _around(words: list[str], place: int) -> list[str]:
    behind = words[place + 2 : place + 2 + _BEHIND] if words[place + 1 : place + 2] == [":"] else []
    return words[max(0, place - _NEARBY) : place] + behind


def _has_figure(words: list[str]) -> bool:
    return any(_FIGURE.fullmatch(word) for word in words)
