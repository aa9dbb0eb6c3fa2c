"""Reads visits and searches, each source for itself: one that fails leaves the others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tillhand_analytics.adapters.normalising.files import VISITS, Files, Window
from tillhand_analytics.adapters.normalising.traffic import foreign_days
from tillhand_analytics.adapters.sources.bing import BingReports
from tillhand_analytics.adapters.sources.connectors import Connectors
from tillhand_analytics.adapters.sources.daily import DayReports
from tillhand_analytics.adapters.sources.reading import SourceRead
from tillhand_analytics.adapters.sources.traffic import SEARCH_REPORTS, VISIT_REPORTS
from tillhand_analytics.domain.provenance import Mode, Source
from tillhand_analytics.errors import SourceUnavailable
from tillhand_analytics.ports.keeping import Keeper
from tillhand_common.clock import Clock


@dataclass(frozen=True, slots=True)
class Taken:
    """What was read: the files of each source, and why some of them could not be."""

    window: Window
    reads: Mapping[Source, SourceRead]
    lacking: Mapping[Source, SourceUnavailable] = field(default_factory=dict)

    @property
    def files(self) -> Files:
        """Those of all sources."""
        return {name: content for read in self.reads.values() for name, content in read.files.items()}

    @property
    def problems(self) -> Mapping[Source, SourceUnavailable]:
        """Why sources lack, or are not as they should be."""
        partly = {source: read.problem for source, read in self.reads.items() if read.problem is not None}
        return {**partly, **self.lacking}


class TrafficReader:
    """Analytics, Search Console and Bing."""

    def __init__(self, connectors: Connectors, keeper: Keeper, clock: Clock) -> None:
        self._readers: Mapping[Source, DayReports | BingReports] = {
            "ga4": DayReports(connectors, keeper, clock, VISIT_REPORTS),
            "search_console": DayReports(connectors, keeper, clock, SEARCH_REPORTS),
            "bing": BingReports(connectors, keeper, clock),
        }

    async def read(self, wanted: Mapping[Source, Mode], window: Window, currency: str) -> Taken:
        """What is wanted and can be read. Revenue that is not in `currency` is a problem of its source."""
        sources = [source for source in self._readers if source in wanted]
        outcomes = await asyncio.gather(
            *(self._readers[source].read(window, wanted[source]) for source in sources), return_exceptions=True
        )
        reads: dict[Source, SourceRead] = {}
        lacking: dict[Source, SourceUnavailable] = {}
        for source, outcome in zip(sources, outcomes, strict=True):
            if isinstance(outcome, SourceRead):
                reads[source] = await asyncio.to_thread(_in_one_currency, outcome, currency)
            elif isinstance(outcome, SourceUnavailable):
                lacking[source] = outcome
            else:
                raise outcome
        return Taken(window, reads, lacking)


def _in_one_currency(read: SourceRead, currency: str) -> SourceRead:
    if read.problem is None and VISITS in read.files and foreign_days(read.files[VISITS], currency):
        problem = SourceUnavailable(f"ga4: its revenue is not in the shop's currency {currency}, and is left out.")
        return replace(read, truncated=True, problem=problem)
    return read
