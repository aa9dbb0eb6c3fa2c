"""What size costs: the same questions to a small and a large collection, searched by meaning, by words, and by both.

    python -m benchmarks.collection_size [--chunks 5000 50000] [--queries 200] [--rounds 3] [--whole]
                                         [--json]

Texts and vectors are those of `benchmarks/filtered_search.py`; a question's vector is known beforehand, as from the
embedding cache, so that finding is what is measured. With `--whole` the default model embeds each question anew, as for
whoever asks it first. Each question goes to both collections in turn. Prints the p50 and
p95 in milliseconds, each the lowest of the rounds, and how they grow. The bound that we promise: 1.5 times.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.filtered_search import COLLECTION, TOP_K, Corpus, filled
from tillhand_common.metrics import Metrics
from tillhand_common.settings import load
from tillhand_rag.adapters.embedding.loading import load_model
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.adapters.embedding.model import ModelEmbedder
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.domain.query import MODES, Query
from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.service.search import Search
from tillhand_rag.settings import RagSettings

PERCENTILES = (50, 95)
WARM_UP = 20

Times = dict[str, dict[int, list[float]]]
Figures = dict[str, dict[int, dict[str, float]]]


class Known:
    """An embedder that knows the vectors of the questions; a `model` is asked all the same, for the time it takes."""

    def __init__(self, vectors: Mapping[str, Vectors], model: ModelEmbedder | None) -> None:
        self._vectors = vectors
        self._model = model

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:  # noqa: ARG002  # the port has it
        if self._model is not None:
            await self._model.embed(texts)
        return np.stack([self._vectors[text] for text in texts])


async def measured(sizes: Sequence[int], queries: int, rounds: int, *, whole: bool) -> Figures:
    """The percentiles of each mode for each size."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        corpus = Corpus()
        asked = dict(corpus.queries(queries))
        model = load_model(load(RagSettings), EmbeddingMetrics(Metrics("size"))) if whole else None
        if model is not None:
            await model.start()
            stack.push_async_callback(model.close)
        embedder: Any = Known(asked, model)
        searches = {}
        for size in sizes:
            store = await filled(folder / str(size), corpus, size)
            stack.push_async_callback(store.close)
            searches[size] = Search(store=store, embedder=embedder, observer=PrometheusObserver(Metrics("size")))
        await timed(searches, list(asked)[:WARM_UP])
        return lowest([await timed(searches, list(asked)) for _ in range(rounds)])


async def timed(searches: Mapping[int, Search], questions: Sequence[str]) -> Times:
    """Milliseconds of each question in each mode, asked of each collection in turn."""
    times: Times = {mode: {size: [] for size in searches} for mode in MODES}
    for question in questions:
        for mode in MODES:
            query = Query(question, COLLECTION, mode, top_k=TOP_K)
            for size, search in searches.items():
                started = time.perf_counter()
                await search.search(query)
                times[mode][size].append((time.perf_counter() - started) * 1e3)
    return times


def lowest(rounds: Sequence[Times]) -> Figures:
    """Each percentile in the round in which it was lowest: the one that the machine disturbed least."""
    return {
        mode: {
            size: {
                f"p{percentile}_ms": min(float(np.percentile(times[mode][size], percentile)) for times in rounds)
                for percentile in PERCENTILES
            }
            for size in by_size
        }
        for mode, by_size in rounds[0].items()
    }


def growth(figures: Figures) -> dict[str, dict[str, float]]:
    """The largest collection's percentiles as multiples of the smallest one's."""
    return {
        mode: {name: by_size[max(by_size)][name] / by_size[min(by_size)][name] for name in by_size[min(by_size)]}
        for mode, by_size in figures.items()
    }


def table(figures: Figures) -> str:
    """The figures as text."""
    lines = [f"{'mode':<10}{'chunks':>10}{'p50 ms':>10}{'p95 ms':>10}{'p50 grows':>12}{'p95 grows':>12}"]
    for mode, grown in growth(figures).items():
        for size, row in figures[mode].items():
            lines.append(f"{mode:<10}{size:>10,}{row['p50_ms']:>10.2f}{row['p95_ms']:>10.2f}")
        lines[-1] += f"{grown['p50_ms']:>12.2f}{grown['p95_ms']:>12.2f}"
    return "\n".join([*lines, f"load average: {os.getloadavg()[0]:.1f}"])


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, nargs=2, default=[5_000, 50_000], metavar=("SMALL", "LARGE"))
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--whole", action="store_true", help="embed each question, as for whoever asks it first")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = asyncio.run(measured(sorted(options.chunks), options.queries, options.rounds, whole=options.whole))
    print(json.dumps({"figures": figures, "growth": growth(figures)}, indent=2) if options.json else table(figures))


if __name__ == "__main__":
    main()
