"""What the engine knows of a kind of job: who does it, and how much of it at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tillhand_rag.ports.jobs import Job, JsonObject
from tillhand_rag.service.job_progress import Progress


class Handler(Protocol):
    """Does the work of one kind of job."""

    async def run(self, job: Job, progress: Progress) -> JsonObject:
        """Do it, from wherever an earlier attempt was left; the report. Raises a `Problem` when it cannot be done.

        A problem with status 503 is tried again a few times. Cancelled when the job is cancelled or the service stops.
        """
        ...

    async def settled(self, job: Job) -> None:
        """The job has ended, however it did: let go of what was kept for it."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. `prefix` is what its ids begin with."""

    name: str
    handler: Handler
    at_a_time: int = 1
    prefix: str = "job"
