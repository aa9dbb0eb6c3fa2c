"""Bing's weeks. It tells of the last six months; weeks that have ended are kept, so that they add up to more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tillhand_analytics.adapters.normalising.files import BING, Window, lines
from tillhand_analytics.adapters.sources.connectors import Answered, Connectors
from tillhand_analytics.adapters.sources.daily import Row, pages
from tillhand_analytics.adapters.sources.reading import Answers, SourceRead
from tillhand_analytics.adapters.sources.scrubbing import scrubbed
from tillhand_analytics.domain.provenance import Mode
from tillhand_analytics.errors import SourceUnavailable
from tillhand_analytics.ports.keeping import Keeper, Report
from tillhand_common.clock import Clock

A_PAGE: Final = 500
LAG: Final = timedelta(days=2)
PACIFIC: Final = ZoneInfo("America/Los_Angeles")
"""Microsoft counts by days of this zone, as its moments show."""


class BingReports:
    """Reads queries by week. Pages are told apart from queries, and never both in one row: they are left out."""

    def __init__(self, connectors: Connectors, keeper: Keeper, clock: Clock) -> None:
        self._connectors = connectors
        self._keeper = keeper
        self._clock = clock

    async def read(self, window: Window, mode: Mode) -> SourceRead:
        """Weeks that end in the window. Raises `SourceUnavailable` where nothing was kept and Bing does not answer."""
        kept = dict(await self._keeper.reports("bing", mode, window.first_day, window.last_day))
        problem: SourceUnavailable | None = None
        at, stale = self._clock.now(), False
        try:
            found, told = await self._asked()
            at, stale = told.fetched_at, told.stale
            kept.update(found)
            if not stale:
                await self._keeper.keep_reports("bing", mode, found)
        except SourceUnavailable as failed:
            if not kept:
                raise
            problem, stale = failed, True
            at = max(each.fetched_at for each in kept.values())
        last = min(window.last_day, self._clock.now().astimezone(PACIFIC).date() - LAG)
        whole = {day: each for day, each in kept.items() if window.first_day <= day <= last}
        content = b"".join(whole[day].content for day in sorted(whole))
        return SourceRead({BING: content}, mode, at, max(whole, default=None), stale=stale, problem=problem)

    async def _asked(self) -> tuple[Mapping[date, Report], Answers]:
        answers = [each async for each in pages(self._connectors, "bing", "bing_query_stats", {"limit": A_PAGE})]
        told = Answers.of(answers)
        weeks = await asyncio.to_thread(_weeks, answers)
        return {
            week: Report(lines([{"day": week.isoformat(), "rows": rows}]), told.fetched_at)
            for week, rows in weeks.items()
        }, told


def _weeks(answers: list[Answered]) -> Mapping[date, list[Row]]:
    weeks: dict[date, list[Row]] = {}
    try:
        for answer in answers:
            for each in answer.found["rows"]:
                weeks.setdefault(_day(each["week"]), []).append(_row(each))
    except (KeyError, TypeError, ValueError) as error:
        raise SourceUnavailable("bing: services/mcp answered in another shape than was agreed.") from error
    return weeks


def _day(moment: str) -> date:
    """The day on which a week stands. Moments without a zone are UTC."""
    found = datetime.fromisoformat(moment)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(PACIFIC).date()


def _row(each: Mapping[str, Any]) -> Row:
    return [scrubbed(each["key"]), each["clicks"], each["impressions"], each["impression_position"]]
