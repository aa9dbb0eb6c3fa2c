"""Ingestions over HTTP: folders and uploads read as jobs, unchanged files left alone, vanished documents removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.embedder import HashingEmbedder
from tests.fakes.ingestions import ended, events, ingest_folder, reading_base, sources_of, start, upload, write
from tests.fakes.knowledge import Knowledge, as_document
from tests.fakes.waiting import until

FILES: dict[str, str | bytes] = {
    "returns.md": "# Returns\n\nSend it back within 30 days of delivery.",
    "care/teak.md": "# Teak\n\nOil the wood once a year.",
    "care/zinc.txt": "Zinc grows a patina.",
}
DONE = {"phase": "done", "refused": 0, "removed": 0, "created": 0, "updated": 0, "unchanged": 0}


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    write(tmp_path / "docs", FILES)
    async with reading_base(tmp_path) as opened:
        yield opened


def counts(job: dict[str, Any], **wanted: int) -> None:
    """The progress of a job that is done, as far as it is not about time."""
    assert job["state"] == "done", job
    expected = {**DONE, **wanted}
    assert {name: job["progress"][name] for name in expected} == expected


async def test_a_folder_becomes_documents_named_by_their_paths(base: Knowledge, tmp_path: Path) -> None:
    job = await ingest_folder(base, tmp_path / "docs")
    counts(job, found=3, done=3, created=3, chunks=3)
    assert set(await sources_of(base)) == set(FILES)
    assert (await base.search("oil the wood"))[0]["source"] == "care/teak.md"
    assert job["report"] == {
        "complete": True,
        "ignored": 0,
        "kept": 0,
        "kept_because": None,
        "seconds": job["report"]["seconds"],
    }


async def test_a_started_ingestion_says_what_it_will_read_and_who_wanted_it(base: Knowledge, tmp_path: Path) -> None:
    started = await start(base.http, {"type": "folder", "path": f"{tmp_path}/docs/care/", "pattern": "*.md"})
    assert started["state"] in {"queued", "running"}
    assert started["source"] == {
        "type": "folder",
        "path": str(tmp_path / "docs" / "care"),
        "pattern": "*.md",
        "prefix": "",
    }
    job = await ended(base.http, started["id"])
    assert (job["attempts"], job["failures"], job["error"]) == (1, [], None)
    assert job["created_at"] <= job["started_at"] <= job["finished_at"]
    assert set(await sources_of(base)) == {"teak.md"}


async def test_an_unchanged_folder_is_neither_parsed_nor_embedded_again(base: Knowledge, tmp_path: Path) -> None:
    await ingest_folder(base, tmp_path / "docs")
    calls = len(base.embedder.calls)
    counts(await ingest_folder(base, tmp_path / "docs"), found=3, done=3, unchanged=3)
    assert len(base.embedder.calls) == calls


async def test_only_what_has_changed_is_read_again(base: Knowledge, tmp_path: Path) -> None:
    await ingest_folder(base, tmp_path / "docs")
    write(tmp_path / "docs", {"returns.md": "# Returns\n\nSixty days now.", "new.md": "Something new."})
    before = len(base.embedder.embedded)
    counts(await ingest_folder(base, tmp_path / "docs"), found=4, done=4, created=1, updated=1, unchanged=2)
    assert len(base.embedder.embedded) == before + 2


async def test_a_document_that_was_deleted_or_replaced_meanwhile_is_read_again(base: Knowledge, tmp_path: Path) -> None:
    await ingest_folder(base, tmp_path / "docs")
    ids = await sources_of(base)
    assert (await base.http.delete(f"/v1/documents/{ids['returns.md']}")).status_code == 204
    await base.put("care/zinc.txt", "Somebody else's words.", media_type="text/plain")
    counts(await ingest_folder(base, tmp_path / "docs"), found=3, done=3, created=1, updated=1, unchanged=1)
    assert (await base.search("patina"))[0]["source"] == "care/zinc.txt"


async def test_a_file_that_cannot_be_read_stops_no_other_and_is_tried_again(base: Knowledge, tmp_path: Path) -> None:
    write(tmp_path / "docs", {"torn.pdf": b"%PDF-1.7\nnothing follows", "empty.md": ""})
    for unchanged in (0, 3):
        job = await ingest_folder(base, tmp_path / "docs")
        assert job["progress"]["unchanged"] == unchanged
        assert (job["progress"]["done"], job["progress"]["refused"], job["failures_total"]) == (5, 2, 2)
        assert {each["source"]: each["reason"] for each in job["failures"]} == {
            "torn.pdf": "document-unreadable",
            "empty.md": "document-empty",
        }
    write(tmp_path / "docs", {"empty.md": "Full."})
    assert (await ingest_folder(base, tmp_path / "docs"))["progress"]["created"] == 1


async def test_a_damaged_file_leaves_what_it_gave_before(base: Knowledge, tmp_path: Path) -> None:
    await ingest_folder(base, tmp_path / "docs")
    write(tmp_path / "docs", {"returns.md": ""})
    job = await ingest_folder(base, tmp_path / "docs")
    assert (job["progress"]["refused"], job["progress"]["removed"]) == (1, 0)
    assert set(await sources_of(base)) == set(FILES)


async def test_a_file_of_products_is_left_alone_with_all_its_documents(base: Knowledge, tmp_path: Path) -> None:
    table = "id,title,description,price\nA1,Oak table,Solid oak.,9 EUR\nA2,Elm chair,Elm and rush.,8 EUR\n"
    write(tmp_path / "docs", {"products.csv": table})
    counts(await ingest_folder(base, tmp_path / "docs", pattern="*.csv"), found=1, done=1, created=2)
    counts(await ingest_folder(base, tmp_path / "docs", pattern="*.csv"), found=1, done=1, unchanged=2)


async def test_two_folders_can_be_kept_apart_by_a_prefix(base: Knowledge, tmp_path: Path) -> None:
    write(tmp_path / "docs", {"de/returns.md": "Dreißig Tage.", "en/returns.md": "Thirty days."})
    for language in ("de", "en"):
        await ingest_folder(base, tmp_path / "docs" / language, prefix=f"{language}/")
    assert set(await sources_of(base)) == {"de/returns.md", "en/returns.md"}


async def test_uploads_become_documents_and_leave_nothing_behind(base: Knowledge, tmp_path: Path) -> None:
    answer = await upload(base.http, {"a.md": b"Apples.", "b.md": b"Pears.", "torn.pdf": b"%PDF-1.7\nno"})
    assert answer.status_code == 202
    started = as_document(answer)
    assert started["source"] == {"type": "uploads", "files": 3}
    job = await ended(base.http, started["id"])
    assert (job["progress"]["created"], job["progress"]["refused"]) == (2, 1)
    assert set(await sources_of(base)) == {"a.md", "b.md"}
    await until(lambda: not list((tmp_path / "data" / "rag" / "uploads").iterdir()))


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([("collection", None, "default")], "file"),
        ([("file", None, "no file")], "file"),
        ([("file", "a.md", "x"), ("file", "a.md", "y")], "file"),
        ([("file", "a.md", "x"), ("collection", None, "NO")], "body.collection"),
        ([("file", "a.md", "x"), ("colour", None, "red")], "body.colour"),
    ],
)
async def test_a_form_that_makes_no_sense_is_refused_and_nothing_kept(
    base: Knowledge, tmp_path: Path, parts: list[tuple[str, str | None, str]], field: str
) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = await base.http.post("/v1/ingestions", headers=headers, content=_form(parts))
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not (tmp_path / "data" / "rag" / "uploads").exists()


def _form(parts: list[tuple[str, str | None, str]]) -> str:
    return (
        "".join(
            f'--x\r\ncontent-disposition: form-data; name="{name}"'
            + ("" if filename is None else f'; filename="{filename}"')
            + f"\r\n\r\n{value}\r\n"
            for name, filename, value in parts
        )
        + "--x--\r\n"
    )


async def test_progress_comes_as_events_with_ids_and_ends_with_the_whole(base: Knowledge, tmp_path: Path) -> None:
    write(tmp_path / "docs", {f"page{number:03d}.md": f"Page {number} is about stock." for number in range(90)})
    base.embedder.gate.clear()
    job = await start(base.http, {"type": "folder", "path": str(tmp_path / "docs")})
    await until(lambda: bool(base.embedder.calls))
    listening = [asyncio.create_task(events(base.http, job["id"])) for _ in range(3)]
    running = as_document(await base.http.get(f"/v1/ingestions/{job['id']}"))
    assert (running["state"], running["progress"]["found"]) == ("running", 93)
    base.embedder.gate.set()
    heard = await asyncio.gather(*listening)
    assert heard[0][-1] == heard[1][-1] == heard[2][-1]
    told = heard[0]
    assert [each.event for each in told] == ["progress"] * (len(told) - 1) + ["done"]
    assert len({each.id for each in told}) == len(told) > 1
    done = [each.data["progress"]["done"] for each in told]
    assert done == sorted(done)
    counts(told[-1].data, found=93, done=93, created=93)
    again = await events(base.http, job["id"], **{"last-event-id": told[-1].id})
    assert again == [told[-1]]


async def test_a_cancelled_ingestion_keeps_what_it_has_stored_and_removes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "docs", FILES)
    async with reading_base(tmp_path, ingestion_jobs=1) as base:
        await ingest_folder(base, tmp_path / "docs")
        (tmp_path / "docs" / "returns.md").unlink()
        write(tmp_path / "docs", {"slow.md": "Slow."})
        base.embedder.gate.clear()
        calls = len(base.embedder.calls)
        job = await start(base.http, {"type": "folder", "path": str(tmp_path / "docs")})
        await until(lambda: len(base.embedder.calls) > calls)
        waiting = await start(base.http, {"type": "folder", "path": str(tmp_path / "docs"), "pattern": "*.md"})
        for name in (waiting["id"], job["id"], job["id"]):
            answer = await base.http.post(f"/v1/ingestions/{name}/cancel")
            assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        base.embedder.gate.set()
        assert {"returns.md", "care/teak.md", "care/zinc.txt"} == set(await sources_of(base))
        counts(await ingest_folder(base, tmp_path / "docs"), found=3, done=3, created=1, unchanged=2, removed=1)


async def test_an_ingestion_whose_model_is_away_fails_and_the_next_one_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "docs", {f"page{number:03d}.md": f"Page {number}." for number in range(40)})
    embedder = HashingEmbedder()
    embedder.fails_on = "Page 39."
    async with reading_base(tmp_path, embedder=embedder) as base:
        job = await start(base.http, {"type": "folder", "path": str(tmp_path / "docs")})
        await until(lambda: any("Page 39." in text for text in embedder.embedded))
        embedder.fails_on = None
        counts(await ended(base.http, job["id"]), found=40, done=40, created=40)
        assert sorted(embedder.embedded).count("Page 1.") <= 1
