"""The engine that runs jobs: queued durably, a few of each kind at a time, gone on with after a restart.

Each kind of job has a handler. What a handler achieves step by step it keeps for itself; after a crash or a restart it
is called again for the same job and finds out what is left. A job ends done, failed or cancelled, and only then is
its handler told to let go of what it kept for it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from tillhand_common.clock import Clock
from tillhand_common.problems import InternalError, Problem
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.errors import StoreUnavailable, TooManyJobs
from tillhand_rag.ports.jobs import Ending, Job, JobLedger, NewJob, Place
from tillhand_rag.service.job_kinds import Kind
from tillhand_rag.service.job_progress import Bells, Progress

MOST_WAITING: Final = 100
"""So many jobs of a kind may wait in one collection."""
MOST_FRUITLESS: Final = 10
"""A job that was begun so often without achieving anything is given up: it may be what kills the process."""
RETRIES_S: Final = (1.0, 5.0, 25.0)
"""Pauses before a job is tried again that failed with 503, such as for a model that could not answer."""
KEEP_JOBS: Final = 200
KEEP_DAYS: Final = 30
CANCEL_WAIT_S: Final = 5.0
_LEDGER_RETRY_S: Final = 2.0
_BROKEN: Final = Ending("failed", error=Failure("", InternalError.slug, "The job failed; the service's log says why."))

_log: Final = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Running:
    kind: Kind
    progress: Progress
    task: asyncio.Task[None] | None = None
    cancelled: bool = False
    ending: bool = False

    def interrupt(self) -> None:
        if self.task is not None and not self.ending:
            self.task.cancel()


class Jobs:
    """Queues, runs, tells of and cancels jobs. `register` kinds, then `start`; `stop` leaves what runs for later."""

    def __init__(self, *, ledger: JobLedger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._kinds: dict[str, Kind] = {}
        self._running: dict[str, _Running] = {}
        self._bells = Bells()
        self._turn = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._dispatcher: asyncio.Task[None] | None = None
        self._stopping = False

    def register(self, kind: Kind) -> None:
        """Let jobs of this kind run, once the engine starts."""
        self._kinds[kind.name] = kind

    async def start(self) -> None:
        """Go on with what was running when the last process ended, and with what waits."""
        for job in await self._ledger.reopen(self._kinds, self._clock.now(), most_fruitless=MOST_FRUITLESS):
            _log.warning("job_given_up", job=job.id, kind=job.kind, state=job.state, attempts=job.attempts)
            await self._settle(self._kinds[job.kind], job)
        self._wanted.set()
        self._dispatcher = asyncio.create_task(self._dispatch(), name="jobs")

    async def stop(self) -> None:
        """Stop working; what runs stays marked as running, and the next `start` goes on with it."""
        self._stopping = True
        if self._dispatcher is not None:
            self._dispatcher.cancel()
        for running in self._running.values():
            running.interrupt()
        tasks = [self._dispatcher, *(running.task for running in self._running.values())]
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
        self._bells.ring_all()

    def new_id(self, kind: str) -> str:
        """An id for a job of this kind that nobody can guess."""
        return f"{self._kinds[kind].prefix}_{secrets.token_hex(12)}"

    async def submit(self, new: NewJob, *, job_id: str | None = None) -> Job:
        """Queue a job, under an id that `new_id` gave or a new one; durable when this returns.

        Raises `TooManyJobs`, `StoreUnavailable`.
        """
        name = job_id or self.new_id(new.kind)
        job = await self._ledger.add(name, new, self._clock.now(), most_waiting=MOST_WAITING)
        if job is None:
            raise TooManyJobs(f"{MOST_WAITING} jobs of this collection wait already.", retry_after_s=60)
        self._wanted.set()
        return job

    async def find(self, job_id: str) -> Job | None:
        """A job as it is now."""
        running = self._running.get(job_id)
        return await self._ledger.get(job_id) if running is None else running.progress.job

    async def page(
        self, kind: str, *, collections: Collection[str] | None, after: Place | None, limit: int
    ) -> Sequence[Job]:
        """Jobs of a kind, the newest first; `collections` None means all."""
        found = await self._ledger.page(kind, collections=collections, after=after, limit=limit)
        return [self._live(job) for job in found]

    async def latest(self, kind: str, lanes: Collection[str]) -> dict[str, Job]:
        """The newest job of each of these lanes that has one."""
        return {lane: self._live(job) for lane, job in (await self._ledger.latest(kind, lanes)).items()}

    async def unfinished(self, kind: str) -> frozenset[str]:
        """The ids of the jobs that wait or run."""
        return frozenset(await self._ledger.unfinished(kind))

    async def cancel(self, job_id: str) -> Job | None:
        """Cancel a job that waits or runs; the job once it has ended, or after some seconds. Harmless when repeated."""
        async with self._turn:
            before = await self._ledger.get(job_id)
            job = await self._ledger.cancel(job_id, self._clock.now())
            running = self._running.get(job_id)
            if running is not None and not running.ending:
                running.cancelled = True
                running.interrupt()
        if running is not None and running.task is not None:
            await asyncio.wait([running.task], timeout=CANCEL_WAIT_S)
        elif before is not None and job is not None and job.finished and not before.finished:
            self._bells.ring(job_id)
            await self._settle(self._kinds[job.kind], job)
        return await self.find(job_id)

    async def forget_collection(self, kind: str, collection: str) -> None:
        """Cancel whatever waits or runs in a collection, and forget all that ever did."""
        for job_id in await self._ledger.unfinished(kind, collection):
            await self.cancel(job_id)
        await self._ledger.forget(kind, collection)

    async def watch(self, job_id: str, *, seen: str | None = None) -> AsyncGenerator[Job, None]:
        """The job after each change, until it has ended; what has the event id `seen` is not told again.

        Changes that come faster than they are taken become one. Also ends when the engine stops.
        """
        with self._bells.heard(job_id) as bell:
            while not self._stopping:
                bell.clear()
                job = await self.find(job_id)
                if job is None:
                    return
                if job.event_id != seen or job.finished:
                    seen = job.event_id
                    yield job
                if job.finished:
                    return
                await bell.wait()

    def _live(self, job: Job) -> Job:
        running = self._running.get(job.id)
        return job if running is None else running.progress.job

    async def _dispatch(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            for kind in self._kinds.values():
                await self._persistently(partial(self._fill, kind))

    async def _fill(self, kind: Kind) -> None:
        while sum(running.kind is kind for running in self._running.values()) < kind.at_a_time:
            async with self._turn:
                job = await self._ledger.claim(kind.name, self._clock.now())
                if job is None:
                    return
                self._begin(kind, job)

    def _begin(self, kind: Kind, job: Job) -> None:
        progress = Progress(job, ledger=self._ledger, clock=self._clock, changed=partial(self._bells.ring, job.id))
        running = self._running[job.id] = _Running(kind, progress)
        running.task = asyncio.create_task(self._run(running), name=f"job-{job.id}")
        self._bells.ring(job.id)

    async def _run(self, running: _Running) -> None:
        try:
            ending = await self._ending(running)
        except asyncio.CancelledError:
            if self._stopping and not running.cancelled:
                await self._left_for_later(running.progress)
                raise
            if running.task is not None:
                running.task.uncancel()
            ending = Ending("cancelled") if running.cancelled else _BROKEN
        running.ending = True
        job = running.progress.job
        if not await self._persistently(lambda: self._ledger.finish(job, ending, self._clock.now())):
            return
        self._running.pop(job.id, None)
        self._bells.ring(job.id)
        self._wanted.set()
        _log.info("job_ended", job=job.id, kind=job.kind, state=ending.state, attempts=job.attempts)
        await self._settle(running.kind, job)
        await self._forget_old()

    async def _ending(self, running: _Running) -> Ending:
        progress, handler = running.progress, running.kind.handler
        for pause_s in (*RETRIES_S, None):
            try:
                return Ending("done", report=await handler.run(progress.job, progress))
            except Problem as problem:
                if problem.status != StoreUnavailable.status or pause_s is None:
                    return Ending("failed", error=Failure("", problem.slug, problem.detail))
                _log.warning("job_put_off", job=progress.job.id, reason=problem.slug, pause_s=pause_s)
            except Exception as error:  # noqa: BLE001  # the boundary of a job: the engine outlives whatever it runs
                _log.error("job_failed", job=progress.job.id, kind=progress.job.kind, exc_info=error)
                return _BROKEN
            await self._clock.sleep(pause_s)
            progress.job = replace(progress.job, failures=(), failures_total=0)
        raise AssertionError("the last attempt has ended")

    async def _settle(self, kind: Kind, job: Job) -> None:
        try:
            await kind.handler.settled(job)
        except Exception as error:  # noqa: BLE001  # as above: the job has ended, whatever is left over is swept later
            _log.error("job_not_settled", job=job.id, kind=job.kind, exc_info=error)

    async def _left_for_later(self, progress: Progress) -> None:
        progress.job = replace(progress.job, fruitless=0)
        try:
            await progress.keep()
        except StoreUnavailable:
            _log.warning("job_progress_lost", job=progress.job.id)  # the next process finds out again

    async def _forget_old(self) -> None:
        try:
            await self._ledger.sweep(older_than=self._clock.now() - timedelta(days=KEEP_DAYS), keep=KEEP_JOBS)
        except StoreUnavailable:
            _log.warning("old_jobs_kept")

    async def _persistently(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do what the ledger must take sooner or later, until it does; False when the engine stops before."""
        while True:
            try:
                await work()
            except StoreUnavailable:
                _log.error("ledger_unavailable")
                if self._stopping:
                    return False
                await self._clock.sleep(_LEDGER_RETRY_S)
            else:
                return True
