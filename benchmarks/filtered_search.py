"""What a filter costs: the store's searches with filters of 1, 10 and 50 %, against the same without, and plain Chroma.

    python benchmarks/filtered_search.py [--chunks 20000 100000] [--queries 200] [--without-chroma] [--json]

Vectors and texts are made up: vectors crowd around topics and along few axes, as those of an embedder do; words are
drawn from topics and from a Zipf-Mandelbrot distribution. Every fourth passage holds its most frequent word, which is
how it is when stop words are left out. Prints the p50 in milliseconds, its ratio to the unfiltered p50, and the memory
that the process holds once the store is filled.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from tillhand_rag.domain.documents import AttributeValue, Chunk, IndexedDocument, ParsedDocument
from tillhand_rag.domain.filters import Condition, Filter
from tillhand_rag.domain.fusion import fuse
from tillhand_rag.ports.embedding import EmbeddingSpace, Vectors
from tillhand_rag.store import Store, open_store

DIMENSION = 384
TOPICS = 500
VOCABULARY = 30_000
WORDS_PER_CHUNK = 90
CHUNKS_PER_DOCUMENT = 5
DEPTH = 200
TOP_K = 10
PUT_TOGETHER = 200
SHARES = {"1 %": 100, "10 %": 10, "50 %": 2}
COLLECTION = "bench"

Figures = dict[str, dict[str, float]]


class Corpus:
    """Made-up documents and queries."""

    def __init__(self, seed: int = 20_26) -> None:
        self._rng = np.random.default_rng(seed)
        spectrum = np.geomspace(1.0, 0.03, DIMENSION)
        self._topics = self._rng.standard_normal((TOPICS, DIMENSION)) * spectrum
        self._spectrum = spectrum
        frequency = 1.0 / (np.arange(VOCABULARY) + 40.0) ** 1.1
        self._cumulated = np.cumsum(frequency / frequency.sum())
        self._topic_words = self._rng.integers(500, VOCABULARY, (TOPICS, 60))

    def vectors(self, topics: NDArray[np.int64]) -> Vectors:
        """One unit vector near each of these topics."""
        raw = self._topics[topics] + 0.8 * self._rng.standard_normal((len(topics), DIMENSION)) * self._spectrum
        unit: Vectors = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def text(self, topic: int, words: int) -> str:
        """Words of a topic among common ones."""
        common = np.minimum(np.searchsorted(self._cumulated, self._rng.random(words)), VOCABULARY - 1)
        own = self._rng.choice(self._topic_words[topic], words)
        chosen = np.where(self._rng.random(words) < 0.3, own, common)
        return " ".join(f"w{number}" for number in chosen)

    def document(self, number: int) -> IndexedDocument:
        """Five chunks, with attributes that select known shares of all documents."""
        topics = self._rng.integers(0, TOPICS, CHUNKS_PER_DOCUMENT)
        passages = [self.text(int(topic), WORDS_PER_CHUNK) for topic in topics]
        starts = np.cumsum([0, *[len(passage) + 1 for passage in passages]])
        chunks = [
            Chunk(ordinal, int(starts[ordinal]), int(starts[ordinal]) + len(passage), (), None, "", 1)
            for ordinal, passage in enumerate(passages)
        ]
        attributes: dict[str, AttributeValue] = {name: number % every == 0 for name, every in SHARES.items()}
        parsed = ParsedDocument(f"w{number}", "\n".join(passages), "text/plain", attributes=attributes)
        return IndexedDocument(f"d{number}", f"s{number}", parsed, chunks, self.vectors(topics).tobytes())

    def queries(self, count: int) -> list[tuple[str, Vectors]]:
        """Questions of eight words about a topic each."""
        topics = self._rng.integers(0, TOPICS, count)
        vectors = self.vectors(topics)
        return [(self.text(int(topic), 8), vector) for topic, vector in zip(topics, vectors, strict=True)]


async def filled(folder: Path, corpus: Corpus, chunks: int) -> Store:
    """A store of so many chunks whose indexes have settled."""
    space = EmbeddingSpace("bench", "made-up", "1", "onnxruntime", "float32", DIMENSION, 256, 1)
    store = await open_store(folder, space)
    documents = chunks // CHUNKS_PER_DOCUMENT
    for first in range(0, documents, PUT_TOGETHER):
        await store.put(
            COLLECTION, [corpus.document(number) for number in range(first, min(first + PUT_TOGETHER, documents))]
        )
        say(f"  put {first * CHUNKS_PER_DOCUMENT} of {chunks} chunks", end="\r")
    say("  waiting for the vector index to catch up", end="\r")
    await store.settled()
    return store


async def measured(store: Store, queries: Sequence[tuple[str, Vectors]]) -> Figures:
    """The p50 of each mode, without a filter and with each."""
    filters: dict[str, Filter] = {"none": ()} | {name: [Condition(name, "eq", True)] for name in SHARES}
    modes: dict[str, Callable[[str, Vectors, Filter], Awaitable[object]]] = {
        "dense": lambda _, vector, where: store.dense(COLLECTION, vector, where=where, limit=DEPTH),
        "keyword": lambda text, _, where: store.keyword(COLLECTION, text, where=where, limit=DEPTH),
        "hybrid": lambda text, vector, where: hybrid(store, text, vector, where),
    }
    times: dict[str, dict[str, list[float]]] = {mode: {name: [] for name in filters} for mode in modes}
    for text, vector in queries:
        for mode, search in modes.items():
            for name, where in filters.items():
                started = time.perf_counter()
                await search(text, vector, where)
                times[mode][name].append((time.perf_counter() - started) * 1e3)
    return {mode: {name: median(each) for name, each in by_filter.items()} for mode, by_filter in times.items()}


async def hybrid(store: Store, text: str, vector: Vectors, where: Filter) -> object:
    """As the service searches: both lists, fused, and the passages of the best."""
    near, worded = await asyncio.gather(
        store.dense(COLLECTION, vector, where=where, limit=DEPTH),
        store.keyword(COLLECTION, text, where=where, limit=DEPTH),
    )
    return await store.chunks(COLLECTION, [found.chunk_id for found in fuse(near, worded, TOP_K)])


def plain_chroma(folder: Path, corpus: Corpus, chunks: int, queries: Sequence[tuple[str, Vectors]]) -> dict[str, float]:
    """The p50 of Chroma's own query, ten results, without a filter and with its `where`."""
    import chromadb  # noqa: PLC0415  # not needed when it is left out

    client = chromadb.PersistentClient(str(folder), settings=chromadb.Settings(anonymized_telemetry=False))
    collection = client.create_collection(
        COLLECTION, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
    )
    for first in range(0, chunks, 1_000):
        numbers = range(first, min(first + 1_000, chunks))
        vectors = corpus.vectors(np.random.default_rng(first).integers(0, TOPICS, len(numbers)))
        collection.add(
            ids=[str(number) for number in numbers],
            embeddings=vectors,
            metadatas=[{name: number % every == 0 for name, every in SHARES.items()} for number in numbers],
        )
        say(f"  filling plain Chroma: {first} of {chunks} chunks", end="\r")
    found = {}
    for name in ("none", *SHARES):
        where = None if name == "none" else {name: True}
        times = []
        for _, vector in queries:
            started = time.perf_counter()
            collection.query(query_embeddings=[vector], n_results=TOP_K, where=where, include=["distances"])
            times.append((time.perf_counter() - started) * 1e3)
        found[name] = median(times)
    client.close()
    return found


async def run(chunks: int, queries: int, *, chroma: bool) -> Figures:
    """All figures for one size."""
    corpus = Corpus()
    with tempfile.TemporaryDirectory() as folder:
        store = await filled(Path(folder) / "store", corpus, chunks)
        asked = corpus.queries(queries)
        await measured(store, asked[:10])
        figures = await measured(store, asked)
        figures["memory"] = {"mib": resident_mib(), "vectors_mib": sum(map(resident_mib, children()))}
        await store.close()
        if chroma:
            figures["chroma"] = plain_chroma(Path(folder) / "chroma", corpus, chunks, asked)
    return figures


def resident_mib(process: str = "self") -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def children() -> list[str]:
    """Processes of this one: the vector index runs in one until it rests."""
    return [child for tasks in Path("/proc/self/task").glob("*/children") for child in tasks.read_text().split()]


def say(line: str, end: str = "\n") -> None:
    """Progress, beside the figures."""
    print(line.ljust(60), end=end, file=sys.stderr, flush=True)


def table(chunks: int, figures: Figures) -> str:
    """The figures of one size as text."""
    memory = figures["memory"]
    held = f"{memory['mib']:.0f} MiB resident and {memory['vectors_mib']:.0f} in the vector index's process"
    lines = [f"{chunks} chunks, {held}; p50 ms (ratio to no filter)"]
    for mode, by_filter in figures.items():
        if mode == "memory":
            continue
        cells = [f"{name}: {value:.2f} ({value / by_filter['none']:.2f})" for name, value in by_filter.items()]
        lines.append(f"  {mode:8} " + "   ".join(cells))
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--chunks", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--without-chroma", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    all_figures = {}
    for chunks in options.chunks:
        figures = asyncio.run(run(chunks, options.queries, chroma=not options.without_chroma))
        all_figures[chunks] = figures
        if not options.json:
            print(table(chunks, figures))
    if options.json:
        print(json.dumps(all_figures, indent=2))


if __name__ == "__main__":
    main()
