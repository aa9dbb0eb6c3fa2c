"""What a running job tells of itself, who listens to it, and what of it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from tillhand_common.clock import Clock
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.ports.jobs import Job, JobLedger, JsonObject

MOST_FAILURES: Final = 100
"""So many failures of a job are listed; the others are counted."""
KEPT_EVERY_S: Final = 1.0
"""Progress is written to disk once in so many seconds: what is lost in a crash is found out again."""


class Bells:
    """Wakes whoever waits for news of a job; news that nobody has taken yet become one."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def heard(self, job_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever there is news of this job."""
        bell = asyncio.Event()
        listeners = self._waiting.setdefault(job_id, set())
        listeners.add(bell)
        try:
            yield bell
        finally:
            listeners.discard(bell)
            if not listeners:
                self._waiting.pop(job_id, None)

    def ring(self, job_id: str) -> None:
        """There is news of this job."""
        for bell in self._waiting.get(job_id, ()):
            bell.set()

    def ring_all(self) -> None:
        """Nobody needs to wait any more."""
        for job_id in list(self._waiting):
            self.ring(job_id)


class Progress:
    """A running job, as its handler reports on it and everybody else sees it.

    An attempt begins with the progress that the one before has kept, and with no failures.
    """

    def __init__(self, job: Job, *, ledger: JobLedger, clock: Clock, changed: Callable[[], None]) -> None:
        self.job = replace(job, failures=(), failures_total=0)
        self._ledger = ledger
        self._clock = clock
        self._changed = changed
        self._kept_at = -KEPT_EVERY_S

    def tell(self, progress: JsonObject) -> None:
        """This is how far the job is."""
        self._become(replace(self.job, progress=progress))

    def fail(self, failure: Failure) -> None:
        """Something of the job could not be done; the rest goes on. Heard of with the next `tell`."""
        listed = self.job.failures if len(self.job.failures) >= MOST_FAILURES else (*self.job.failures, failure)
        self.job = replace(self.job, failures=listed, failures_total=self.job.failures_total + 1)

    async def passed(self, *, achieved: bool) -> None:
        """A step is done; `achieved` says that another attempt need not do it again."""
        first = achieved and self.job.fruitless > 0
        if first:
            self.job = replace(self.job, fruitless=0)
        if first or self._clock.monotonic() - self._kept_at >= KEPT_EVERY_S:
            await self.keep()

    async def keep(self) -> None:
        """Write to disk how far the job is."""
        self._kept_at = self._clock.monotonic()
        await self._ledger.save(self.job)

    def _become(self, job: Job) -> None:
        self.job = replace(job, revision=job.revision + 1)
        self._changed()
