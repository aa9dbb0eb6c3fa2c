"""What a second look at the passages found is worth: nDCG@10 of the fused order, of the default, of a cross-encoder.

    python -m benchmarks.reranking ../shared/data/retrieval/scifact [FOLDER …] [--model NAME_OR_FOLDER]
    python -m benchmarks.reranking ../shared/data/retrieval/{xquad-en,anthropic-docs} --part odd

Folders are in BEIR layout; of sets that constants were fitted on, the odd half of the questions is what counts. Each
question is embedded before it is timed: `ms` is the median of a search without that, over all questions.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.beir import load_beir
from tillhand_rag.adapters.embedding.cores import available_cores
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.adapters.reranking import CrossEncoderReranker
from tillhand_rag.app import KnowledgeBase
from tillhand_rag.app.evaluations import beir_upload
from tillhand_rag.commands.evaluating import PARTS, ingest_all, own_collection
from tillhand_rag.domain.evaluation import evaluate_retrieval, part_of
from tillhand_rag.domain.query import Query
from tillhand_rag.ports.reranking import Judged, Reranker, RerankerState
from tillhand_rag.service.evaluating import COLLECTION
from tillhand_rag.service.search import Search

DEEP = 100
SHOWN = 10


class AsFound:
    """No second look at all."""

    name = "as found"
    depth = 1
    state: RerankerState = "ready"

    async def rerank(self, query: str, passages: Sequence[Judged]) -> Sequence[float]:
        """All alike: the order stays."""
        del query
        return [0.0] * len(passages)


async def main() -> None:
    """Print a row for each folder and order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--split", default="test")
    parser.add_argument("--part", choices=PARTS, default="all")
    parser.add_argument("--model", help="A cross-encoder by its sentence-transformers name or folder.")
    options = parser.parse_args()
    orders: dict[str, Reranker | None] = {"as found": AsFound(), "by words": None}
    if options.model:
        model = CrossEncoderReranker(options.model, threads=available_cores())
        await model.start()
        await model.loaded()
        orders[options.model] = model
    print(f"{'':16}{'order':24}{'ndcg@10':>9}{'ms':>8}")
    for folder in options.folders:
        async with own_collection() as base:
            await measure(base, folder, options, orders)


async def measure(
    base: KnowledgeBase, folder: Path, options: argparse.Namespace, orders: dict[str, Reranker | None]
) -> None:
    """Read a folder in, and ask its questions in each order."""
    data = load_beir(folder, options.split)
    queries = [query for query in data.queries if options.part in {"all", part_of(query.id)}]
    await ingest_all(base, [beir_upload(document) for document in data.documents], lambda _: None)
    index = base.indexes.of(COLLECTION)
    for name, reranker in orders.items():
        observer = PrometheusObserver(Metrics("reranking"))
        search = Search(store=index.store, embedder=index.embedder, observer=observer, reranker=reranker)
        times: list[float] = []

        async def found(text: str, search: Search = search, times: list[float] = times) -> Sequence[str]:
            vector = (await index.embedder.embed([text]))[0]
            started = time.perf_counter()
            await search.search(Query(text, COLLECTION, "hybrid", top_k=SHOWN), vector=vector)
            times.append((time.perf_counter() - started) * 1e3)
            deep = await search.search(Query(text, COLLECTION, "hybrid", top_k=DEEP), vector=vector)
            return [passage.chunk.source for passage in deep.passages]

        report = await evaluate_retrieval(found, queries, data.qrels)
        print(f"{folder.name:16}{name[-23:]:24}{report['ndcg@10']:9.4f}{statistics.median(times):8.2f}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
