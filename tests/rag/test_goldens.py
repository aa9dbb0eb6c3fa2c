"""The sample shop's golden questions, asked of the real model: answered well, cited exactly, nothing truncated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding import build_embedder
from tillhand_rag.adapters.goldens import load_goldens
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.app import KnowledgeBase, open_knowledge_base
from tillhand_rag.commands.evaluate import COLLECTION, ask_golden, ingest_all, uploads_below
from tillhand_rag.domain.goldens import GoldenReport, evaluate_goldens
from tillhand_rag.domain.query import Query
from tillhand_rag.settings import RagSettings

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
LOWEST_ACCURACY = 0.82
LOWEST_PRECISION = 0.92
LOWEST_QUOTE_HIT_AT_3 = 0.82


@dataclass
class Shop:
    """The sample shop in a knowledge base of its own."""

    base: KnowledgeBase
    metrics: Metrics

    def counted(self, series: str) -> float:
        """The present value of a series without labels."""
        line = next(line for line in self.metrics.render().decode().splitlines() if line.startswith(f"{series} "))
        return float(line.split()[1])


@asynccontextmanager
async def sample_shop(data_dir: Path, model_dir: Path) -> AsyncIterator[Shop]:
    settings = RagSettings(data_dir=data_dir, model_dir=model_dir)
    metrics = Metrics("test")
    embedder = build_embedder(settings, metrics)
    async with open_knowledge_base(settings, embedder, PrometheusObserver(metrics)) as base:
        yield Shop(base, metrics)


async def test_the_golden_questions_are_answered_from_exact_citations(prepared_model: Path, tmp_path: Path) -> None:
    goldens = load_goldens(SAMPLES / "goldens.yaml")
    async with sample_shop(tmp_path, prepared_model) as shop:
        await ingest_all(shop.base, uploads_below(SAMPLES), lambda _: None)
        report = await evaluate_goldens(lambda golden: ask_golden(shop.base, golden), goldens)
        checked = [await citations_are_exact(shop.base, golden.question) for golden in goldens[::4]]
        assert shop.counted("rag_truncated_tokens_total") == 0
    assert sum(checked) > 20
    print_failures(report)
    tally = report.overall
    assert tally.accuracy >= LOWEST_ACCURACY
    assert tally.precision >= LOWEST_PRECISION
    assert tally.quote_hit_3 >= LOWEST_QUOTE_HIT_AT_3


async def test_reading_the_same_files_again_embeds_nothing(prepared_model: Path, tmp_path: Path) -> None:
    files = [upload for upload in uploads_below(SAMPLES) if upload.source.startswith("documents/policies/")]
    async with sample_shop(tmp_path, prepared_model) as shop:
        await ingest_all(shop.base, files, lambda _: None)
        embedded = shop.counted("rag_embedded_texts_total")
        assert embedded > 0
        await ingest_all(shop.base, files, lambda _: None)
        await shop.base.store.delete_collection(COLLECTION)
        await ingest_all(shop.base, files, lambda _: None)
        assert shop.counted("rag_embedded_texts_total") == embedded


async def citations_are_exact(base: KnowledgeBase, question: str) -> int:
    """Check every quote against the stored text; how many there were."""
    given = await base.answering.answer(Query(question, COLLECTION), max_citations=3)
    for cited in given.citations:
        stored = await base.store.text(COLLECTION, cited.chunk.document_id)
        assert stored is not None
        assert stored.version == cited.chunk.version
        assert stored.text[cited.start : cited.end] == cited.quote
    return len(given.citations)


def print_failures(report: GoldenReport) -> None:
    """What pytest shows when a threshold is missed."""
    for failure in report.failures:
        print(f"{failure.problem}: {failure.question} ({failure.confidence:.2f}) {failure.quotes[:1]}")  # noqa: T201  # shown on failure
