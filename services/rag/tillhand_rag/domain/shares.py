"""Which part of a question's terms a sentence holds, each weighed by how rare it is among the sentences read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from tillhand_rag.domain.meanings import alike, base
from tillhand_rag.domain.words import stems

ALIKE: Final = 0.7
"""What another word counts that may stand for the one asked for."""
_LIGHTLY: Final = 0.5
_LIGHT: Final = frozenset(
    base(stem)
    for stem in stems(
        "sell offer buy get use need want make take come go work give put know tell say mean help find allow possible "
        "able available kind type sort happen provide let keep long many old far large much"
    )
)
"""Words that many questions hold whatever they ask about: they weigh half."""


class Shares(NamedTuple):
    """Shares of a question's terms: those that the sentence holds, those that only what leads in to it holds, those
    that only the headings above hold, and all that its passage holds."""

    own: float
    before: float
    above: float
    around: float


class Terms:
    """A question's terms, by their bases, weighed among the words of the sentences read."""

    def __init__(self, asked: Sequence[str], sentences: Sequence[AbstractSet[str]]) -> None:
        weighed = {
            term: _weight(term, sum(_held(term, alike(term), words) > 0.0 for words in sentences), len(sentences))
            for term in dict.fromkeys(asked)
        }
        total = sum(weighed.values()) or 1.0
        self._terms = [(term, alike(term), weight / total) for term, weight in weighed.items()]

    def shares(
        self, own: AbstractSet[str], before: AbstractSet[str], above: AbstractSet[str], around: AbstractSet[str]
    ) -> Shares:
        """The shares of a sentence, given the words of each of its surroundings. What stands nearer counts."""
        shares = [0.0, 0.0, 0.0, 0.0]
        for term, others, weight in self._terms:
            best = 0.0
            for place, words in enumerate((own, before, above)):
                if (held := _held(term, others, words)) > best:
                    shares[place] += (held - best) * weight
                    best = held
            shares[-1] += max(best, _held(term, others, around)) * weight
        return Shares(*shares)


def _held(term: str, others: AbstractSet[str], words: AbstractSet[str]) -> float:
    if term in words:
        return 1.0
    return ALIKE if others and not others.isdisjoint(words) else 0.0


def _weight(term: str, frequency: int, total: int) -> float:
    """Inverse sentence frequency as in BM25 (Robertson and Zaragoza 2009, section 3.4, kept positive)."""
    rarity = math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
    return rarity * (_LIGHTLY if term in _LIGHT else 1.0)
