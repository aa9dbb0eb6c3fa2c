"""The embedding cache: never a text twice, never a wrong vector, never larger than allowed, never in the way."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.embedder import HashingEmbedder, hashed_vectors
from tests.fakes.waiting import until
from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding.cache import EmbeddingCache, cache_key
from tillhand_rag.adapters.embedding.cache_file import CacheFile
from tillhand_rag.adapters.embedding.cached import CachedEmbedder
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.errors import EmbedderUnavailable
from tillhand_rag.ports.embedding import EmbeddingSpace

MIB = 1024 * 1024
CORPUS = [f"passage {number} about kettles" for number in range(40)]


@asynccontextmanager
async def cached(
    path: Path, inner: HashingEmbedder, *, max_bytes: int = 64 * MIB, metrics: Metrics | None = None
) -> AsyncIterator[CachedEmbedder]:
    counters = EmbeddingMetrics(metrics or Metrics("test"))
    cache = EmbeddingCache(path, max_bytes=max_bytes, metrics=counters)
    await cache.start()
    try:
        yield CachedEmbedder(inner, cache, counters)
    finally:
        await cache.close()


async def fill(path: Path, texts: Sequence[str], *, max_bytes: int = 64 * MIB) -> None:
    async with cached(path, HashingEmbedder(), max_bytes=max_bytes) as embedder:
        await embedder.embed(texts)


async def embedded_again(path: Path, texts: Sequence[str], space: EmbeddingSpace | None = None) -> list[str]:
    """Which of these texts the model has to read when the cache is opened anew; their vectors are checked."""
    inner = HashingEmbedder()
    inner.space = space or inner.space
    async with cached(path, inner) as embedder:
        np.testing.assert_array_equal(await embedder.embed(texts), hashed_vectors(texts))
    return inner.embedded


async def in_flight(inner: HashingEmbedder, calls: int) -> None:
    """Wait until this many calls have reached the inner embedder."""
    await until(lambda: len(inner.calls) >= calls)


async def test_an_unchanged_corpus_is_not_embedded_again(tmp_path: Path) -> None:
    inner, metrics = HashingEmbedder(), Metrics("test")
    async with cached(tmp_path / "cache", inner, metrics=metrics) as embedder:
        first = await embedder.embed(CORPUS)
        again = await embedder.embed(CORPUS)
        changed = await embedder.embed([*CORPUS[:-1], "a new passage"])
    assert inner.calls == [CORPUS, ["a new passage"]]
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(changed[:-1], first[:-1])
    sample = metrics.registry.get_sample_value
    assert sample("rag_embedding_cache_hits_total") == len(CORPUS) * 2 - 1
    assert sample("rag_embedding_cache_misses_total") == len(CORPUS) + 1


async def test_vectors_outlive_the_process(tmp_path: Path) -> None:
    await fill(tmp_path / "cache", CORPUS)
    assert await embedded_again(tmp_path / "cache", CORPUS) == []


async def test_what_a_crash_left_in_the_journal_is_read(tmp_path: Path) -> None:
    running = CacheFile(tmp_path / "cache", max_bytes=64 * MIB)
    space = HashingEmbedder().space
    running.write({cache_key(space, text): vector for text, vector in zip(CORPUS, hashed_vectors(CORPUS), strict=True)})
    for name in ("", "-wal"):  # as they lie on disk at this moment
        (tmp_path / f"crashed{name}").write_bytes((tmp_path / f"cache{name}").read_bytes())
    running.close()
    assert await embedded_again(tmp_path / "crashed", CORPUS) == []


async def test_equal_texts_of_one_call_are_embedded_once(tmp_path: Path) -> None:
    inner = HashingEmbedder()
    async with cached(tmp_path / "cache", inner) as embedder:
        vectors = await embedder.embed(["same", "other", "same", "same"])
        assert (await embedder.embed([])).shape == (0, inner.space.dimension)
    assert inner.calls == [["same", "other"]]
    np.testing.assert_array_equal(vectors, hashed_vectors(["same", "other", "same", "same"]))


async def test_equal_texts_of_concurrent_calls_are_embedded_once(tmp_path: Path) -> None:
    inner = HashingEmbedder()
    async with cached(tmp_path / "cache", inner) as embedder:
        inner.gate.clear()
        calls = [asyncio.create_task(embedder.embed(["shared", f"own {number}"])) for number in range(10)]
        await in_flight(inner, 10)
        inner.gate.set()
        answers = await asyncio.gather(*calls)
    assert sorted(inner.embedded) == sorted(["shared", *(f"own {number}" for number in range(10))])
    for number, vectors in enumerate(answers):
        np.testing.assert_array_equal(vectors, hashed_vectors(["shared", f"own {number}"]))


async def test_a_cancelled_caller_does_not_take_the_vector_from_others(tmp_path: Path) -> None:
    inner = HashingEmbedder()
    async with cached(tmp_path / "cache", inner) as embedder:
        inner.gate.clear()
        first = asyncio.create_task(embedder.embed(["shared"]))
        await in_flight(inner, 1)
        second = asyncio.create_task(embedder.embed(["shared", "own"]))
        await in_flight(inner, 2)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        inner.gate.set()
        np.testing.assert_array_equal(await second, hashed_vectors(["shared", "own"]))
    assert inner.calls == [["shared"], ["own"]]


async def test_when_every_caller_is_cancelled_so_is_the_work(tmp_path: Path) -> None:
    inner = HashingEmbedder()
    async with cached(tmp_path / "cache", inner) as embedder:
        inner.gate.clear()
        calls = [asyncio.create_task(embedder.embed(["abandoned", f"{number}"])) for number in range(2)]
        await in_flight(inner, 2)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        inner.gate.set()
        assert len(await embedder.embed(["abandoned"])) == 1
    assert inner.calls[-1] == ["abandoned"]


async def test_a_failure_reaches_every_caller_and_is_not_kept(tmp_path: Path) -> None:
    inner = HashingEmbedder()
    async with cached(tmp_path / "cache", inner) as embedder:
        inner.available = False
        answers = await asyncio.gather(*(embedder.embed(["text"]) for _ in range(3)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [EmbedderUnavailable] * 3
        inner.available = True
        np.testing.assert_array_equal(await embedder.embed(["text"]), hashed_vectors(["text"]))


async def test_another_space_never_hits(tmp_path: Path) -> None:
    await fill(tmp_path / "cache", ["text"])
    space = HashingEmbedder().space
    others = [
        replace(space, id="another"),
        replace(space, model="another"),
        replace(space, revision="2"),
        replace(space, backend="openvino"),
        replace(space, precision="bfloat16"),
    ]
    for other in others:
        assert await embedded_again(tmp_path / "cache", ["text"], other) == ["text"], other
        assert await embedded_again(tmp_path / "cache", ["text"], other) == [], other


async def test_the_file_stays_within_its_bound_and_keeps_what_is_used(tmp_path: Path) -> None:
    path, metrics = tmp_path / "cache", Metrics("test")
    texts = [f"text {number}" for number in range(6_000)]
    async with cached(path, HashingEmbedder(), max_bytes=MIB) as embedder:
        for start in range(0, len(texts), 500):
            await embedder.embed(texts[start : start + 500])
    assert path.stat().st_size <= 1.2 * MIB
    async with cached(path, HashingEmbedder(), max_bytes=MIB, metrics=metrics):
        entries = metrics.registry.get_sample_value("rag_embedding_cache_entries")
        size = metrics.registry.get_sample_value("rag_embedding_cache_bytes")
    assert entries is not None
    assert 1_000 < entries < 6_000
    assert size is not None
    assert size <= MIB
    missing = await embedded_again(path, texts)
    assert missing == texts[: len(missing)], "those that were used longest ago go first"
    assert len(missing) == 6_000 - entries


async def test_a_vector_in_use_outlives_newer_ones(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    await fill(path, ["asked every day", "asked once"], max_bytes=MIB)
    for day in range(10):
        inner = HashingEmbedder()
        async with cached(path, inner, max_bytes=MIB) as embedder:
            await embedder.embed(["asked every day"])
            await embedder.embed([f"day {day} text {number}" for number in range(500)])
        assert "asked every day" not in inner.embedded
    assert await embedded_again(path, ["asked once"]) == ["asked once"]


async def test_a_forgotten_text_is_gone_from_memory_and_from_the_file(tmp_path: Path) -> None:
    path, inner, metrics = tmp_path / "cache", HashingEmbedder(), Metrics("test")
    await fill(path, CORPUS)
    async with cached(path, inner, metrics=metrics) as embedder:
        await embedder.embed([*CORPUS, "unwritten"])
        await embedder.forget([CORPUS[0], "unwritten", "never seen"])
        assert metrics.registry.get_sample_value("rag_embedding_cache_entries") == len(CORPUS) - 1
        await embedder.embed([CORPUS[0], CORPUS[1]])
        await embedder.forget([CORPUS[0]])
    assert inner.calls == [["unwritten"], [CORPUS[0]]]
    assert hashed_vectors([CORPUS[0]]).tobytes() not in path.read_bytes()
    assert hashed_vectors([CORPUS[1]]).tobytes() in path.read_bytes()


@pytest.mark.parametrize("garbage", [b"this is no database at all" * 1000, b"SQLite format 3\x00" + b"\xff" * 50_000])
async def test_a_file_of_garbage_is_set_aside(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "cache"
    path.write_bytes(garbage)
    await fill(path, CORPUS)
    assert (tmp_path / "cache.damaged").read_bytes() == garbage
    assert await embedded_again(path, CORPUS) == []


async def test_a_truncated_file_costs_time_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    texts = [f"text {number}" for number in range(2_000)]
    await fill(path, texts)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert await embedded_again(path, texts) != []
    await fill(path, texts)
    assert await embedded_again(path, texts) == []


async def test_a_flipped_bit_is_a_miss_and_not_a_wrong_vector(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    await fill(path, CORPUS)
    with closing(sqlite3.connect(path)) as file, file:
        rowid, vector = file.execute("SELECT rowid, vector FROM vectors ORDER BY rowid LIMIT 1").fetchone()
        flipped = bytes([vector[0] ^ 1]) + vector[1:]
        file.execute("UPDATE vectors SET vector = ? WHERE rowid = ?", (flipped, rowid))
    assert await embedded_again(path, CORPUS) == [CORPUS[0]]


async def test_a_file_that_cannot_be_written_is_not_in_the_way(tmp_path: Path) -> None:
    path, inner = tmp_path / "cache", HashingEmbedder()
    async with cached(path, inner) as embedder:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # as a backup tool or a second process may
            np.testing.assert_array_equal(await embedder.embed(CORPUS), hashed_vectors(CORPUS))
            np.testing.assert_array_equal(await embedder.embed(CORPUS), hashed_vectors(CORPUS))
            other.execute("ROLLBACK")
    assert inner.calls == [CORPUS]
