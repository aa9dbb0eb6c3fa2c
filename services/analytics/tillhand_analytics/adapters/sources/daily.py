"""Reports by day of one source. Days that no longer change are kept, and not asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from tillhand_analytics.adapters.normalising.files import Window, lines
from tillhand_analytics.adapters.sources.connectors import Answered, Connectors
from tillhand_analytics.adapters.sources.reading import Answers, SourceRead
from tillhand_analytics.domain.provenance import Mode, Source
from tillhand_analytics.errors import SourceUnavailable
from tillhand_analytics.ports.keeping import Keeper, Report
from tillhand_common.clock import Clock

DAY: Final = timedelta(days=1)
MOST_PAGES: Final = 2_000
Row = list[Any]


@dataclass(frozen=True, slots=True)
class Form:
    """How a source is asked for days, and how its answers are read.

    `final` gives the days of a window that have been counted; what they tell may change until `settles_days` after.
    `rows_of` gives each row of an answer with its day, `about` what else a report says, `whole` whether an answer holds
    all that there was.
    """

    source: Source
    file: str
    tool: str
    chunk_days: int
    settles_days: int
    final: Callable[[Connectors, Window], Awaitable[Window]]
    arguments: Callable[[date, date], Mapping[str, Any]]
    rows_of: Callable[[Mapping[str, Any]], Iterable[tuple[str, Row]]]
    about: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda _: {}
    whole: Callable[[Mapping[str, Any]], bool] = lambda _: True


@dataclass(slots=True)
class _Days:
    """What is there of a window."""

    reports: dict[date, Report] = field(default_factory=dict)
    truncated: bool = False
    stale: bool = False
    problem: SourceUnavailable | None = None


class DayReports:
    """Reads days through a form."""

    def __init__(self, connectors: Connectors, keeper: Keeper, clock: Clock, form: Form) -> None:
        self._connectors = connectors
        self._keeper = keeper
        self._clock = clock
        self._form = form

    async def read(self, window: Window, mode: Mode) -> SourceRead:
        """Reports of the window's days, the newest first where a quota ends it before.

        What fails leaves what was kept, with the problem. Raises `SourceUnavailable` where nothing was.
        """
        form = self._form
        kept = await self._keeper.reports(form.source, mode, window.first_day, window.last_day)
        found = _Days(dict(kept))
        try:
            for first, last in self._missing(await form.final(self._connectors, window), kept):
                found.reports.update(await self._chunk(first, last, mode, found))
        except SourceUnavailable as problem:
            if not found.reports:
                raise
            found.problem = problem
            found.truncated, found.stale = True, True
        content = await asyncio.to_thread(_joined, found.reports)
        return SourceRead(
            {form.file: content},
            mode,
            max((each.fetched_at for each in found.reports.values()), default=self._clock.now()),
            max(found.reports, default=None),
            truncated=found.truncated or any(_partial(each) for each in found.reports.values()),
            stale=found.stale,
            problem=found.problem,
        )

    def _missing(self, window: Window, kept: Mapping[date, Report]) -> Iterator[tuple[date, date]]:
        """Runs of days to ask for, the newest first, none longer than a chunk."""
        wanted = [
            day
            for day in (window.last_day - DAY * back for back in range((window.last_day - window.first_day).days + 1))
            if day not in kept or (kept[day].fetched_at.date() - day).days <= self._form.settles_days
        ]
        start = 0
        for at in range(1, len(wanted) + 1):
            ended = at == len(wanted) or wanted[at] != wanted[at - 1] - DAY
            if ended or at - start == self._form.chunk_days:
                yield wanted[at - 1], wanted[start]
                start = at

    async def _chunk(self, first: date, last: date, mode: Mode, found: _Days) -> Mapping[date, Report]:
        form = self._form
        answers = [each async for each in pages(self._connectors, form.source, form.tool, form.arguments(first, last))]
        told = Answers.of(answers)
        contents = await asyncio.to_thread(_contents, form, first, last, answers)
        reports = {day: Report(content, told.fetched_at) for day, content in contents.items()}
        found.stale = found.stale or told.stale
        if not told.stale:
            await self._keeper.keep_reports(form.source, mode, reports)
        return reports


async def pages(
    connectors: Connectors, source: Source, tool: str, arguments: Mapping[str, Any]
) -> AsyncIterator[Answered]:
    """Every page of a listing. Raises `SourceUnavailable`, too where the cursors do not advance."""
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(MOST_PAGES):
        answered = await connectors.call(source, tool, arguments if cursor is None else {**arguments, "cursor": cursor})
        yield answered
        cursor = answered.found.get("next_cursor")
        if cursor is None:
            return
        if cursor in seen:
            raise SourceUnavailable(f"{source}: its pages do not advance.")
        seen.add(cursor)
    raise SourceUnavailable(f"{source}: it has more pages than can be read.")


def _contents(form: Form, first: date, last: date, answers: Sequence[Answered]) -> Mapping[date, bytes]:
    """A report for each day of a chunk, one without rows where nothing was told."""
    by_day: dict[str, list[Row]] = {(first + DAY * day).isoformat(): [] for day in range((last - first).days + 1)}
    try:
        about = {**form.about(answers[0].found), "whole": all(form.whole(each.found) for each in answers)}
        for each in answers:
            for day, row in form.rows_of(each.found):
                if day in by_day:
                    by_day[day].append(row)
    except (KeyError, TypeError, ValueError) as error:
        raise SourceUnavailable(f"{form.source}: services/mcp answered in another shape than was agreed.") from error
    return {date.fromisoformat(day): lines([{"day": day, **about, "rows": rows}]) for day, rows in by_day.items()}


def _joined(reports: Mapping[date, Report]) -> bytes:
    return b"".join(reports[day].content for day in sorted(reports))


def _partial(report: Report) -> bool:
    return b'"whole":false' in report.content
