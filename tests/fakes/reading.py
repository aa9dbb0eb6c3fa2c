"""Ingestions without HTTP: a real knowledge base, an engine beside it, and a web that a test writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.knowledge import Knowledge, knowledge_base
from tillhand_common.clock import Clock, SystemClock
from tillhand_rag.adapters.folders import AllowedFolder, AllowedFolders
from tillhand_rag.adapters.upload_files import UploadFolder
from tillhand_rag.domain.ingestions import IngestionRequest, IngestionSource
from tillhand_rag.ports.fetching import (
    CrawledPage,
    Fetched,
    FetchFailure,
    FetchProblem,
    Known,
    NotModified,
    SitemapEntry,
    SitemapListing,
    Validators,
)
from tillhand_rag.ports.jobs import Job
from tillhand_rag.service.ingesting.handling import KIND, IngestionHandler
from tillhand_rag.service.ingestions import Ingestions, Requester
from tillhand_rag.service.job_kinds import Kind
from tillhand_rag.service.jobs import Jobs
from tillhand_rag.service.refreshing import Refreshing
from tillhand_rag.store import jobs as job_tables
from tillhand_rag.store import manifest as manifest_tables
from tillhand_rag.store import sources as source_tables
from tillhand_rag.store.jobs import LedgerJobs
from tillhand_rag.store.ledger import Ledger
from tillhand_rag.store.manifest import LedgerManifest
from tillhand_rag.store.sources import LedgerSources

TABLES = (job_tables.TABLES, manifest_tables.TABLES, source_tables.TABLES)
ANYBODY = Requester("key1", "acme", None)


@dataclass
class Page:
    """A page as the fake web holds it; `failure` is what it answers with instead."""

    text: str = ""
    links: Sequence[str] = ()
    etag: str | None = None
    failure: FetchFailure | None = None


@dataclass
class PaperWeb:
    """A web of these pages. `fetched` are the addresses that gave a body; `listing` is what every sitemap lists."""

    pages: dict[str, Page] = field(default_factory=dict)
    listing: SitemapListing | None = None
    fetched: list[str] = field(default_factory=list)

    def fail(self, url: str, slug: str = "http-status", *, gone: bool = False) -> None:
        """Let an address fail from now on."""
        self.pages[url] = Page(failure=FetchFailure(url, slug, f"{url} answers with an error", gone=gone))

    async def fetch(self, url: str, *, known: Validators | None = None) -> Fetched | NotModified:
        """The page; unchanged where its etag is known."""
        page = self.pages.get(url, Page(failure=FetchFailure(url, "http-status", "404", gone=True)))
        if page.failure is not None:
            raise FetchProblem(page.failure)
        if known is not None and known.etag is not None and known.etag == page.etag:
            return NotModified(url)
        self.fetched.append(url)
        return Fetched(url, page.text.encode(), "page.md", "text/markdown", Validators(page.etag))

    async def urls(self, url: str) -> SitemapListing:  # noqa: ARG002  # one listing for all sitemaps
        """The listing, or all pages there are."""
        return self.listing or SitemapListing([SitemapEntry(page) for page in self.pages])

    async def crawl(
        self, start: str, *, depth: int = 0, known: Known | None = None
    ) -> AsyncGenerator[CrawledPage, None]:
        """Breadth first, as the real one goes."""
        level, met = [start], {start}
        for distance in range(depth + 1):
            found: list[str] = []
            for url in level:
                try:
                    ask = known(url) if known is not None and distance == depth else None
                    outcome = await self.fetch(url, known=ask)
                except FetchProblem as problem:
                    yield CrawledPage(url, distance, problem.failure)
                    continue
                yield CrawledPage(url, distance, outcome)
                found += [link for link in self.pages[url].links if link not in met]
                met.update(found)
            level = list(dict.fromkeys(found))


@dataclass
class Reading:
    """A knowledge base and an engine that reads into it."""

    base: Knowledge
    web: PaperWeb
    jobs: Jobs
    ingestions: Ingestions
    refreshing: Refreshing
    handler: IngestionHandler

    async def read(self, source: IngestionSource, *, collection: str = "default", allow_empty: bool = False) -> Job:
        """Read a source to its end."""
        job = await self.ingestions.start(ANYBODY, IngestionRequest(collection, source, allow_empty))
        async with asyncio.timeout(20):
            async for each in self.jobs.watch(job.id):
                if each.finished:
                    return each
        raise AssertionError("the job did not end")


@asynccontextmanager
async def reading(
    folder: Path,
    *,
    most_files: int = 1_000,
    recipe: str = "1",
    clock: Clock | None = None,
    refreshing_from: bool = True,
) -> AsyncIterator[Reading]:
    """An engine over `folder`/docs and a web of paper; everything else is real. It is there again when it is reopened.

    Unless `refreshing_from`, sources are kept and none is started.
    """
    clock = clock or SystemClock()
    (folder / "docs").mkdir(exist_ok=True)
    async with knowledge_base(folder / "data") as base:
        ledger = await Ledger.open(folder / "data" / "engine.sqlite3", TABLES)
        web, manifest, uploads = PaperWeb(), LedgerManifest(ledger), UploadFolder(folder / "data" / "engine")
        folders = AllowedFolders([AllowedFolder(str(folder / "docs"))], max_bytes=10_000, most_files=most_files)
        rag = base.app.state.rag
        handler = IngestionHandler(
            store=rag.store,
            ingestion=rag.ingestion,
            removal=rag.removal,
            manifest=manifest,
            folders=folders,
            uploads=uploads,
            web=web,
            clock=clock,
            recipe=recipe,
        )
        jobs = Jobs(ledger=LedgerJobs(ledger), clock=clock)
        jobs.register(Kind(KIND, handler))
        ingestions = Ingestions(jobs=jobs, folders=folders, uploads=uploads, manifest=manifest)
        refreshing = Refreshing(sources=LedgerSources(ledger), ingestions=ingestions, clock=clock, chance=lambda: 0.5)
        await jobs.start()
        if refreshing_from:
            await refreshing.start()
        try:
            yield Reading(base, web, jobs, ingestions, refreshing, handler)
        finally:
            await refreshing.stop()
            await jobs.stop()
            await ledger.close()
