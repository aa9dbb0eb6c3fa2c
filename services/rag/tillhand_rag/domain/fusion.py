"""One ranking out of two: by meaning (cosine) and by words (BM25).

Each list's scores are brought to 0..1 by their own minimum and maximum, and added with weights: a convex combination,
which keeps how much better a hit is, where reciprocal ranks keep only the order (Bruch, Gai and Ingber, "An Analysis of
Fusion Functions for Hybrid Retrieval", 2023).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

DENSE_WEIGHT: Final = 0.5


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


def fuse(dense: Sequence[Scored], keyword: Sequence[Scored]) -> list[Fused]:
    """Every chunk of both lists, best first. A single list keeps its order and its scores."""
    near = {found.chunk_id: (rank, found.score) for rank, found in enumerate(dense, 1)}
    worded = {found.chunk_id: (rank, found.score) for rank, found in enumerate(keyword, 1)}
    scores = _combined(near, worded)
    fused = [
        Fused(chunk_id, score, *near.get(chunk_id, (None, None)), *worded.get(chunk_id, (None, None)))
        for chunk_id, score in scores.items()
    ]
    return sorted(fused, key=lambda found: (-found.score, found.chunk_id))


_Places = Mapping[int, tuple[int, float]]


def _combined(near: _Places, worded: _Places) -> dict[int, float]:
    if not near or not worded:
        return {chunk_id: score for chunk_id, (_, score) in (near or worded).items()}
    dense, keyword = _scaled(near), _scaled(worded)
    return {
        chunk_id: DENSE_WEIGHT * dense.get(chunk_id, 0.0) + (1.0 - DENSE_WEIGHT) * keyword.get(chunk_id, 0.0)
        for chunk_id in dict.fromkeys([*near, *worded])
    }


def _scaled(places: _Places) -> dict[int, float]:
    scores = [score for _, score in places.values()]
    low, high = min(scores), max(scores)
    width = high - low
    return {chunk_id: (score - low) / width if width else 1.0 for chunk_id, (_, score) in places.items()}
