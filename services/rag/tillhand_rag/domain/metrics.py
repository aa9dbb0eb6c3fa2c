"""Measures of ranked lists and of answers, as the field computes them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

Grades = Mapping[str, int]
"""Document id to graded relevance of one query; 0 and below is judged not relevant."""


def ndcg(ranking: Sequence[str], grades: Grades, k: int) -> float:
    """Normalised discounted cumulative gain at `k`, 0 to 1; 0 when nothing is relevant.

    trec_eval's `ndcg_cut` (Järvelin and Kekäläinen 2002): the gain is the grade itself, the discount log2(rank + 1),
    and the ideal ranks every relevant document that was judged, found or not.
    """
    ideal = _discounted(sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k])
    return _discounted([max(0, grades.get(document, 0)) for document in ranking[:k]]) / ideal if ideal else 0.0


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def recall(ranking: Sequence[str], grades: Grades, k: int) -> float:
    """The share of the relevant documents that are among the first `k`; 0 when nothing is relevant."""
    relevant = {document for document, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Grades) -> float:
    """One over the rank of the first relevant document, in the whole list; 0 when there is none."""
    ranks = (rank for rank, document in enumerate(ranking, start=1) if grades.get(document, 0) > 0)
    return 1.0 / next(ranks, math.inf)


def percentile(values: Sequence[float], percent: float) -> float:
    """The percentile, interpolated linearly between neighbours (Hyndman and Fan's type 7); 0 of nothing."""
    return float(np.percentile(values, percent)) if values else 0.0


def answer_in_quote(quotes: Sequence[str], answers: Sequence[str], k: int) -> bool:
    """Whether one of the answers stands inside one of the first `k` quotes; white space counts as one blank."""
    read = [_plain(quote) for quote in quotes[:k]]
    return any(_plain(answer) in quote for answer in answers for quote in read)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def distinct(documents: Sequence[str]) -> list[str]:
    """A ranking of documents from a ranking of their passages: each document where its best passage stands."""
    return list(dict.fromkeys(documents))
