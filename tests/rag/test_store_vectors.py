"""The vector index behind the store holds what the exact one does."""

from __future__ import annotations

from pathlib import Path

import chromadb
import numpy as np
import pytest

from tests.fakes.shelved import document, opened, vector
from tests.fakes.waiting import until


async def test_the_vector_index_holds_what_the_exact_one_does(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [document(f"d{number}", f"item {number} of many") for number in range(30)])
        await store.put("default", [document("d7", "replaced")])
        await store.delete("default", "d8")
        await store.settled()
        near = await store.dense("default", vector("item of many"), where=(), limit=99)
    quiet = chromadb.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(tmp_path / "vectors"), settings=quiet)
    [collection] = client.list_collections()
    kept = collection.get(ids=[str(candidate.chunk_id) for candidate in near], include=["embeddings"])
    client.close()
    assert len(kept["ids"]) == len(near) == 29
    cosines = dict(zip(map(int, kept["ids"]), np.asarray(kept["embeddings"]) @ vector("item of many"), strict=True))
    assert cosines == pytest.approx({candidate.chunk_id: candidate.score for candidate in near}, abs=1e-5)


async def test_the_vector_index_learns_when_writes_have_rested(tmp_path: Path) -> None:
    async with opened(tmp_path, vectors_after_s=0.05) as store:
        await store.put("default", [document("a", "some words")])
        await until(lambda: store.status().vector_index == "ready")
        await store.put("default", [document("b", "other words")])
        await until(lambda: store.status().vector_index_behind == 0)


async def test_the_vector_index_leaves_the_processor_to_a_burst_of_writes_unless_somebody_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [document("a", "some words")])
        await store.settled()
        for number in range(5):
            await store.put("default", [document(f"b{number}", "other words")])
        assert (store.status().vector_index, store.status().vector_index_behind) == ("ready", 5)
        await store.settled()
        assert store.status().vector_index_behind == 0


async def test_the_vector_index_follows_at_once_where_searches_ask_it(tmp_path: Path) -> None:
    async with opened(tmp_path, approximate_from=1) as store:
        await store.put("default", [document("a", "some words")])
        await until(lambda: store.status().vector_index == "ready")
        await store.put("default", [document("b", "other words")])
        await until(lambda: store.status().vector_index_behind == 0)
        assert len(await store.dense("default", vector("words"), where=(), limit=9)) == 2
        assert store.status().vector_index_queries == 1
