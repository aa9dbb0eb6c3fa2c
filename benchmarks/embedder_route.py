"""One route of `benchmarks/embedder.py`, measured in this process; prints a line of JSON.

python benchmarks/embedder_route.py ROUTE [--passages 160] [--scifact DIR] [--started UNIX_TIME]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol, cast

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded

import numpy as np

from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.beir import load_beir
from tillhand_rag.adapters.embedding.cores import available_cores
from tillhand_rag.adapters.embedding.loading import space_of
from tillhand_rag.adapters.embedding.manifest import (
    SAMPLES_FILE,
    TOKENIZER_FILE,
    Manifest,
    RouteName,
    artefact_folder,
    read_manifest,
)
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.adapters.embedding.model import ModelEmbedder
from tillhand_rag.adapters.embedding.model_files import find_default_model
from tillhand_rag.adapters.embedding.routes import open_route
from tillhand_rag.adapters.embedding.samples import passages, samples
from tillhand_rag.adapters.embedding.tokenizer import ModelTokenizer
from tillhand_rag.domain.metrics import ndcg, percentile
from tillhand_rag.ports.embedding import Vectors

PLAIN: Final = {"sentence-transformers": "float32", "sentence-transformers-bfloat16": "bfloat16"}
QUESTIONS: Final = 120
WARM_UP: Final = 10
ROUNDS: Final = 3

MODEL_DIR: Final = Path(os.environ.get("TILLHAND_MODEL_DIR", Path(sys.prefix) / "share" / "tillhand" / "models"))


class Embeds(Protocol):
    """What is measured."""

    async def embed(self, texts: Sequence[str]) -> Vectors: ...

    async def close(self) -> None: ...


class Plain:
    """`SentenceTransformer.encode` with its defaults: batches of 32, sorted by length."""

    def __init__(self, dtype: str) -> None:
        import sentence_transformers  # noqa: PLC0415  # torch must not be in the other routes' processes
        import torch  # noqa: PLC0415  # as above
        import transformers  # noqa: PLC0415  # as above

        transformers.utils.logging.disable_progress_bar()
        folder = str(find_default_model().folder)
        self._model = sentence_transformers.SentenceTransformer(
            folder, device="cpu", model_kwargs={"dtype": getattr(torch, dtype)}
        )

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.encode(list(texts), show_progress_bar=False), dtype=np.float32)

    async def close(self) -> None:
        """Nothing to release."""


def manifest() -> Manifest:
    """What set-up made."""
    found = read_manifest(artefact_folder(MODEL_DIR))
    if found is None:
        sys.exit("The model has not been prepared: run `tillhand rag prepare`.")
    return found


async def open_embedder(route: str) -> Embeds:
    """The route's embedder, loaded, without a cache."""
    if route in PLAIN:
        return Plain(PLAIN[route])
    folder, made, name = artefact_folder(MODEL_DIR), manifest(), cast("RouteName", route)
    encoder = open_route(name, folder, threads=available_cores())
    tokenizer = ModelTokenizer.load(folder / TOKENIZER_FILE, max_tokens=made.max_tokens)
    space = space_of(made, name, encoder.precision, available_cores())
    embedder = ModelEmbedder(encoder, tokenizer, space, EmbeddingMetrics(Metrics("benchmark")))
    await embedder.start()
    return embedder


async def measure(route: str, count: int, started: float) -> dict[str, object]:
    """One route's figures."""
    embedder = await open_embedder(route)
    await embedder.embed(["the first question"])
    first_answer_s, loaded_mb = time.time() - started, resident_mb()
    questions = [await timed_ms(embedder, f"what is known about part {number}?") for number in range(QUESTIONS)]
    rates = [await throughput(embedder, count) for _ in range(ROUNDS)]
    report = {
        "route": route,
        "query_p50_ms": round(statistics.median(questions[WARM_UP:]), 2),
        "query_p95_ms": round(percentile(questions[WARM_UP:], 95), 2),
        "passages_per_s": round(max(clock for clock, _ in rates), 1),
        "passages_per_cpu_s": round(max(processor for _, processor in rates), 1),
        "lowest_cosine": round(await lowest_cosine(embedder), 6),
        "first_answer_s": round(first_answer_s, 2),
        "rss_loaded_mb": round(loaded_mb),
        "rss_mb": round(resident_mb()),
    }
    await embedder.close()
    return report


async def dense_ndcg(route: str, folder: Path) -> dict[str, object]:
    """nDCG@10 of exact dense search over whole documents, cut at the model's limit."""
    data = load_beir(folder)
    embedder = await open_embedder(route)
    started = time.perf_counter()
    documents = await embedder.embed([f"{one.title} {one.text}".strip() for one in data.documents])
    seconds = time.perf_counter() - started
    questions = await embedder.embed([query.text for query in data.queries])
    await embedder.close()
    rankings = np.argsort(-(questions @ documents.T), axis=1)[:, :10]
    scores = [
        ndcg([data.documents[index].id for index in ranking], data.qrels[query.id], 10)
        for query, ranking in zip(data.queries, rankings, strict=True)
    ]
    rate = round(len(documents) / seconds, 1)
    return {"route": route, "ndcg@10": round(statistics.mean(scores), 4), "documents_per_s": rate}


async def timed_ms(embedder: Embeds, text: str) -> float:
    """Milliseconds of one question."""
    started = time.perf_counter()
    await embedder.embed([text])
    return (time.perf_counter() - started) * 1e3


async def throughput(embedder: Embeds, count: int) -> tuple[float, float]:
    """Passages per second by the clock, and by the processor time that they took, spread over the cores."""
    texts = passages(count)
    started, used = time.perf_counter(), time.process_time()
    await embedder.embed(texts)
    elapsed, used = time.perf_counter() - started, time.process_time() - used
    return count / elapsed, count * available_cores() / used


async def lowest_cosine(embedder: Embeds) -> float:
    """To the reference's vectors of the samples, stored at export."""
    vectors = await embedder.embed(samples())
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return float((vectors * np.load(artefact_folder(MODEL_DIR) / SAMPLES_FILE)).sum(axis=1).min())


def resident_mb() -> float:
    """Resident memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("route")
    parser.add_argument("--passages", type=int, default=160)
    parser.add_argument("--scifact", type=Path, metavar="DIR")
    parser.add_argument("--started", type=float, default=time.time())
    given = parser.parse_args()
    work = (
        dense_ndcg(given.route, given.scifact) if given.scifact else measure(given.route, given.passages, given.started)
    )
    print(json.dumps(asyncio.run(work)))


if __name__ == "__main__":
    main()
