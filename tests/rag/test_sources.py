"""Sources that are read again and again: due at once, then after each interval, and never twice at a time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.ingestions import reading_base, sources_of, write
from tests.fakes.knowledge import as_document
from tests.fakes.reading import ANYBODY, Page, Reading, reading
from tests.fakes.waiting import until
from tillhand_common.testing import FakeClock, settle
from tillhand_rag.domain.ingestions import IngestionRequest, SitemapSource
from tillhand_rag.errors import TooManySources
from tillhand_rag.ports.jobs import Job
from tillhand_rag.service import refreshing as scheduler
from tillhand_rag.service.ingesting.handling import KIND

HOUR_S = 3_600
LATE = 1 + scheduler.SPREAD / 2
A, B = "https://shop.example/a", "https://shop.example/b"
WANTED = IngestionRequest("default", SitemapSource("https://shop.example/sitemap.xml"))


async def jobs_of(opened: Reading) -> list[Job]:
    """Every job there is, the oldest first."""
    page = await opened.jobs.page(KIND, collections=None, after=None, limit=100)
    return list(reversed(page))


async def read(opened: Reading, count: int) -> Job:
    """The newest job, once there are so many and this one has ended."""
    found = await jobs_of(opened)
    while len(found) < count:
        await settle()
        found = await jobs_of(opened)
    assert len(found) == count
    async for job in opened.jobs.watch(found[-1].id):
        if job.finished:
            return job
    raise AssertionError("the job did not end")


async def put_off(opened: Reading, until: datetime) -> None:
    """Wait until the source is due at this time and not before: then it has been looked at."""
    async with asyncio.timeout(10):
        while (source := await opened.refreshing.get("default", "shop")) is None or source.next_at != until:
            await settle()


async def test_a_source_is_read_at_once_and_again_after_its_interval(tmp_path: Path) -> None:
    clock = FakeClock()
    async with reading(tmp_path, clock=clock) as opened:
        opened.web.pages = {A: Page("Apples."), B: Page("Pears.")}
        source, is_new = await opened.refreshing.put(ANYBODY, "shop", WANTED, HOUR_S)
        assert is_new
        assert (await read(opened, 1)).progress["created"] == 2
        await put_off(opened, clock.now() + timedelta(seconds=HOUR_S * LATE))
        del opened.web.pages[B]
        await clock.advance(HOUR_S * LATE)
        assert (await read(opened, 2)).progress["removed"] == 1
        assert set(await sources_of(opened.base)) == {A}
        last = (await opened.refreshing.last_jobs([source]))[source.lane]
        assert last.created_by == ANYBODY.name


async def test_a_source_waits_while_one_of_its_jobs_still_runs(tmp_path: Path) -> None:
    clock = FakeClock()
    async with reading(tmp_path, clock=clock) as opened:
        opened.web.pages = {A: Page("Apples.")}
        opened.base.embedder.gate.clear()
        await opened.refreshing.put(ANYBODY, "shop", WANTED, 60)
        await until(lambda: bool(opened.base.embedder.calls))
        await put_off(opened, clock.now() + timedelta(seconds=60 * LATE))
        await clock.advance(60 * LATE)
        await put_off(opened, clock.now() + timedelta(seconds=60 * LATE))
        assert len(await jobs_of(opened)) == 1
        opened.base.embedder.gate.set()
        await read(opened, 1)
        await clock.advance(60 * LATE)
        assert (await read(opened, 2)).progress["unchanged"] == 1


async def test_what_was_missed_while_the_service_was_down_is_done_once(tmp_path: Path) -> None:
    clock = FakeClock()
    async with reading(tmp_path, clock=clock) as opened:
        opened.web.pages = {A: Page("Apples.")}
        await opened.refreshing.put(ANYBODY, "shop", WANTED, HOUR_S)
        await put_off(opened, clock.now() + timedelta(seconds=HOUR_S * LATE))
        await read(opened, 1)
    await clock.advance(HOUR_S * 50)
    async with reading(tmp_path, clock=clock) as again:
        again.web.pages = {A: Page("Apples."), B: Page("Pears.")}
        assert (await read(again, 2)).progress["created"] == 1
        await put_off(again, clock.now() + timedelta(seconds=HOUR_S * LATE))


async def test_a_source_that_is_put_again_is_read_as_it_is_wanted_now(tmp_path: Path) -> None:
    clock = FakeClock()
    async with reading(tmp_path, clock=clock, refreshing_from=False) as opened:
        first, _ = await opened.refreshing.put(ANYBODY, "shop", WANTED, HOUR_S)
        await clock.advance(5)
        other = IngestionRequest("default", SitemapSource("https://shop.example/other.xml"))
        second, is_new = await opened.refreshing.put(ANYBODY, "shop", other, 2 * HOUR_S)
        assert (is_new, second.created_at, second.lane != first.lane) == (False, first.created_at, True)
        assert await opened.refreshing.get("default", "shop") == second


async def test_a_deleted_source_is_read_no_more_and_leaves_its_documents(tmp_path: Path) -> None:
    clock = FakeClock()
    async with reading(tmp_path, clock=clock) as opened:
        opened.web.pages = {A: Page("Apples.")}
        await opened.refreshing.put(ANYBODY, "shop", WANTED, 60)
        await read(opened, 1)
        assert await opened.refreshing.delete("default", "shop")
        assert not await opened.refreshing.delete("default", "shop")
        other = IngestionRequest("default", SitemapSource("https://shop.example/other.xml"))
        await clock.advance(600)
        await opened.refreshing.put(ANYBODY, "other", other, 60)
        assert (await read(opened, 2)).request != (await jobs_of(opened))[0].request
        assert set(await sources_of(opened.base)) == {A}


async def test_a_collection_can_only_have_so_many_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "MOST_SOURCES", 1)
    async with reading(tmp_path, refreshing_from=False) as opened:
        await opened.refreshing.put(ANYBODY, "one", WANTED, 60)
        await opened.refreshing.put(ANYBODY, "one", WANTED, 90)
        with pytest.raises(TooManySources):
            await opened.refreshing.put(ANYBODY, "two", WANTED, 60)
        await opened.refreshing.put(ANYBODY, "two", IngestionRequest("other", WANTED.source), 60)
        await opened.refreshing.forget_collection("default")
        await opened.refreshing.put(ANYBODY, "two", WANTED, 60)


async def test_sources_over_http_are_put_read_listed_and_deleted(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", {"a.md": "Apples."})
    async with reading_base(tmp_path) as base:
        wanted = {"source": {"type": "folder", "path": str(docs)}, "refresh_every_s": 60}
        put = await base.http.put("/v1/sources/help", json=wanted)
        assert put.status_code == 201
        assert (await base.http.put("/v1/sources/help", json=wanted)).status_code == 200
        for name in ("a", "b"):
            await base.http.put(f"/v1/sources/{name}", json={**wanted, "collection": "other"})
        one = as_document(await base.http.get("/v1/sources/help"))
        assert (one["id"], one["source"]["path"], one["refresh_every_s"]) == ("help", str(docs), 60)
        assert one["last_ingestion"] is None or one["last_ingestion"]["source"]["path"] == str(docs)
        first = as_document(await base.http.get("/v1/sources", params={"limit": 2}))
        rest = as_document(await base.http.get("/v1/sources", params={"cursor": first["next_cursor"]}))
        listed = [(each["collection"], each["id"]) for each in first["items"] + rest["items"]]
        assert listed == [("default", "help"), ("other", "a"), ("other", "b")]
        assert rest["next_cursor"] is None
        only = as_document(await base.http.get("/v1/sources", params={"collection": "default"}))
        assert [each["id"] for each in only["items"]] == ["help"]
        assert (await base.http.delete("/v1/sources/help")).status_code == 204
        for answer in (await base.http.delete("/v1/sources/help"), await base.http.get("/v1/sources/help")):
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:tillhand:problem:source-not-found")
        short = await base.http.put("/v1/sources/help", json={**wanted, "refresh_every_s": 59})
        assert (short.status_code, short.json().get("field")) == (422, "body.refresh_every_s"), short.text
