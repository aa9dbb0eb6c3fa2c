"""One ranking out of two: by meaning (cosine) and by words (BM25).

Each score is taken as its distance from the mean of all candidates, in standard deviations, and the two are added with
weights: a convex combination of normalised scores, which keeps how much better a hit is, where reciprocal ranks keep
only the order (Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023). A word that few
candidates hold stands out by itself: a part number wins without a rule for part numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

DENSE_WEIGHT: Final = 0.5
"""Share of the dense score; chosen on SciFact's training split, where .4 to .6 differ by less than .01 nDCG@10."""


class Scored(Protocol):
    """A chunk that one list proposes; higher is better."""

    @property
    def chunk_id(self) -> int: ...

    @property
    def score(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Fused:
    """A chunk with its fused score, and its place (1-based) and score in each list that proposed it."""

    chunk_id: int
    score: float
    dense_rank: int | None
    dense_score: float | None
    keyword_rank: int | None
    keyword_score: float | None


def fuse(dense: Sequence[Scored], keyword: Sequence[Scored], limit: int | None = None) -> list[Fused]:
    """The chunks of both lists, best first and at most `limit`, given lists of one depth over one set of chunks.

    A chunk that one list lacks has that list's lowest score, or no word of the query at all: where fewer chunks have
    one than the other list proposes, the keyword list is known to be complete. Of an empty list nothing is said: the
    other one then keeps its order and its scores.
    """
    near = {found.chunk_id: (rank, found.score) for rank, found in enumerate(dense, 1)}
    worded = {found.chunk_id: (rank, found.score) for rank, found in enumerate(keyword, 1)}
    scores = _combined(near, worded)
    best = sorted(scores, key=lambda chunk_id: -scores[chunk_id])[:limit]
    return [
        Fused(chunk_id, scores[chunk_id], *near.get(chunk_id, (None, None)), *worded.get(chunk_id, (None, None)))
        for chunk_id in best
    ]


_Places = Mapping[int, tuple[int, float]]


def _combined(near: _Places, worded: _Places) -> dict[int, float]:
    if not near or not worded:
        return {chunk_id: score for chunk_id, (_, score) in (near or worded).items()}
    chunk_ids = list(dict.fromkeys([*near, *worded]))
    wordless = 0.0 if len(worded) < len(near) else _lowest(worded)
    dense, keyword = _standardised(near, chunk_ids, _lowest(near)), _standardised(worded, chunk_ids, wordless)
    return {
        chunk_id: DENSE_WEIGHT * by_meaning + (1.0 - DENSE_WEIGHT) * by_words
        for chunk_id, by_meaning, by_words in zip(chunk_ids, dense, keyword, strict=True)
    }


def _lowest(places: _Places) -> float:
    return min(score for _, score in places.values())


def _standardised(places: _Places, chunk_ids: Sequence[int], missing: float) -> list[float]:
    scores = [places[chunk_id][1] if chunk_id in places else missing for chunk_id in chunk_ids]
    mean = sum(scores) / len(scores)
    deviation = math.sqrt(sum((score - mean) ** 2 for score in scores) / len(scores))
    return [(score - mean) / deviation if deviation else 0.0 for score in scores]
