"""Indexes made anew beside the live one, taken back, and collections with embedding models of their own."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.embedder import HashingEmbedder
from tests.fakes.knowledge import Knowledge, knowledge_base
from tillhand_rag.app import KnowledgeBase
from tillhand_rag.domain.indexes import MAIN, index_name
from tillhand_rag.errors import GoldensFailed, IndexNotFound, NothingToRollBack, RebuildUnderWay
from tillhand_rag.service.indexes import Index
from tillhand_rag.service.rebuilding import GoldenFigures

OLD, NEW = "old-model", "new-model"
TEXTS = {f"note-{n}": f"Note {n} is about oil, chains and the number {n * 7}." for n in range(150)}


@asynccontextmanager
async def opened(data_dir: Path, model: str = OLD, **settings: Any) -> AsyncIterator[Knowledge]:  # noqa: ANN401  # each setting has a type of its own
    """A knowledge base that wants this model; both can be loaded, each into its own space."""
    embedders = {name: HashingEmbedder(name) for name in (OLD, NEW)}
    async with knowledge_base(
        data_dir, embedders=embedders, embedding_model=model, rate_limit="off", **settings
    ) as base:
        yield base


def inner(base: Knowledge) -> KnowledgeBase:
    found: KnowledgeBase = base.app.state.rag
    return found


async def filled(base: Knowledge, texts: dict[str, str] | None = None, collection: str = "default") -> None:
    lines = [
        json.dumps({"source": source, "text": text, "collection": collection})
        for source, text in (texts or TEXTS).items()
    ]
    answer = await base.http.post(
        "/v1/documents", content="\n".join(lines), headers={"content-type": "application/x-ndjson"}
    )
    assert answer.status_code == 201, answer.text


async def documents(base: Knowledge, collection: str = "default") -> dict[str, dict[str, object]]:
    answer = await base.http.get("/v1/documents", params={"collection": collection, "limit": 500})
    return {item["id"]: item for item in answer.json()["items"]}


def folders(data_dir: Path) -> set[str]:
    return {path.name for path in (data_dir / "rag" / "indexes").iterdir()}


async def test_a_new_model_in_the_settings_waits_for_a_rebuild_and_the_old_one_serves_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as base:
        await filled(base)
    async with opened(tmp_path, NEW) as base:
        await base.refresh()
        ready = (await base.http.get("/ready")).json()
        assert ready["status"] == "degraded"
        assert ready["checks"]["model"]["data"]["model"] == OLD
        assert ready["checks"]["index"]["data"]["rebuild_wanted"] == [MAIN]
        assert await base.search("note about the number 301")
        assert (await base.put("note-new", "Written with the old model."))["created"] == 1


async def test_a_rebuild_keeps_every_document_as_it_was_but_its_vectors(tmp_path: Path) -> None:
    async with opened(tmp_path) as base:
        await filled(base)
        before = await documents(base)
    async with opened(tmp_path, NEW) as base:
        done = await inner(base).rebuilding.rebuild(MAIN)
        assert (done.documents, done.before, done.generation) == (150, "main-000001", "main-000002")
        assert await documents(base) == before, "created_at and updated_at are what they were"
        assert (await base.search("note about the number 301"))[0]["source"] == "note-43"
        await base.refresh()
        ready = (await base.http.get("/ready")).json()
        assert ready["status"] == "ready"
        assert ready["checks"]["model"]["data"]["model"] == NEW
    assert folders(tmp_path) == {"main-000001", "main-000002"}
    async with opened(tmp_path, NEW) as base:
        assert await documents(base) == before


async def test_what_is_written_and_deleted_during_a_rebuild_is_in_the_new_index(tmp_path: Path) -> None:
    async with opened(tmp_path) as base:
        await filled(base)
    async with opened(tmp_path, NEW) as base:
        embedder = base.embedders[NEW]
        embedder.gate.clear()
        rebuild = asyncio.create_task(inner(base).rebuilding.rebuild(MAIN))
        async with asyncio.timeout(10):
            await embedder.called.wait()
        gone = (await base.put("note-0", TEXTS["note-0"]))["documents"][0]["id"]
        assert (await base.http.delete(f"/v1/documents/{gone}")).status_code == 204
        await base.put("note-1", "Note 1 speaks of brakes now.")
        await base.put("late", "A late note about saddles.")
        await filled(base, {"a": "Another collection."}, "other")
        assert (await base.search("late note about saddles"))[0]["source"] == "late"
        expected = await documents(base)
        embedder.gate.set()
        await rebuild
        assert inner(base).indexes.of("default").generation.name == "main-000002"
        assert await documents(base) == expected
        assert gone not in expected
        assert (await base.search("late note about saddles"))[0]["source"] == "late"
        assert len(await documents(base, "other")) == 1


async def test_going_back_brings_along_what_was_written_since(tmp_path: Path) -> None:
    async with opened(tmp_path) as base:
        await filled(base)
    async with opened(tmp_path, NEW) as base:
        await inner(base).rebuilding.rebuild(MAIN)
        await base.put("since", "Written after the swap, about mudguards.")
        expected = await documents(base)
        done = await inner(base).rebuilding.rollback(MAIN)
        assert (done.generation, done.before, done.documents) == ("main-000001", "main-000002", 1)
        assert await documents(base) == expected
        assert (await base.search("mudguards"))[0]["source"] == "since"
        assert inner(base).indexes.of("default").embedder.space.model == OLD


async def test_there_is_no_way_back_without_an_earlier_generation(tmp_path: Path) -> None:
    async with opened(tmp_path) as base:
        with pytest.raises(NothingToRollBack):
            await inner(base).rebuilding.rollback(MAIN)
        with pytest.raises(IndexNotFound):
            await inner(base).rebuilding.rebuild("nothing")


class Judge:
    """Golden questions that the new model's index answers less often."""

    async def figures(self, index: Index) -> GoldenFigures:
        return GoldenFigures(10, 6 if index.embedder.space.model == NEW else 8)


async def test_an_index_that_does_worse_on_the_golden_questions_is_not_put_in_place(tmp_path: Path) -> None:
    async with opened(tmp_path) as base:
        await filled(base)
    async with opened(tmp_path, NEW) as base:
        inner(base).rebuilding.goldens = Judge()
        with pytest.raises(GoldensFailed, match="6 of 10"):
            await inner(base).rebuilding.rebuild(MAIN)
        assert inner(base).indexes.of("default").generation.name == "main-000001"
        assert folders(tmp_path) == {"main-000001"}, "what was refused is gone"
        done = await inner(base).rebuilding.rebuild(MAIN, force=True)
        assert (done.goldens.passed, done.goldens_before.passed) == (6, 8)


async def test_one_rebuild_runs_at_a_time_and_a_cancelled_one_leaves_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as base:
        await filled(base)
    async with opened(tmp_path, NEW) as base:
        base.embedders[NEW].gate.clear()
        rebuild = asyncio.create_task(inner(base).rebuilding.rebuild(MAIN))
        async with asyncio.timeout(10):
            await base.embedders[NEW].called.wait()
        with pytest.raises(RebuildUnderWay):
            await inner(base).rebuilding.rebuild(MAIN)
        rebuild.cancel()
        with pytest.raises(asyncio.CancelledError):
            await rebuild
        assert folders(tmp_path) == {"main-000001"}
        assert await base.search("note about the number 301")


async def test_collections_with_different_models_stand_side_by_side(tmp_path: Path) -> None:
    async with opened(tmp_path, collection_models=f"tickets={NEW}") as base:
        await filled(base)
        await filled(base, {"t": "A ticket about spokes."}, "tickets")
        listed = (await base.http.get("/v1/collections")).json()["items"]
        assert [(item["name"], item["documents"]) for item in listed] == [("default", 150), ("tickets", 1)]
        assert inner(base).indexes.of("tickets").embedder.space.model == NEW
        assert inner(base).indexes.of("default").embedder.space.model == OLD
        assert (await base.search("spokes", collection="tickets"))[0]["source"] == "t"
        assert "spokes" in " ".join(base.embedders[NEW].embedded)
        assert "spokes" not in " ".join(base.embedders[OLD].embedded)
        await base.refresh()
        assert (await base.http.get("/ready")).json()["checks"]["model"]["data"]["beside"] == [NEW]


async def test_a_collection_that_gets_a_model_of_its_own_moves_with_the_next_rebuild(tmp_path: Path) -> None:
    async with opened(tmp_path) as base:
        await filled(base)
        await filled(base, {"t": "A ticket about spokes.", "u": "A ticket about rims."}, "tickets")
        expected = await documents(base, "tickets")
    side = index_name(NEW, OLD)
    async with opened(tmp_path, collection_models=f"tickets={NEW}") as base:
        assert await inner(base).rebuilding.misplaced() == ["tickets"]
        assert await documents(base, "tickets") == expected
        done = await inner(base).rebuilding.rebuild(side)
        assert done.moved == ["tickets"]
        assert await documents(base, "tickets") == expected
        assert inner(base).indexes.of("tickets").name == side
        assert await inner(base).rebuilding.misplaced() == []
        assert len(await documents(base)) == 150


async def test_data_from_before_there_were_generations_becomes_the_first_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as base:
        await filled(base)
        expected = await documents(base)
    root = tmp_path / "rag"
    for path in (root / "indexes" / "main-000001").iterdir():
        shutil.move(path, root / path.name)
    shutil.rmtree(root / "indexes")
    (root / "layout.json").unlink()
    async with opened(tmp_path) as base:
        assert await documents(base) == expected


async def test_folders_that_nothing_names_are_swept_at_the_start(tmp_path: Path) -> None:
    async with opened(tmp_path) as base:
        await filled(base)
    shutil.copytree(tmp_path / "rag" / "indexes" / "main-000001", tmp_path / "rag" / "indexes" / "main-000007")
    (tmp_path / "rag" / "indexes" / "stray").write_text("left over")
    async with opened(tmp_path) as base:
        assert folders(tmp_path) == {"main-000001"}
        assert len(await documents(base)) == 150


async def test_a_deleted_collection_takes_its_sources_goldens_and_corrections_along(tmp_path: Path) -> None:
    async with opened(tmp_path, ingest_roots=str(tmp_path)) as base:
        await filled(base, {"a": "A note about oil."})
        source = {"source": {"type": "folder", "path": str(tmp_path)}, "refresh_every_s": 3600}
        assert (await base.http.put("/v1/sources/mine", json=source)).status_code in {200, 201}
        questions = [{"id": "q", "question": "Who won?", "answerable": False}]
        await base.http.put("/v1/goldens", json={"questions": questions})
        assert (await base.http.delete("/v1/collections/default")).status_code == 204
        assert (await base.http.get("/v1/sources")).json()["items"] == []
        assert (await base.http.get("/v1/goldens")).json()["questions"] == []
        assert (await base.http.delete("/v1/collections/default")).status_code == 404
