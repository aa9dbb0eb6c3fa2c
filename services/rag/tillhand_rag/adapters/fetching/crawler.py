"""Pages that are linked from one page, nearest first, within its origin and within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field

from tillhand_common.web_address import WebAddress
from tillhand_rag.adapters.fetching.failures import address_of
from tillhand_rag.adapters.fetching.fetcher import PoliteFetcher
from tillhand_rag.adapters.fetching.links import links_of
from tillhand_rag.adapters.fetching.naming import HTML_TYPES, bare_type
from tillhand_rag.ports.fetching import (
    CrawledPage,
    Fetched,
    FetchFailure,
    FetchLimits,
    FetchProblem,
    Known,
    NotModified,
)


class LinkCrawler:
    """Follows links breadth first, as many pages at once as a host is asked for."""

    def __init__(self, fetcher: PoliteFetcher, limits: FetchLimits) -> None:
        self._fetcher = fetcher
        self._limits = limits

    async def crawl(
        self, start: str, *, depth: int = 0, known: Known | None = None
    ) -> AsyncGenerator[CrawledPage, None]:
        """The page at `start` and what it links to, `depth` links deep."""
        try:
            first = address_of(start)
        except FetchProblem as problem:
            yield CrawledPage(start, 0, problem.failure)
            return
        crawl = _Crawl(self._limits.max_pages, level=[first], met={first})
        for distance in range(min(depth, self._limits.max_depth) + 1):
            is_last = distance == min(depth, self._limits.max_depth)
            for batch in _batches(crawl.level, self._limits.connections_per_host):
                asked = [self._visit(address, crawl, known if is_last else None) for address in batch]
                for address, outcome in zip(batch, await asyncio.gather(*asked), strict=True):
                    if crawl.is_new(outcome):
                        yield CrawledPage(str(address), distance, outcome)
                    if not is_last:
                        crawl.follow(await _links(outcome))
            crawl.descend()
        if crawl.truncated:
            detail = f"{first.host}: there are more than the {self._limits.max_pages:,} pages that a crawl may visit"
            yield CrawledPage(start, 0, FetchFailure(first.shown, "crawl-limit", detail))

    async def _visit(
        self, address: WebAddress, crawl: _Crawl, known: Known | None
    ) -> Fetched | NotModified | FetchFailure:
        url = str(address)
        try:
            outcome = await self._fetcher.fetch(url, known=known(url) if known else None, origin=crawl.origin)
        except FetchProblem as problem:
            return problem.failure
        if crawl.origin is None:  # the first page says where its site is, be it by a redirect to https
            crawl.origin = address_of(outcome.url).origin
        return outcome


@dataclass(slots=True)
class _Crawl:
    """Where a crawl stands: the pages of this level, those of the next, and all that were met."""

    max_pages: int
    level: list[WebAddress]
    met: set[WebAddress]
    following: list[WebAddress] = field(default_factory=list)
    delivered: set[str] = field(default_factory=set)
    origin: str | None = None
    truncated: bool = False

    def is_new(self, outcome: Fetched | NotModified | FetchFailure) -> bool:
        """Whether this document has not come already, by another address that redirects to it."""
        if isinstance(outcome, FetchFailure):
            return True
        if outcome.url in self.delivered:
            return False
        self.delivered.add(outcome.url)
        return True

    def follow(self, links: Sequence[WebAddress]) -> None:
        """Put pages that are new on the next level."""
        for link in links:
            if link in self.met:
                continue
            if len(self.met) >= self.max_pages:
                self.truncated = True
                return
            self.met.add(link)
            self.following.append(link)

    def descend(self) -> None:
        """Go to the next level."""
        self.level, self.following = self.following, []


async def _links(outcome: Fetched | NotModified | FetchFailure) -> list[WebAddress]:
    if not isinstance(outcome, Fetched) or bare_type(outcome.media_type) not in HTML_TYPES:
        return []
    return await asyncio.to_thread(links_of, outcome.data, address_of(outcome.url), outcome.media_type)


def _batches(addresses: Sequence[WebAddress], size: int) -> Iterator[Sequence[WebAddress]]:
    for start in range(0, len(addresses), size):
        yield addresses[start : start + size]
