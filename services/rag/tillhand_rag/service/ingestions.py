"""Asking for ingestions: admitted, queued as jobs, found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import structlog

from tillhand_common.problems import Problem
from tillhand_rag.domain.ingestions import (
    IngestionRequest,
    UploadedFile,
    UploadsSource,
    lane_of,
    request_as_json,
)
from tillhand_rag.ports.folders import Folders, Uploads
from tillhand_rag.ports.jobs import Job, NewJob, Place
from tillhand_rag.ports.manifest import Manifest
from tillhand_rag.service.ingesting.handling import KIND
from tillhand_rag.service.jobs import Jobs

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks. `name` is what is recorded; `collections` are those that the key may see, None means all."""

    name: str
    tenant: str
    collections: frozenset[str] | None

    def may_see(self, collection: str | None) -> bool:
        """Whether a job of this collection is one of the requester's to see."""
        return self.collections is None or collection in self.collections


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file of a request, and where it is read from."""

    name: str
    media_type: str | None
    content: BinaryIO


class Ingestions:
    """Starts, finds, lists and cancels ingestions; what a requester may not see does not exist for them."""

    def __init__(self, *, jobs: Jobs, folders: Folders, uploads: Uploads, manifest: Manifest) -> None:
        self.jobs = jobs
        self.folders = folders
        self._uploads = uploads
        self._manifest = manifest

    async def sweep(self) -> None:
        """Remove uploads that no job will read: left by a process that died. To be called before the engine starts."""
        for name in await self._uploads.sweep(await self.jobs.unfinished(KIND)):
            _log.info("orphan_removed", folder=name)

    async def start(self, requester: Requester, request: IngestionRequest) -> Job:
        """Queue an ingestion. Raises `TooManyJobs`, `StoreUnavailable`."""
        return await self.jobs.submit(_new(requester, request, lane_of(request)))

    async def start_uploads(self, requester: Requester, collection: str, files: Sequence[IncomingFile]) -> Job:
        """Queue the ingestion of files, which are on disk before this returns. Raises as `start` does."""
        job_id = self.jobs.new_id(KIND)
        source = UploadsSource(tuple(UploadedFile(file.name, file.media_type) for file in files))
        await self._uploads.keep(job_id, [file.content for file in files])
        try:
            return await self.jobs.submit(_new(requester, IngestionRequest(collection, source), None), job_id=job_id)
        except Problem:
            await self._uploads.drop(job_id)
            raise

    async def find(self, requester: Requester, job_id: str) -> Job | None:
        """An ingestion as it is now."""
        job = await self.jobs.find(job_id)
        return job if job is not None and job.kind == KIND and requester.may_see(job.collection) else None

    async def page(
        self, requester: Requester, *, collection: str | None, after: Place | None, limit: int
    ) -> Sequence[Job]:
        """Ingestions, the newest first; those of one collection, or of all that the requester may see."""
        wanted = requester.collections if collection is None else {collection}
        return await self.jobs.page(KIND, collections=wanted, after=after, limit=limit)

    async def cancel(self, requester: Requester, job_id: str) -> Job | None:
        """Cancel an ingestion; what was stored stays. None where `find` finds none."""
        return None if await self.find(requester, job_id) is None else await self.jobs.cancel(job_id)

    async def forget_collection(self, collection: str) -> None:
        """A collection is no more: nothing goes on reading into it, and what was ever read is forgotten."""
        await self.jobs.forget_collection(KIND, collection)
        await self._manifest.forget_collection(collection)


def _new(requester: Requester, request: IngestionRequest, lane: str | None) -> NewJob:
    return NewJob(
        kind=KIND,
        collection=request.collection,
        tenant=requester.tenant,
        created_by=requester.name,
        request=request_as_json(request),
        lane=lane,
    )
