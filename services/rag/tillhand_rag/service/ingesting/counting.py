"""How far an ingestion is, as its job tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from tillhand_common.clock import Clock
from tillhand_rag.domain.jobs import Failure, Pace
from tillhand_rag.ports.manifest import Taken
from tillhand_rag.ports.store import DocumentRecord
from tillhand_rag.service.job_progress import Progress

Phase = Literal["listing", "reading", "removing", "done"]


@dataclass(slots=True)
class Counts:
    """`found`, `done` and `refused` count files and pages, the others documents, and `chunks` passages.

    `found` is None while nobody knows how many there are. `unchanged` were found stored just as they are.
    """

    found: int | None = None
    done: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    removed: int = 0
    chunks: int = 0

    def add_known(self, taken: Taken, job_id: str) -> None:
        """Count what need not be read again: as what it became, where an earlier attempt of this job read it."""
        if taken.job == job_id:
            self.add(taken)
        else:
            self.unchanged += len(taken.documents)

    def add(self, taken: Taken) -> None:
        """Count what a file or page became."""
        self.created += taken.created
        self.updated += taken.updated
        self.unchanged += taken.unchanged
        self.chunks += taken.chunks


class Telling:
    """Counts, and tells the job of it."""

    def __init__(self, progress: Progress, clock: Clock) -> None:
        self.counts = Counts(removed=_number(progress.job.progress.get("removed")))
        self._progress = progress
        self._clock = clock
        self._pace = Pace()

    def refuse(self, failure: Failure) -> None:
        """Something could not be taken."""
        self.counts.refused += 1
        self._progress.fail(failure)

    def note(self, failure: Failure) -> None:
        """Something about the source as a whole has to be known."""
        self._progress.fail(failure)

    def tell(self, phase: Phase) -> None:
        """Let everybody who listens know."""
        self._pace.note(self._clock.monotonic(), self.counts.done)
        rate = self._pace.per_s()
        reading = phase == "reading" and self.counts.found is not None
        left = self._pace.left_s(self.counts.found or 0) if reading else None
        self._progress.tell(
            {
                "phase": phase,
                **asdict(self.counts),
                "per_s": None if rate is None else round(rate, 2),
                "left_s": None if left is None else round(left, 1),
            }
        )

    async def passed(self, phase: Phase, *, achieved: bool) -> None:
        """Tell, and let the job keep how far it is; `achieved` says that something need not be done again."""
        self.tell(phase)
        await self._progress.passed(achieved=achieved)


def taken_of(name: str, records: Mapping[str, DocumentRecord], before: Mapping[str, str], job_id: str) -> Taken:
    """What a file or page became: its documents as they are now, held against those that were there before."""
    created = sum(1 for document in records if document not in before)
    updated = sum(1 for document, record in records.items() if before.get(document, record.version) != record.version)
    return Taken(
        name=name,
        digest="",
        documents={document: record.version for document, record in records.items()},
        job=job_id,
        chunks=sum(record.chunks for record in records.values()),
        created=created,
        updated=updated,
        unchanged=len(records) - created - updated,
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
