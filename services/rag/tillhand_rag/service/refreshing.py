"""Sources that are read again and again: kept, listed, and started when their time has come."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from tillhand_common.clock import Clock, rfc3339
from tillhand_rag.domain.ingestions import IngestionRequest, lane_of
from tillhand_rag.errors import StoreUnavailable, TooManyJobs, TooManySources
from tillhand_rag.ports.jobs import Job
from tillhand_rag.ports.sources import Source, SourcePlace, Sources
from tillhand_rag.service.ingesting.handling import KIND
from tillhand_rag.service.ingestions import Ingestions, Requester

MOST_SOURCES: Final = 100
"""So many sources may one collection have."""
SPREAD: Final = 0.1
"""A source comes up to so much of its interval late, so that those made together do not stay together."""
LOOK_EVERY_S: Final = 600.0
"""The longest sleep: a wall clock that was set, or a laptop that slept, is noticed then."""
RETRY_S: Final = 30.0

_log: Final = structlog.get_logger(__name__)


class Refreshing:
    """Keeps sources, and starts each when it is due: never one of which a job still waits or runs.

    What was missed while the service was down is done once. `chance` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        *,
        sources: Sources,
        ingestions: Ingestions,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._sources = sources
        self._ingestions = ingestions
        self._clock = clock
        self._chance = chance
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look after the sources."""
        self._task = asyncio.create_task(self._look_after(), name="refreshing")

    async def stop(self) -> None:
        """Start nothing any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def put(
        self, requester: Requester, source_id: str, request: IngestionRequest, refresh_every_s: int
    ) -> tuple[Source, bool]:
        """Keep a source, due at once; whether it is new. Raises `TooManySources`, `StoreUnavailable`."""
        now = self._clock.now()
        before = await self._sources.get(request.collection, source_id)
        source = Source(
            collection=request.collection,
            id=source_id,
            lane=lane_of(request),
            request=request,
            refresh_every_s=refresh_every_s,
            tenant=requester.tenant,
            created_by=requester.name,
            created_at=before.created_at if before else rfc3339(now),
            updated_at=rfc3339(now),
            next_at=now,
        )
        is_new = await self._sources.put(source, most=MOST_SOURCES)
        if is_new is None:
            raise TooManySources(f"A collection can have {MOST_SOURCES} sources.")
        self._changed.set()
        return source, is_new

    async def get(self, collection: str, source_id: str) -> Source | None:
        """A source of a collection."""
        return await self._sources.get(collection, source_id)

    async def page(
        self, requester: Requester, *, collection: str | None, after: SourcePlace | None, limit: int
    ) -> Sequence[Source]:
        """Sources by collection and id; those of one collection, or of all that the requester may see."""
        wanted = requester.collections if collection is None else {collection}
        return await self._sources.page(collections=wanted, after=after, limit=limit)

    async def last_jobs(self, sources: Sequence[Source]) -> dict[str, Job]:
        """The newest job of each of these sources, by its lane, whoever started it."""
        return await self._ingestions.jobs.latest(KIND, [source.lane for source in sources])

    async def delete(self, collection: str, source_id: str) -> bool:
        """Read a source no more; its documents stay. False when there was none."""
        return await self._sources.delete(collection, source_id)

    async def forget_collection(self, collection: str) -> None:
        """A collection is no more: nothing of it is read again."""
        await self._sources.forget_collection(collection)

    async def _look_after(self) -> None:
        while True:
            try:
                wait_s = await self._started_due()
            except StoreUnavailable:
                _log.error("sources_unavailable")
                wait_s = RETRY_S
            await self._wait(wait_s)

    async def _started_due(self) -> float:
        """Start what is due; seconds until something is again."""
        for source in await self._sources.due(self._clock.now()):
            await self._start(source)
        next_at = await self._sources.next_at()
        if next_at is None:
            return LOOK_EVERY_S
        return max(0.0, min(LOOK_EVERY_S, (next_at - self._clock.now()).total_seconds()))

    async def _start(self, source: Source) -> None:
        """The job comes first, so that a crash in between costs a look and not a run."""
        last = (await self.last_jobs([source])).get(source.lane)
        if last is None or last.finished:
            requester = Requester(source.created_by, source.tenant, None)
            try:
                job = await self._ingestions.start(requester, source.request)
                _log.info("source_due", source=source.id, collection=source.collection, job=job.id)
            except TooManyJobs:
                _log.warning("source_put_off", source=source.id, collection=source.collection)
        await self._sources.put_off(source, self._next_time(source))

    def _next_time(self, source: Source) -> datetime:
        return self._clock.now() + timedelta(seconds=source.refresh_every_s * (1 + SPREAD * self._chance()))

    async def _wait(self, seconds: float) -> None:
        """Until so much time has passed, or a source was put."""
        waiting = [
            asyncio.create_task(self._clock.sleep(seconds)),
            asyncio.create_task(self._changed.wait()),
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        self._changed.clear()
