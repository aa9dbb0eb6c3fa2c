"""Measures the routes on this machine and ranks them; those that leave the reference's space are refused."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from tillhand_rag.adapters.embedding.encoder import Run
from tillhand_rag.adapters.embedding.grouping import padded
from tillhand_rag.adapters.embedding.manifest import SAMPLES_FILE, RouteFigures, RouteName
from tillhand_rag.adapters.embedding.model import BULK_TOKENS
from tillhand_rag.adapters.embedding.routes import open_route
from tillhand_rag.adapters.embedding.samples import QUESTIONS, passages, samples
from tillhand_rag.adapters.embedding.tokenizer import ModelTokenizer
from tillhand_rag.ports.embedding import Vectors

ROUNDS: Final = 5
_QUESTIONS_PER_ROUND: Final = 24
_BATCHES_PER_WORKER: Final = 2
_PASSAGES_PER_BATCH: Final = 5


@dataclass
class _Measured:
    """One route, opened, and its times so far: seconds per question, passages per second."""

    route: RouteName
    interactive: Run
    bulk: Sequence[Run]
    load_s: float
    questions: list[float] = field(default_factory=list)
    passages: list[float] = field(default_factory=list)


def measure(
    routes: Sequence[RouteName], folder: Path, tokenizer: ModelTokenizer, *, threads: int
) -> list[RouteFigures]:
    """Figures of each route, fastest first.

    Rounds alternate between the routes, so that a busy moment of the machine touches all of them. Rank is the
    product of question time and time per passage: both count, whatever their scales.
    """
    opened = [_open(route, folder, threads) for route in routes]
    expected = np.load(folder / SAMPLES_FILE)
    figures = {
        one.route: min(lowest_cosine(run, tokenizer, expected) for run in (one.interactive, one.bulk[0]))
        for one in opened
    }
    for _ in range(ROUNDS):
        for one in opened:
            _time_questions(one, tokenizer)
            _time_passages(one, tokenizer)
    measured = [
        RouteFigures(
            route=one.route,
            query_p50_ms=round(statistics.median(one.questions) * 1e3, 2),
            passages_per_s=round(max(one.passages), 1),
            lowest_cosine=round(figures[one.route], 6),
            load_s=round(one.load_s, 2),
        )
        for one in opened
    ]
    return sorted(measured, key=lambda one: one.query_p50_ms / one.passages_per_s)


def lowest_cosine(run: Run, tokenizer: ModelTokenizer, expected: Vectors) -> float:
    """The lowest cosine to the reference over the samples, each alone and all of them padded together."""
    rows = [text.ids for text in tokenizer.encode(samples())]
    limit = max(len(row) for row in rows)
    alone = np.stack([run(*padded([row], limit=limit, pad=tokenizer.pad))[0] for row in rows])
    together = run(*padded(rows, limit=limit, pad=tokenizer.pad))
    return float(min((vectors * expected).sum(axis=1).min() for vectors in (alone, together)))


def _open(route: RouteName, folder: Path, threads: int) -> _Measured:
    started = time.perf_counter()
    encoder = open_route(route, folder, threads=threads)
    interactive = encoder.open_interactive()
    load_s = time.perf_counter() - started
    return _Measured(route, interactive, encoder.open_bulk(), load_s)


def _time_questions(one: _Measured, tokenizer: ModelTokenizer) -> None:
    rows = [text.ids for text in tokenizer.encode(QUESTIONS)]
    for index in range(_QUESTIONS_PER_ROUND):
        started = time.perf_counter()
        one.interactive(*padded([rows[index % len(rows)]], limit=BULK_TOKENS, pad=tokenizer.pad))
        one.questions.append(time.perf_counter() - started)


def _time_passages(one: _Measured, tokenizer: ModelTokenizer) -> None:
    rows = [text.ids for text in tokenizer.encode(passages(_PASSAGES_PER_BATCH))]
    batch = padded(rows, limit=BULK_TOKENS, pad=tokenizer.pad)

    def work(run: Run) -> None:
        for _ in range(_BATCHES_PER_WORKER):
            run(*batch)

    with ThreadPoolExecutor(len(one.bulk)) as workers:
        started = time.perf_counter()
        list(workers.map(work, one.bulk))
        seconds = time.perf_counter() - started
    one.passages.append(_PASSAGES_PER_BATCH * _BATCHES_PER_WORKER * len(one.bulk) / seconds)
