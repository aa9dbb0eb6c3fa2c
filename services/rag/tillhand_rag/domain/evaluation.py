"""Measuring search and quotes on the queries of a test collection, whatever serves them."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal, TypeVar

from tillhand_rag.domain.metrics import Grades, answer_in_quote, distinct, ndcg, percentile, recall, reciprocal_rank

QUOTES = (1, 3)
"""The places up to which an answer is looked for in the quotes."""
Report = dict[str, float]
_Given = TypeVar("_Given")


class InvalidData(Exception):
    """A file of questions or documents that cannot be read; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query of a test collection. `answers`, where known, are words any of which a quote must hold."""

    id: str
    text: str
    answers: tuple[str, ...] = ()


def part_of(query_id: str) -> Literal["even", "odd"]:
    """Which half a question is in: the even half may be tuned on, the odd half is reported."""
    return "odd" if int(hashlib.sha256(query_id.encode()).hexdigest(), 16) % 2 else "even"


async def evaluate_retrieval(
    search: Callable[[str], Awaitable[Sequence[str]]],
    queries: Sequence[JudgedQuery],
    qrels: Mapping[str, Grades],
    ks: Sequence[int] = (10, 100),
    *,
    timed: Callable[[str], Awaitable[object]] | None = None,
    answer: Callable[[str], Awaitable[Sequence[str]]] | None = None,
) -> Report:
    """Means over the queries that were judged.

    `search` gives document ids, best first; of several passages of a document the best one counts. `answer` gives
    quotes, best first, and is asked the queries whose answers are known. `p50_ms` and `p95_ms` are of `timed`, which
    asks as users do, or else of `search`; queries run one after another, so they are times of a quiet system. Raises
    `ValueError` when no query was judged.
    """
    judged = [query for query in queries if query.id in qrels]
    if not judged:
        raise ValueError("none of the queries is judged")
    scores: defaultdict[str, list[float]] = defaultdict(list)
    times: list[float] = []
    for query in judged:
        first_ms = 0.0 if timed is None else (await _timed(timed, query.text))[1]  # before a cache knows the query
        found, elapsed_ms = await _timed(search, query.text)
        times.append(first_ms if timed else elapsed_ms)
        for name, value in _ranked(distinct(found), qrels[query.id], ks).items():
            scores[name].append(value)
    report = {name: fmean(values) for name, values in scores.items()} | _times(times, "")
    return report | {"queries": len(judged)} | (await _answers(answer, judged) if answer else {})


def _ranked(ranking: Sequence[str], grades: Grades, ks: Sequence[int]) -> Report:
    cut = {f"ndcg@{k}": ndcg(ranking, grades, k) for k in ks} | {f"recall@{k}": recall(ranking, grades, k) for k in ks}
    return cut | {"mrr": reciprocal_rank(ranking, grades)}


async def _answers(answer: Callable[[str], Awaitable[Sequence[str]]], queries: Sequence[JudgedQuery]) -> Report:
    scores: defaultdict[str, list[float]] = defaultdict(list)
    times: list[float] = []
    for query in queries:
        if query.answers:
            quotes, elapsed_ms = await _timed(answer, query.text)
            times.append(elapsed_ms)
            for k in QUOTES:
                scores[f"answer_in_quote@{k}"].append(answer_in_quote(quotes, query.answers, k))
    if not times:
        return {}
    return {name: fmean(values) for name, values in scores.items()} | _times(times, "answer_")


async def _timed(ask: Callable[[str], Awaitable[_Given]], text: str) -> tuple[_Given, float]:
    started = time.perf_counter()
    given = await ask(text)
    return given, (time.perf_counter() - started) * 1e3


def _times(times_ms: Sequence[float], prefix: str) -> Report:
    return {f"{prefix}p50_ms": percentile(times_ms, 50), f"{prefix}p95_ms": percentile(times_ms, 95)}
