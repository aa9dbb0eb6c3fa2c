"""Jobs and where they are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from tillhand_rag.domain.jobs import FINISHED, Failure, State

JsonObject = Mapping[str, object]
"""What JSON can hold; a kind of jobs knows which."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be queued. Of one kind and `lane` at most one runs at a time; without a lane nothing is waited for.

    `collection` is None for what concerns the whole installation.
    """

    kind: str
    collection: str | None
    tenant: str
    created_by: str
    request: JsonObject
    lane: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. Times are RFC 3339 UTC; `attempts` counts how often it was begun.

    `failures` are the first ones, `failures_total` counts all. `fruitless` counts the attempts since something was
    achieved that need not be done again. `revision` grows with each change that listeners hear of within an attempt.
    """

    id: str
    kind: str
    collection: str | None
    tenant: str
    created_by: str
    lane: str | None
    request: JsonObject
    state: State
    created_at: str
    cancelling: bool = False
    attempts: int = 0
    fruitless: int = 0
    revision: int = 0
    progress: JsonObject = field(default_factory=dict)
    failures: Sequence[Failure] = ()
    failures_total: int = 0
    report: JsonObject | None = None
    error: Failure | None = None
    started_at: str | None = None
    finished_at: str | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in FINISHED

    @property
    def event_id(self) -> str:
        """Names this moment of the job: another one after each change."""
        moment = f"{self.attempts}.{self.revision}"
        return f"{moment}.{self.state}" if self.finished else moment


class Ending(NamedTuple):
    """How a job ended."""

    state: State
    report: JsonObject | None = None
    error: Failure | None = None


class Place(NamedTuple):
    """Where a list of jobs goes on: after the job of this moment and id."""

    created_at: str
    id: str


class JobLedger(Protocol):
    """Keeps jobs, durably: what a call has returned survives the process. Each raises `StoreUnavailable`."""

    async def add(self, job_id: str, new: NewJob, now: datetime, *, most_waiting: int) -> Job | None:
        """Queue a job; None when so many of this kind wait in its collection already."""
        ...

    async def get(self, job_id: str) -> Job | None: ...

    async def latest(self, kind: str, lanes: Collection[str]) -> dict[str, Job]:
        """The newest job of each of these lanes that has one."""
        ...

    async def page(
        self, kind: str, *, collections: Collection[str] | None, after: Place | None, limit: int
    ) -> Sequence[Job]:
        """Jobs of a kind, the newest first; `collections` None means all, those of no collection included."""
        ...

    async def unfinished(self, kind: str, collection: str | None = None) -> Sequence[str]:
        """The ids of the jobs that wait or run, of one collection or of all."""
        ...

    async def reopen(self, kinds: Collection[str], now: datetime, *, most_fruitless: int) -> Sequence[Job]:
        """Queue again, before all others, what another process left running; what ended instead is returned.

        That is what was being cancelled, and what has been begun so many times without achieving anything.
        """
        ...

    async def claim(self, kind: str, now: datetime) -> Job | None:
        """Mark the job that is next as running: interrupted ones first, then collections in turn, then the oldest."""
        ...

    async def save(self, job: Job) -> None:
        """Keep progress, failures, revision and `fruitless` of a running job."""
        ...

    async def finish(self, job: Job, ending: Ending, now: datetime) -> None:
        """Keep all of a job, and how it ended."""
        ...

    async def cancel(self, job_id: str, now: datetime) -> Job | None:
        """End a job that waits; mark one that runs as being cancelled; the job as it is now."""
        ...

    async def forget(self, kind: str, collection: str) -> None:
        """Forget the finished jobs of a collection."""
        ...

    async def sweep(self, *, older_than: datetime, keep: int) -> int:
        """Forget finished jobs that are older, or beyond the newest `keep` of their kind and collection."""
        ...
