"""Pages of the web read as jobs: asked for once, asked politely again, removed when they are gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.ingestions import sources_of
from tests.fakes.reading import Page, reading
from tillhand_rag.domain.ingestions import SitemapSource, UrlsSource
from tillhand_rag.ports.fetching import FetchFailure, SitemapEntry, SitemapListing
from tillhand_rag.ports.jobs import Job
from tillhand_rag.service import jobs as engine_module

SITE = "https://shop.example"
A, B, C, D = (f"{SITE}/{name}" for name in "abcd")
SITEMAP = SitemapSource(f"{SITE}/sitemap.xml")


def told(job: Job, *names: str) -> list[object]:
    """Some of a job's counts."""
    assert job.state == "done", job
    return [job.progress[name] for name in names]


async def test_the_pages_of_a_sitemap_become_documents_named_by_their_addresses(tmp_path: Path) -> None:
    async with reading(tmp_path) as opened:
        opened.web.pages = {A: Page("Apples."), B: Page("Pears.")}
        assert told(await opened.read(SITEMAP), "found", "done", "created") == [2, 2, 2]
        assert set(await sources_of(opened.base)) == {A, B}


async def test_a_page_that_the_server_says_is_unchanged_is_not_sent_again(tmp_path: Path) -> None:
    async with reading(tmp_path) as opened:
        opened.web.pages = {A: Page("Apples.", etag='"1"'), B: Page("Pears.")}
        await opened.read(SITEMAP)
        calls = len(opened.base.embedder.calls)
        assert told(await opened.read(SITEMAP), "done", "created", "unchanged") == [2, 0, 2]
        assert (opened.web.fetched, len(opened.base.embedder.calls)) == ([A, B, B], calls)
        opened.web.pages[A] = Page("More apples.", etag='"2"')
        assert told(await opened.read(SITEMAP), "updated", "unchanged") == [1, 1]


async def test_a_page_whose_document_was_deleted_is_asked_for_in_full(tmp_path: Path) -> None:
    async with reading(tmp_path) as opened:
        opened.web.pages = {A: Page("Apples.", etag='"1"')}
        await opened.read(SITEMAP)
        ids = await sources_of(opened.base)
        await opened.base.http.delete(f"/v1/documents/{ids[A]}")
        assert told(await opened.read(SITEMAP), "created", "unchanged") == [1, 0]


async def test_pages_that_are_gone_or_no_longer_listed_are_removed(tmp_path: Path) -> None:
    async with reading(tmp_path) as opened:
        opened.web.pages = {url: Page(f"Page {url}.") for url in (A, B, C)}
        await opened.read(SITEMAP)
        opened.web.fail(A, gone=True)
        del opened.web.pages[B]
        job = await opened.read(SITEMAP)
        assert told(job, "removed", "refused", "unchanged") == [2, 1, 1]
        assert set(await sources_of(opened.base)) == {C}


async def test_a_page_that_cannot_be_fetched_today_keeps_its_document(tmp_path: Path) -> None:
    async with reading(tmp_path) as opened:
        opened.web.pages = {A: Page("Apples."), B: Page("Pears.")}
        await opened.read(SITEMAP)
        opened.web.fail(A, "timeout")
        job = await opened.read(SITEMAP)
        assert told(job, "removed", "refused") == [0, 1]
        assert [(failure.source, failure.reason) for failure in job.failures] == [(A, "timeout")]
        assert set(await sources_of(opened.base)) == {A, B}


@pytest.mark.parametrize(
    "cut",
    [
        SitemapListing([SitemapEntry(A)], truncated=True),
        SitemapListing([SitemapEntry(A)], failures=[FetchFailure(f"{SITE}/more.xml", "timeout", "Too slow")]),
    ],
)
async def test_a_sitemap_that_was_not_read_whole_removes_nothing(tmp_path: Path, cut: SitemapListing) -> None:
    async with reading(tmp_path) as opened:
        opened.web.pages = {A: Page("Apples."), B: Page("Pears.")}
        await opened.read(SITEMAP)
        opened.web.listing = cut
        job = await opened.read(SITEMAP)
        assert told(job, "removed") == [0]
        assert job.report is not None
        assert (job.report["kept"], job.report["kept_because"]) == (1, "incomplete")
        assert set(await sources_of(opened.base)) == {A, B}


async def test_a_sitemap_that_cannot_be_read_fails_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "RETRIES_S", ())
    async with reading(tmp_path) as opened:
        opened.web.listing = SitemapListing(failures=[FetchFailure(SITEMAP.url, "timeout", "too slow")])
        job = await opened.read(SITEMAP)
        assert job.error is not None
        assert (job.state, job.error.reason) == ("failed", "source-unavailable")


async def test_a_site_that_answers_everything_with_404_keeps_its_documents(tmp_path: Path) -> None:
    async with reading(tmp_path) as opened:
        opened.web.pages = {A: Page("Apples."), B: Page("Pears.")}
        await opened.read(SITEMAP)
        for url in (A, B):
            opened.web.fail(url, gone=True)
        job = await opened.read(SITEMAP)
        assert job.report is not None
        assert (job.report["kept"], job.report["kept_because"]) == (2, "empty")


async def test_links_are_followed_as_deep_as_asked_and_known_leaves_are_asked_politely(tmp_path: Path) -> None:
    async with reading(tmp_path) as opened:
        opened.web.pages = {
            A: Page("Apples.", links=[B, C], etag='"a"'),
            B: Page("Pears.", links=[A, D], etag='"b"'),
            C: Page("Plums.", etag='"c"'),
            D: Page("Too deep."),
        }
        source = UrlsSource((A,), depth=1)
        assert told(await opened.read(source), "found", "done", "created") == [None, 3, 3]
        assert set(await sources_of(opened.base)) == {A, B, C}
        assert told(await opened.read(source), "done", "unchanged") == [3, 3]
        assert opened.web.fetched == [A, B, C, A]


async def test_a_page_that_is_no_longer_linked_is_removed_but_not_while_a_page_with_links_is_missing(
    tmp_path: Path,
) -> None:
    async with reading(tmp_path) as opened:
        opened.web.pages = {A: Page("Apples.", links=[B]), B: Page("Pears.", links=[C]), C: Page("Plums.")}
        source = UrlsSource((A,), depth=2)
        await opened.read(source)
        opened.web.fail(B, "timeout")
        job = await opened.read(source)
        assert told(job, "removed") == [0]
        assert job.report is not None
        assert job.report["kept_because"] == "incomplete"
        opened.web.pages[A] = Page("Apples.", links=[])
        assert told(await opened.read(source), "removed") == [2]
        assert set(await sources_of(opened.base)) == {A}


async def test_named_pages_are_each_read_once_however_they_are_reached(tmp_path: Path) -> None:
    async with reading(tmp_path) as opened:
        opened.web.pages = {A: Page("Apples.", links=[B]), B: Page("Pears.", links=[A])}
        job = await opened.read(UrlsSource((A, B), depth=1))
        assert told(job, "done", "created") == [2, 2]
