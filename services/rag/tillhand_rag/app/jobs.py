"""Joins the engine for jobs, and ingestion as its first kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from tillhand_common.clock import Clock
from tillhand_rag.adapters.fetching import Web
from tillhand_rag.adapters.folders import AllowedFolder, AllowedFolders
from tillhand_rag.adapters.upload_files import UploadFolder
from tillhand_rag.app.evaluations import AllowedTestCollections, conditions_from
from tillhand_rag.app.opening import KnowledgeBase
from tillhand_rag.ports.fetching import FetchLimits
from tillhand_rag.routes.evaluation_shapes import goldens_from
from tillhand_rag.service.evaluating import KIND as EVALUATION
from tillhand_rag.service.evaluating import Evaluating
from tillhand_rag.service.ingesting import pages
from tillhand_rag.service.ingesting.handling import KIND, IngestionHandler
from tillhand_rag.service.ingesting.knowing import Stored
from tillhand_rag.service.ingesting.running import Ingesting
from tillhand_rag.service.ingesting.vanishing import Removing
from tillhand_rag.service.ingestions import Ingestions
from tillhand_rag.service.job_kinds import Kind
from tillhand_rag.service.jobs import Jobs
from tillhand_rag.service.operations import Operations
from tillhand_rag.service.refreshing import Refreshing
from tillhand_rag.settings import RagSettings
from tillhand_rag.store import jobs, manifest, sources
from tillhand_rag.store.ledger import Ledger

_RECIPE: Final = "1"
"""Goes up when a parser makes another document of the same file: unchanged files are then read once more."""


@dataclass(frozen=True, slots=True)
class Work:
    """The engine and what asks it for ingestions. Further kinds are registered before `running` is entered."""

    jobs: Jobs
    ingestions: Ingestions
    refreshing: Refreshing

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in this block; what is left at its end is gone on with the next time."""
        async with AsyncExitStack() as stack:
            await self.ingestions.sweep()
            stack.push_async_callback(self.jobs.stop)
            await self.jobs.start()
            stack.push_async_callback(self.refreshing.stop)
            await self.refreshing.start()
            yield

    async def forget_collection(self, collection: str) -> None:
        """A collection is about to be deleted: nothing reads into it any more, and its sources are forgotten."""
        await self.refreshing.forget_collection(collection)
        await self.ingestions.forget_collection(collection)


def joined_work(
    settings: RagSettings,
    *,
    ledger: Ledger,
    store: Stored,
    ingestion: Ingesting,
    removal: Removing,
    web: pages.Web,
    clock: Clock,
) -> Work:
    """The engine over this ledger, with ingestion as a kind of job."""
    engine = Jobs(ledger=jobs.LedgerJobs(ledger), clock=clock)
    kept = manifest.LedgerManifest(ledger)
    uploads = UploadFolder(settings.store_dir)
    folders = AllowedFolders(
        [AllowedFolder.parse(text) for text in settings.ingest_roots], max_bytes=settings.max_document_bytes
    )
    handler = IngestionHandler(
        store=store,
        ingestion=ingestion,
        removal=removal,
        manifest=kept,
        folders=folders,
        uploads=uploads,
        web=web,
        clock=clock,
        recipe=f"{_RECIPE} {settings.default_currency}",
    )
    engine.register(Kind(KIND, handler, settings.ingestion_jobs, prefix="ing"))
    ingestions = Ingestions(jobs=engine, folders=folders, uploads=uploads, manifest=kept)
    refreshing = Refreshing(sources=sources.LedgerSources(ledger), ingestions=ingestions, clock=clock)
    return Work(engine, ingestions, refreshing)


@asynccontextmanager
async def opened_work(
    settings: RagSettings, base: KnowledgeBase, clock: Clock
) -> AsyncIterator[tuple[Work, Operations]]:
    """The engine at work on a knowledge base, and the operations that it runs on all of it."""
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(Web(_fetch_limits(settings), clock=clock))
        work = joined_work(
            settings,
            ledger=base.ledger,
            store=base.store,
            ingestion=base.ingestion,
            removal=base.removal,
            web=web,
            clock=clock,
        )
        operations = Operations(
            jobs=work.jobs, rebuilding=base.rebuilding, backups=base.backups, restoring=base.restoring, clock=clock
        )
        for kind in (*operations.kinds(), Kind(EVALUATION, _evaluating(base, work), prefix="eva")):
            work.jobs.register(kind)
        await stack.enter_async_context(work.running())
        yield work, operations


def _evaluating(base: KnowledgeBase, work: Work) -> Evaluating:
    return Evaluating(
        indexes=base.indexes,
        goldens=base.goldens,
        conditions=conditions_from,
        questions=goldens_from,
        collections=AllowedTestCollections(work.ingestions.folders),
        scratch=base.scratch,
    )


def _fetch_limits(settings: RagSettings) -> FetchLimits:
    return FetchLimits(
        max_bytes=settings.max_document_bytes,
        timeout_s=settings.fetch_timeout_s,
        max_pages=settings.fetch_max_pages,
        private_hosts=settings.fetch_private_hosts,
        ports=settings.fetch_ports,
        gap_s=settings.fetch_gap_s,
        user_agent=settings.fetch_user_agent,
    )
