"""Texts of many callers share batches, in order, bounded, without waiting for one another longer than needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.encoder import FakeEncoder, encoder_space, expected_vectors, word_tokenizer
from tests.fakes.waiting import until
from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding.grouping import CALL_TOKENS, choose_batch, padded_length
from tillhand_rag.adapters.embedding.lane import CAPACITY
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.adapters.embedding.model import BULK_TOKENS, ModelEmbedder
from tillhand_rag.errors import EmbedderUnavailable
from tillhand_rag.ports.embedding import Vectors

PASSAGE = " ".join(f"w{number}" for number in range(100, 162))  # long enough to be no question
LONG_PASSAGE = f"{PASSAGE} {PASSAGE}"


@asynccontextmanager
async def model(
    encoder: FakeEncoder, metrics: Metrics | None = None, *, bulk_idle_s: float = 60
) -> AsyncIterator[ModelEmbedder]:
    counters = EmbeddingMetrics(metrics or Metrics("test"))
    embedder = ModelEmbedder(encoder, word_tokenizer(), encoder_space(), counters, bulk_idle_s=bulk_idle_s)
    await embedder.start()
    encoder.batches["interactive"].clear()  # those that warmed it up
    while encoder.entered.acquire(blocking=False):
        pass
    try:
        yield embedder
    finally:
        for gate in encoder.gates.values():
            gate.set()
        await embedder.close()


async def arrived(encoder: FakeEncoder, batches: int = 1) -> None:
    """Wait until this many batches are inside the model."""
    for _ in range(batches):
        assert await asyncio.to_thread(encoder.entered.acquire, timeout=10)


def words(*numbers: int) -> str:
    return " ".join(f"w{number}" for number in numbers)


def expected(text: str) -> Vectors:
    ids = np.array([word_tokenizer().encode([text])[0].ids], dtype=np.int64)
    vectors = expected_vectors(ids, np.ones_like(ids))
    return vectors.reshape(-1)


async def tokenized(metrics: Metrics, texts: int) -> None:
    """Wait until this many texts in all are on their way to the model."""
    await until(lambda: metrics.registry.get_sample_value("rag_embedded_texts_total") == texts)


async def test_each_caller_gets_its_own_vectors_in_order() -> None:
    dice = np.random.default_rng(7)
    calls = [[words(*dice.integers(500, size=dice.integers(1, 60))) for _ in range(size)] for size in range(1, 40, 2)]
    async with model(FakeEncoder()) as embedder:
        answers = await asyncio.gather(*(embedder.embed(texts) for texts in calls))
    for texts, vectors in zip(calls, answers, strict=True):
        np.testing.assert_allclose(vectors, np.stack([expected(text) for text in texts]), rtol=1e-5)


async def test_no_texts_are_no_vectors() -> None:
    async with model(FakeEncoder()) as embedder:
        assert (await embedder.embed([])).shape == (0, embedder.space.dimension)


async def test_a_lone_question_goes_alone_and_a_crowd_goes_together() -> None:
    encoder, metrics = FakeEncoder(), Metrics("test")
    async with model(encoder, metrics) as embedder:
        encoder.gates["interactive"].clear()
        first = asyncio.create_task(embedder.embed([words(1)]))
        await arrived(encoder)
        crowd = [asyncio.create_task(embedder.embed([words(number)])) for number in range(2, 12)]
        await tokenized(metrics, 11)
        encoder.gates["interactive"].set()
        await asyncio.gather(first, *crowd)
    assert encoder.batches["interactive"] == [(1, 4), (10, 4)]


async def test_no_batch_of_passages_is_larger_than_its_budget() -> None:
    encoder = FakeEncoder()
    async with model(encoder) as embedder:
        await asyncio.gather(*(embedder.embed([PASSAGE] * size) for size in (1, 7, 40, 3)))
    rows = [rows for rows, _ in encoder.batches["bulk"]]
    assert sum(rows) == 51
    assert max(rows * tokens for rows, tokens in encoder.batches["bulk"]) <= BULK_TOKENS


async def test_a_question_does_not_wait_for_passages() -> None:
    encoder = FakeEncoder()
    async with model(encoder) as embedder:
        encoder.gates["bulk"].clear()
        ingestion = asyncio.create_task(embedder.embed([PASSAGE] * 200))
        await arrived(encoder, batches=2)
        async with asyncio.timeout(10):
            vectors = await embedder.embed([words(5, 6)])
        assert not ingestion.done()
        encoder.gates["bulk"].set()
        assert (await ingestion).shape == (200, embedder.space.dimension)
    np.testing.assert_allclose(vectors[0], expected(words(5, 6)), rtol=1e-5)


async def test_short_texts_of_an_upload_do_not_stand_in_a_question_s_way() -> None:
    encoder = FakeEncoder()
    async with model(encoder) as embedder:
        await embedder.embed([words(number) for number in range(20)], bulk=True)
        assert (encoder.batches["interactive"], len(encoder.batches["bulk"])) == ([], 1)


async def test_a_cancelled_call_leaves_the_queue() -> None:
    encoder, metrics = FakeEncoder(bulk_workers=1), Metrics("test")
    async with model(encoder, metrics) as embedder:
        encoder.gates["bulk"].clear()
        running = asyncio.create_task(embedder.embed([PASSAGE]))
        await arrived(encoder)
        waiting = asyncio.create_task(embedder.embed([LONG_PASSAGE] * 50))
        other = asyncio.create_task(embedder.embed([PASSAGE]))
        await tokenized(metrics, 52)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        encoder.gates["bulk"].set()
        async with asyncio.timeout(10):
            await asyncio.gather(running, other)
    assert sum(rows for rows, _ in encoder.batches["bulk"]) == 2


async def test_more_texts_than_the_queue_holds_are_all_read() -> None:
    async with model(FakeEncoder()) as embedder:
        vectors = await asyncio.gather(*(embedder.embed([PASSAGE] * (CAPACITY + 100)) for _ in range(2)))
    assert [len(part) for part in vectors] == [CAPACITY + 100] * 2


async def test_a_failing_model_is_unavailable_to_all_who_waited_and_works_again_afterwards() -> None:
    encoder = FakeEncoder()
    async with model(encoder) as embedder:
        encoder.broken = True
        answers = await asyncio.gather(*(embedder.embed([PASSAGE] * 300) for _ in range(3)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [EmbedderUnavailable] * 3
        encoder.broken = False
        assert (await embedder.embed([PASSAGE])).shape == (1, embedder.space.dimension)


async def test_a_model_that_cannot_be_loaded_is_tried_again_with_the_next_text() -> None:
    encoder = FakeEncoder()
    async with model(encoder) as embedder:
        encoder.missing = True
        with pytest.raises(EmbedderUnavailable, match="cannot be loaded"):
            await embedder.embed([PASSAGE])
        encoder.missing = False
        assert len(await embedder.embed([PASSAGE])) == 1


async def test_an_idle_lane_gives_its_memory_back_and_loads_again() -> None:
    encoder = FakeEncoder(bulk_workers=1)
    async with model(encoder, bulk_idle_s=0) as embedder:
        for times in (1, 2, 3):
            assert len(await embedder.embed([PASSAGE] * 40)) == 40
            assert encoder.openings.count("bulk") == times
            await until(lambda: not encoder.loaded)
    assert encoder.openings.count("interactive") == 1


async def test_a_lane_that_is_asked_all_the_time_is_loaded_once() -> None:
    encoder = FakeEncoder()
    async with model(encoder) as embedder:
        for _ in range(10):
            await embedder.embed([PASSAGE] * 3)
    assert encoder.openings.count("bulk") == 2  # two workers, opened together


async def test_closing_lets_the_running_batch_end_and_refuses_the_rest() -> None:
    encoder, metrics = FakeEncoder(bulk_workers=1), Metrics("test")
    async with model(encoder, metrics) as embedder:
        encoder.gates["bulk"].clear()
        running = asyncio.create_task(embedder.embed([PASSAGE] * 2))
        await arrived(encoder)
        waiting = asyncio.create_task(embedder.embed([LONG_PASSAGE] * 30))
        await tokenized(metrics, 32)
        closing = asyncio.create_task(embedder.close())
        with pytest.raises(EmbedderUnavailable, match="shutting down"):
            await asyncio.wait_for(waiting, 10)
        encoder.gates["bulk"].set()
        assert len(await asyncio.wait_for(running, 10)) == 2
        await asyncio.wait_for(closing, 10)
        with pytest.raises(EmbedderUnavailable, match="shutting down"):
            await embedder.embed([words(1)])


async def test_tokens_beyond_the_limit_are_counted() -> None:
    metrics = Metrics("test")
    async with model(FakeEncoder(), metrics) as embedder:
        await embedder.embed([words(*range(62)), words(*range(70))])
    sample = metrics.registry.get_sample_value
    assert sample("rag_embedded_texts_total") == 2
    assert sample("rag_embedded_tokens_total") == 128
    assert sample("rag_truncated_tokens_total") == 8


def test_a_batch_holds_the_first_text_and_its_neighbours_in_length() -> None:
    assert sorted(choose_batch([20, 200, 22, 19, 180, 21, 64], budget=100)) == [0, 2, 3, 5]
    assert choose_batch([300, 5], budget=100) == [0]


def test_a_text_that_would_mostly_be_padding_goes_by_itself() -> None:
    assert choose_batch([200, 30, 120, 197], budget=1024) == [3, 0]
    assert choose_batch([30, 200, 120, 197], budget=1024) == [0]


@given(st.lists(st.integers(2, 256), min_size=1, max_size=60), st.integers(64, 2048))
def test_a_batch_keeps_its_budget_and_names_no_text_twice(lengths: list[int], budget: int) -> None:
    batch = choose_batch(lengths, budget=budget)
    assert 0 in batch
    assert len(batch) == len(set(batch))
    widths = [padded_length(lengths[index]) for index in batch]
    assert len(batch) == 1 or len(batch) * max(widths) <= budget
    assert len(batch) * max(widths) - sum(widths) <= CALL_TOKENS * (len(batch) - 1)
