"""An engine for jobs on a ledger of its own, and a handler that does what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fakes.waiting import until
from tillhand_common.clock import Clock, SystemClock
from tillhand_rag.domain.jobs import State
from tillhand_rag.ports.jobs import Job, JsonObject, NewJob
from tillhand_rag.service.job_kinds import Kind
from tillhand_rag.service.job_progress import Progress
from tillhand_rag.service.jobs import Jobs
from tillhand_rag.store.jobs import TABLES, LedgerJobs
from tillhand_rag.store.ledger import LEDGER_FILE, Ledger

KIND = "sample"


class Steps:
    """A handler that counts to the request's `steps`, one whenever `step` allows it, and goes on where it was.

    Before it counts it raises what `raising` holds, once each; it notes which jobs it began and which have ended.
    """

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.settled_jobs: list[Job] = []
        self.progress: dict[str, Progress] = {}
        self.raising: list[Exception] = []
        self._allowed = asyncio.Semaphore(0)

    def step(self, count: int = 1) -> None:
        """Let so many steps be made, by whichever job wants to."""
        for _ in range(count):
            self._allowed.release()

    async def run(self, job: Job, progress: Progress) -> JsonObject:
        self.begun.append(job.id)
        self.progress[job.id] = progress
        if self.raising:
            raise self.raising.pop(0)
        done = job.progress.get("done", 0)
        steps = job.request["steps"]
        assert isinstance(done, int)
        assert isinstance(steps, int)
        for step in range(done, steps):
            await self._allowed.acquire()
            progress.tell({"done": step + 1})
            await progress.passed(achieved=True)
        return {"from": done}

    async def settled(self, job: Job) -> None:
        self.settled_jobs.append(job)


class Engine:
    """The engine, its handler, and short ways to ask it."""

    def __init__(self, jobs: Jobs, handler: Steps, ledger: LedgerJobs) -> None:
        self.jobs = jobs
        self.handler = handler
        self.ledger = ledger

    async def submit(self, steps: int = 1, *, collection: str | None = "default", lane: str | None = None) -> Job:
        """Queue a job of so many steps."""
        return await self.jobs.submit(NewJob(KIND, collection, "acme", "key1", {"steps": steps}, lane))

    async def begun(self, count: int) -> list[str]:
        """The ids of the jobs that were begun, once there are so many."""
        await until(lambda: len(self.handler.begun) >= count)
        return self.handler.begun

    async def ended(self, job_id: str) -> Job:
        """The job once it has ended."""
        async with asyncio.timeout(10):
            async for job in self.jobs.watch(job_id):
                if job.finished:
                    return job
        raise AssertionError("the job did not end")

    async def state(self, job_id: str) -> State:
        """How a job stands."""
        job = await self.jobs.find(job_id)
        assert job is not None
        return job.state


@asynccontextmanager
async def engine(
    folder: Path, *, at_a_time: int = 1, clock: Clock | None = None, handler: Steps | None = None
) -> AsyncIterator[Engine]:
    """An engine on this folder's ledger, started and in the end stopped as a service does it."""
    ledger = await Ledger.open(folder / LEDGER_FILE, [TABLES])
    handler = handler or Steps()
    kept = LedgerJobs(ledger)
    jobs = Jobs(ledger=kept, clock=clock or SystemClock())
    jobs.register(Kind(KIND, handler, at_a_time))
    await jobs.start()
    try:
        yield Engine(jobs, handler, kept)
    finally:
        await jobs.stop()
        await ledger.close()
