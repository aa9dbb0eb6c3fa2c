"""The first passages found, put in order once more by which words of the query they hold, and which stand side by side.

BM25 adds up how often and how rare words are: a passage that has one rare word many times may pass one that has all of
them. This asks of each passage what share of the query's terms it holds, each weighed by how few of these passages do,
and how many neighbours in the query it has as neighbours. It needs neither weights nor a model, and .2 ms.
"""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from tillhand_rag.domain.fusion import Fused
from tillhand_rag.domain.words import COMMON, stems, terms

DEPTH: Final = 10
"""Passages that are put in order, no more than most searches look up anyway. Thirty gain little, and cost six times."""
_COVERAGE: Final = 1.0
_NEIGHBOURS: Final = 1.0
"""Beside a fused score, whose unit is a standard deviation; 1 to 1.5 hardly differ on SciFact's training split."""
_MARKS: Final = (string.whitespace + string.punctuation).encode()
_GAPS: Final = bytes.maketrans(_MARKS, b" " * len(_MARKS))
"""On UTF-8, where no other character shares a byte with these: that takes a fifth of the time."""
_SHORTEST_ROOT: Final = 4
"""A shorter stem begins too many other words."""


def reordered(query: str, found: Sequence[Fused], texts: Sequence[str]) -> list[Fused]:
    """The passages in order, best first, with what they have gained added to their scores.

    `texts` are what is searched for words, with title and headings, in the same order. Where only one list found the
    passages, its order stands: its scores are in no unit that could be added to.
    """
    if not any(each.dense_rank for each in found) or not any(each.keyword_rank for each in found):
        return list(found)
    gains = _gains(query, [b" %b " % text.lower().encode().translate(_GAPS) for text in texts])
    return sorted(map(_raised, found, gains), key=lambda each: -each.score)


def _raised(rank: Fused, gain: float) -> Fused:
    return Fused(
        rank.chunk_id, rank.score + gain, rank.dense_rank, rank.dense_score, rank.keyword_rank, rank.keyword_score
    )


def _gains(query: str, texts: Sequence[bytes]) -> list[float]:
    held = [[root in text for text in texts] for root in map(_root, terms(query))]
    weights = [_rarity(sum(each), len(texts)) for each in held]
    total = sum(weights) or 1.0
    pairs = [(_root(one), _root(two)) for one, two in pairwise(stems(query)) if COMMON.isdisjoint((one, two))]
    gains = []
    for place, text in enumerate(texts):
        coverage = sum(weight for weight, each in zip(weights, held, strict=True) if each[place]) / total
        together = sum(_stand_together(text, *pair) for pair in pairs) / max(1, len(pairs))
        gains.append(_COVERAGE * coverage + _NEIGHBOURS * together)
    return gains


def _rarity(holding: int, total: int) -> float:
    """How few of the passages hold a term, as in BM25."""
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def _root(stem: str) -> bytes:
    """What all forms of a word begin with, behind a space; a short one stands alone."""
    if len(stem) < _SHORTEST_ROOT:
        return f" {stem} ".encode()
    return f" {stem[:-1] if stem[-1] in 'iy' else stem}".encode()


def _stand_together(text: bytes, root: bytes, following: bytes) -> bool:
    """Whether a form of the first word stands before one of the second."""
    start = text.find(root)
    while start >= 0:
        end = text.find(b" ", start + 1)
        if text.startswith(following, end):
            return True
        start = text.find(root, end)
    return False
