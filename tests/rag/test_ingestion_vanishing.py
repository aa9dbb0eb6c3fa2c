"""What vanished from a source is removed, and only what is certain to have vanished."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.ingestions import sources_of, write
from tests.fakes.reading import ANYBODY, Reading, reading
from tests.fakes.waiting import until
from tillhand_rag.adapters.folders import AllowedFolders
from tillhand_rag.domain.ingestions import FolderSource, IngestionRequest
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.ports.folders import FileContent, FolderEntry
from tillhand_rag.ports.jobs import Job
from tillhand_rag.service import jobs as engine_module
from tillhand_rag.service.ingesting.handling import KIND

FILES: dict[str, str | bytes] = {"a.md": "Apples.", "b.md": "Pears.", "sub/c.md": "Plums."}


def folder(docs: Path) -> FolderSource:
    return FolderSource(str(docs), str(docs.parent / "docs"))


def kept(job: Job) -> tuple[object, object, object]:
    """Documents removed, names kept, and why."""
    assert job.state == "done", job
    assert job.report is not None
    return job.progress["removed"], job.report["kept"], job.report["kept_because"]


async def test_documents_of_files_that_vanished_are_removed(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", FILES)
    async with reading(tmp_path) as opened:
        await opened.read(folder(docs))
        shutil.rmtree(docs / "sub")
        (docs / "b.md").rename(docs / "renamed.md")
        job = await opened.read(folder(docs))
        assert (kept(job), job.progress["created"]) == ((2, 0, None), 1)
        assert set(await sources_of(opened.base)) == {"a.md", "renamed.md"}
        hits = await opened.base.search("plums pears", mode="keyword")
        assert {hit["source"] for hit in hits} == {"renamed.md"}
        assert kept(await opened.read(folder(docs))) == (0, 0, None)


async def test_documents_that_no_source_gave_stay(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", FILES)
    async with reading(tmp_path) as opened:
        await opened.base.put("by-hand.md", "Written by hand.")
        await opened.read(folder(docs))
        (docs / "a.md").unlink()
        assert kept(await opened.read(folder(docs))) == (1, 0, None)
        assert set(await sources_of(opened.base)) == {"by-hand.md", "b.md", "sub/c.md"}


async def test_a_document_that_somebody_else_replaced_stays_when_its_file_vanishes(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", FILES)
    async with reading(tmp_path) as opened:
        await opened.read(folder(docs))
        await opened.base.put("a.md", "Somebody else's apples.")
        (docs / "a.md").unlink()
        assert kept(await opened.read(folder(docs))) == (0, 0, None)
        assert "a.md" in await sources_of(opened.base)


async def test_folders_with_other_patterns_do_not_remove_one_another_s_documents(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", {"a.md": "Apples.", "b.txt": "Pears."})
    async with reading(tmp_path) as opened:
        for pattern in ("*.md", "*.txt", "*.md"):
            job = await opened.read(FolderSource(str(docs), str(docs), pattern))
            assert kept(job) == (0, 0, None)
        assert set(await sources_of(opened.base)) == {"a.md", "b.txt"}


async def test_a_folder_that_suddenly_holds_nothing_keeps_everything_unless_that_was_meant(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", FILES)
    async with reading(tmp_path) as opened:
        await opened.read(folder(docs))
        for name in FILES:
            (docs / name).unlink()
        job = await opened.read(folder(docs))
        assert kept(job) == (0, 3, "empty")
        assert [failure.reason for failure in job.failures] == ["source-empty"]
        assert set(await sources_of(opened.base)) == set(FILES)
        assert kept(await opened.read(folder(docs), allow_empty=True)) == (3, 0, None)
        assert await sources_of(opened.base) == {}


async def test_a_folder_that_is_not_there_any_more_fails_the_job_and_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "RETRIES_S", ())
    docs = write(tmp_path / "docs" / "shop", FILES)
    source = FolderSource(str(docs), str(tmp_path / "docs"))
    async with reading(tmp_path) as opened:
        await opened.read(source)
        docs.rename(tmp_path / "docs" / "moved")
        job = await opened.read(source)
        assert (job.state, job.error and job.error.reason) == ("failed", "source-unavailable")
        assert set(await sources_of(opened.base)) == set(FILES)


async def test_a_listing_that_was_cut_removes_nothing(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", FILES)
    async with reading(tmp_path, most_files=3) as opened:
        await opened.read(folder(docs))
        (docs / "sub" / "c.md").unlink()
        write(docs, {"aa.md": "New.", "aaa.md": "New."})
        assert kept(await opened.read(folder(docs))) == (0, 2, "incomplete")
        assert set(FILES) <= set(await sources_of(opened.base))


async def test_files_that_go_away_while_they_are_read_are_left_to_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is unmounted in the middle looks like that."""
    docs = write(tmp_path / "docs", FILES)
    async with reading(tmp_path) as opened:
        await opened.read(folder(docs))
        _before_reading(monkeypatch, (docs / "a.md").unlink)
        job = await opened.read(folder(docs))
        assert (kept(job), job.progress["refused"]) == ((0, 0, None), 1)
        assert "a.md" in await sources_of(opened.base)
        monkeypatch.undo()
        assert kept(await opened.read(folder(docs))) == (1, 0, None)


async def test_a_folder_that_was_exchanged_while_it_was_read_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = write(tmp_path / "docs" / "shop", FILES)
    source = FolderSource(str(docs), str(tmp_path / "docs"))
    async with reading(tmp_path) as opened:
        await opened.read(source)
        (docs / "b.md").unlink()

        def exchanged() -> None:
            docs.rename(tmp_path / "docs" / "other")
            shutil.copytree(tmp_path / "docs" / "other", docs)

        _before_reading(monkeypatch, exchanged)
        assert kept(await opened.read(source)) == (0, 1, "incomplete")


async def test_a_collection_that_is_deleted_takes_its_manifest_and_its_jobs_along(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", FILES)
    async with reading(tmp_path) as opened:
        await opened.read(folder(docs))
        opened.base.embedder.gate.clear()
        write(docs, {"new.md": "New."})
        running = await _started(opened, docs)
        await opened.ingestions.forget_collection("default")
        assert (await opened.base.http.delete("/v1/collections/default")).status_code == 204
        opened.base.embedder.gate.set()
        assert await opened.jobs.find(running.id) is None
        assert await opened.jobs.unfinished(KIND) == frozenset()
        assert await sources_of(opened.base) == {}
        assert (await opened.read(folder(docs))).progress["created"] == 4


async def _started(opened: Reading, docs: Path) -> Job:
    calls = len(opened.base.embedder.calls)
    job = await opened.ingestions.start(ANYBODY, IngestionRequest("default", folder(docs)))
    await until(lambda: len(opened.base.embedder.calls) > calls)
    return job


def _before_reading(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do something between the listing of a folder and the reading of its files, once."""
    read, pending = AllowedFolders.read, [act]

    async def later(
        self: AllowedFolders, source: FolderSource, entries: list[FolderEntry]
    ) -> list[FileContent | Failure]:
        while pending:
            pending.pop()()
        return list(await read(self, source, entries))

    monkeypatch.setattr(AllowedFolders, "read", later)
