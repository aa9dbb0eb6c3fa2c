"""The sample shop's golden questions, asked of the real model: found, answered, cited exactly, nothing truncated."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding import EmbedderPool, model_builder
from tillhand_rag.adapters.goldens import load_goldens
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.app import KnowledgeBase, open_knowledge_base
from tillhand_rag.commands.evaluating import asking, ingest_all, uploads_below
from tillhand_rag.domain.goldens import LAST_QUOTE, GivenAnswer, GoldenQuestion, GoldenReport, evaluate_goldens
from tillhand_rag.domain.query import MODES, Query
from tillhand_rag.service.answering import Cited
from tillhand_rag.service.asking import given_answer
from tillhand_rag.service.evaluating import COLLECTION
from tillhand_rag.settings import RagSettings

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SHOWN = re.compile(r'^\$ tillhand ask "([^"]+)"\n(.+)$', re.MULTILINE)
"""A question to the sample shop, and the first line of what is printed."""
LOWEST_ACCURACY = 0.82
LOWEST_PRECISION = 0.92
LOWEST_QUOTE_HIT_AT_3 = 0.82
LOWEST_SOURCE_FOUND_AT_5 = 0.95


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
    embedders = EmbedderPool(model_builder(settings.of_model, metrics))
    async with open_knowledge_base(settings, embedders, PrometheusObserver(metrics)) as base:
        yield Shop(base, metrics)


@dataclass(frozen=True)
class Ingested:
    """The samples, read into a folder once for the tests of this file."""

    data_dir: Path
    truncated_tokens: float


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ingested(prepared_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    data_dir = tmp_path_factory.mktemp("shop")
    async with sample_shop(data_dir, prepared_model) as shop:
        await ingest_all(shop.base, uploads_below(SAMPLES), lambda _: None)
        return Ingested(data_dir, shop.counted("rag_truncated_tokens_total"))


async def test_the_golden_questions_are_answered_from_exact_citations(prepared_model: Path, ingested: Ingested) -> None:
    async with sample_shop(ingested.data_dir, prepared_model) as shop:

        async def ask(golden: GoldenQuestion) -> GivenAnswer:
            answered = await shop.base.answering.answer(asking(shop.base).query(golden), max_citations=LAST_QUOTE)
            assert bool(answered.citations) == answered.answered
            for cited in answered.citations:
                await assert_exact(shop.base, cited)
            return given_answer(answered)

        report = await evaluate_goldens(ask, load_goldens(SAMPLES / "goldens.yaml"))
        assert ingested.truncated_tokens + shop.counted("rag_truncated_tokens_total") == 0
    print_failures(report)
    tally = report.overall
    assert tally.accuracy >= LOWEST_ACCURACY
    assert tally.precision >= LOWEST_PRECISION
    assert tally.quote_hit_3 >= LOWEST_QUOTE_HIT_AT_3


async def test_the_readme_shows_what_the_sample_shop_answers(prepared_model: Path, ingested: Ingested) -> None:
    shown = SHOWN.findall((SAMPLES.parent / "README.md").read_text("utf-8"))
    assert shown
    async with sample_shop(ingested.data_dir, prepared_model) as shop:
        for question, first in shown:
            query = Query(question, collection=COLLECTION)
            answered = await shop.base.answering.answer(query, max_citations=LAST_QUOTE)
            assert (answered.text or "Not in the sources.") == first


async def test_hybrid_search_finds_the_source_at_least_as_often_as_the_better_of_its_lists(
    prepared_model: Path, ingested: Ingested
) -> None:
    answerable = [golden for golden in load_goldens(SAMPLES / "goldens.yaml") if golden.answerable]
    async with sample_shop(ingested.data_dir, prepared_model) as shop:
        found = {mode: await asking(shop.base, mode).source_found(answerable) for mode in MODES}
    assert found["hybrid"] >= max(found["dense"], found["keyword"])
    assert found["hybrid"] >= LOWEST_SOURCE_FOUND_AT_5


async def test_reading_the_same_files_again_embeds_nothing(prepared_model: Path, tmp_path: Path) -> None:
    files = [upload for upload in uploads_below(SAMPLES) if upload.source.startswith("documents/policies/")]
    async with sample_shop(tmp_path, prepared_model) as shop:
        await ingest_all(shop.base, files, lambda _: None)
        embedded = shop.counted("rag_embedded_texts_total")
        assert embedded > 0
        await ingest_all(shop.base, files, lambda _: None)
        await shop.base.indexes.of(COLLECTION).store.delete_collection(COLLECTION)
        await ingest_all(shop.base, files, lambda _: None)
        assert shop.counted("rag_embedded_texts_total") == embedded


async def assert_exact(base: KnowledgeBase, cited: Cited) -> None:
    """Check a quote against the stored text."""
    stored = await base.store.text(COLLECTION, cited.chunk.document_id)
    assert stored is not None
    assert stored.version == cited.chunk.version
    assert stored.text[cited.start : cited.end] == cited.quote


def print_failures(report: GoldenReport) -> None:
    """What pytest shows when a threshold is missed."""
    for failure in report.failures:
        print(f"{failure.problem}: {failure.question} ({failure.confidence:.2f}) {failure.quotes[:1]}")  # noqa: T201  # shown on failure
