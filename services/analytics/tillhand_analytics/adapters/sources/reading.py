"""What comes of reading one source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from tillhand_analytics.adapters.normalising.files import Files, digest
from tillhand_analytics.adapters.sources.connectors import Answered
from tillhand_analytics.domain.provenance import Mode, Source, Stamp
from tillhand_analytics.errors import SourceUnavailable


@dataclass(frozen=True, slots=True)
class SourceRead:
    """The files of a source. `problem` is why some of it is old or lacks, None where all is as it should be."""

    files: Files
    mode: Mode
    fetched_at: datetime
    complete_through: date | None
    truncated: bool = False
    stale: bool = False
    problem: SourceUnavailable | None = None

    def stamp(self, source: Source, rows: int) -> Stamp:
        """What a figure tells of it."""
        return Stamp(
            source,
            self.mode,
            self.fetched_at,
            self.complete_through,
            rows,
            digest(self.files),
            truncated=self.truncated,
            stale=self.stale,
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """What several answers come to: as old as the oldest, stale where one is."""

    mode: Mode
    fetched_at: datetime
    stale: bool

    @classmethod
    def of(cls, answers: Iterable[Answered]) -> Answers:
        """Of one answer or more."""
        found = list(answers)
        mode: Mode = "mock" if any(each.mode == "mock" for each in found) else "live"
        return cls(mode, min(each.fetched_at for each in found), any(each.stale for each in found))
