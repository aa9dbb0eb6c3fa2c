"""Ingestion as a kind of job."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from tillhand_common.clock import Clock
from tillhand_rag.domain.ingestions import (
    FolderSource,
    IngestionRequest,
    SitemapSource,
    UploadsSource,
    UrlsSource,
    request_from_json,
)
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.ports.folders import Folders, Uploads
from tillhand_rag.ports.jobs import Job, JsonObject
from tillhand_rag.ports.manifest import Manifest
from tillhand_rag.service.ingesting.counting import Telling
from tillhand_rag.service.ingesting.files import FolderFiles, UploadedFiles
from tillhand_rag.service.ingesting.gathering import Gatherer
from tillhand_rag.service.ingesting.knowing import Known, Stored
from tillhand_rag.service.ingesting.pages import LinkedPages, SitemapPages, Web
from tillhand_rag.service.ingesting.running import Ingesting, Run, Tools
from tillhand_rag.service.ingesting.vanishing import Removing, Vanished, Vanishing
from tillhand_rag.service.job_progress import Progress

KIND: Final = "ingestion"


class IngestionHandler:
    """Reads a source into a collection. `recipe` changes when the same file would become another document."""

    def __init__(
        self,
        *,
        store: Stored,
        ingestion: Ingesting,
        removal: Removing,
        manifest: Manifest,
        folders: Folders,
        uploads: Uploads,
        web: Web,
        clock: Clock,
        recipe: str = "",
    ) -> None:
        self._store = store
        self._manifest = manifest
        self._folders = folders
        self._uploads = uploads
        self._web = web
        self._clock = clock
        self._recipe = recipe
        self._tools = Tools(ingestion, manifest)
        self._vanishing = Vanishing(manifest=manifest, store=store, removal=removal)

    async def run(self, job: Job, progress: Progress) -> JsonObject:
        """Read what has changed, and remove what has vanished. Raises `SourceUnavailable` and what ingestion raises."""
        started = self._clock.monotonic()
        request = request_from_json(job.request)
        known = Known(
            manifest=self._manifest,
            store=self._store,
            collection=request.collection,
            lane=job.lane or job.id,
            recipe=self._recipe,
        )
        telling = Telling(progress, self._clock)
        telling.tell("listing")
        run = Run(self._tools, known, telling, job.id)
        gatherer = self._gatherer(request, job.id, known)
        await run.take_all(gatherer)
        vanished = await self._vanished(request, known, run.seen, telling, complete=gatherer.complete)
        telling.tell("done")
        return {
            "complete": gatherer.complete,
            "ignored": gatherer.ignored,
            "kept": vanished.kept,
            "kept_because": vanished.because,
            "seconds": round(self._clock.monotonic() - started, 3),
        }

    async def settled(self, job: Job) -> None:
        """Remove what was uploaded for the job."""
        if job.lane is None:
            await self._manifest.forget(job.id)
            await self._uploads.drop(job.id)

    async def _vanished(
        self, request: IngestionRequest, known: Known, seen: Collection[str], telling: Telling, *, complete: bool
    ) -> Vanished:
        if isinstance(request.source, UploadsSource):
            return Vanished()

        async def removed(count: int) -> None:
            telling.counts.removed += count
            await telling.passed("removing", achieved=True)

        vanished = await self._vanishing.remove(
            known, seen, complete=complete, allow_empty=request.allow_empty, removed=removed
        )
        if vanished.because == "empty":
            detail = f"The source listed nothing; the {vanished.kept} that it gave before were kept."
            telling.note(Failure("", "source-empty", detail))
        return vanished

    def _gatherer(self, request: IngestionRequest, job_id: str, known: Known) -> Gatherer:
        source = request.source
        if isinstance(source, FolderSource):
            return FolderFiles(self._folders, source, request.collection)
        if isinstance(source, UploadsSource):
            return UploadedFiles(self._uploads, source, job_id)
        if isinstance(source, SitemapSource):
            return SitemapPages(self._web, source, known.validators)
        assert isinstance(source, UrlsSource)  # noqa: S101  # the last kind that there is
        return LinkedPages(self._web, source, known.all_validators)
