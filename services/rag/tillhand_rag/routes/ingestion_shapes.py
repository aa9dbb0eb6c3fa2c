"""Between jobs and sources and their wire shapes."""

from __future__ import annotations

from fastapi import Request

from tillhand_common.clock import rfc3339
from tillhand_common.security import Principal
from tillhand_rag.domain.ingestions import (
    FolderSource,
    IngestionRequest,
    IngestionSource,
    SitemapSource,
    UrlsSource,
    request_from_json,
)
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.errors import InvalidCursor
from tillhand_rag.models.ingestions import (
    FolderRead,
    FolderToRead,
    Ingestion,
    IngestionEvent,
    IngestionFailure,
    IngestionProgress,
    IngestionReport,
    Read,
    SitemapRead,
    SitemapToRead,
    Source,
    ToRead,
    UploadsRead,
    UrlsRead,
)
from tillhand_rag.ports import sources as ports
from tillhand_rag.ports.folders import Folders
from tillhand_rag.ports.jobs import Job
from tillhand_rag.routes.dependencies import decode_cursor, encode_cursor, recorded_as
from tillhand_rag.service.ingestions import Ingestions, Requester
from tillhand_rag.service.refreshing import Refreshing

_BETWEEN = "|"


async def ingestions(request: Request) -> Ingestions:
    """The ingestions of the running application."""
    return request.app.state.work.ingestions  # type: ignore[no-any-return]  # app puts a Work there


async def refreshing(request: Request) -> Refreshing:
    """The sources of the running application."""
    return request.app.state.work.refreshing  # type: ignore[no-any-return]  # app puts a Work there


def requester(principal: Principal) -> Requester:
    """Who asks."""
    return Requester(recorded_as(principal), principal.tenant, principal.collections)


def to_read(folders: Folders, principal: Principal, collection: str, wanted: ToRead) -> IngestionSource:
    """The source that a request means. Raises `FolderNotAllowed`."""
    if isinstance(wanted, FolderToRead):
        return folders.admitted(
            wanted.path,
            collection=collection,
            every_collection=principal.collections is None,
            pattern=wanted.pattern,
            prefix=wanted.prefix,
        )
    if isinstance(wanted, SitemapToRead):
        return SitemapSource(wanted.url)
    return UrlsSource(tuple(dict.fromkeys(wanted.urls)), wanted.depth)


def ingestion_out(job: Job) -> Ingestion:
    """A job of this kind as it goes over the wire."""
    request = request_from_json(job.request)
    return Ingestion(
        id=job.id,
        collection=request.collection,
        state=job.state,
        source=_read(request),
        allow_empty=request.allow_empty,
        created_by=job.created_by,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        attempts=job.attempts,
        progress=IngestionProgress.model_validate(job.progress),
        failures=[_failure(failure) for failure in job.failures],
        failures_total=job.failures_total,
        report=None if job.report is None else IngestionReport.model_validate(job.report),
        error=None if job.error is None else _failure(job.error),
    )


def event_out(job: Job) -> IngestionEvent:
    """A moment of a running job."""
    progress = IngestionProgress.model_validate(job.progress)
    return IngestionEvent(id=job.id, state=job.state, progress=progress, failures_total=job.failures_total)


def source_out(source: ports.Source, last: Job | None) -> Source:
    """A source as it goes over the wire."""
    return Source(
        id=source.id,
        collection=source.collection,
        source=_read(source.request),
        allow_empty=source.request.allow_empty,
        refresh_every_s=source.refresh_every_s,
        created_by=source.created_by,
        created_at=source.created_at,
        updated_at=source.updated_at,
        next_at=rfc3339(source.next_at),
        last_ingestion=None if last is None else ingestion_out(last),
    )


def pair_cursor(first: str, second: str) -> str:
    """A cursor that continues after a place that takes two words to name."""
    return encode_cursor(f"{first}{_BETWEEN}{second}")


def cursor_pair(cursor: str | None) -> tuple[str, str] | None:
    """The two words in a cursor. Raises `InvalidCursor`."""
    place = decode_cursor(cursor)
    if place is None:
        return None
    first, between, second = place.partition(_BETWEEN)
    if not between:
        raise InvalidCursor("The cursor comes from no such list.", field="cursor")
    return first, second


def _read(request: IngestionRequest) -> Read:
    source = request.source
    if isinstance(source, FolderSource):
        return FolderRead(path=source.path, pattern=source.pattern, prefix=source.prefix)
    if isinstance(source, UrlsSource):
        return UrlsRead(urls=list(source.urls), depth=source.depth)
    if isinstance(source, SitemapSource):
        return SitemapRead(url=source.url)
    return UploadsRead(files=len(source.files))


def _failure(failure: Failure) -> IngestionFailure:
    return IngestionFailure(source=failure.source, reason=failure.reason, detail=failure.detail)
