"""Documents from the web, fetched safely and politely."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Self

from tillhand_common.clock import Clock, SystemClock
from tillhand_common.egress import Egress, EgressPolicy
from tillhand_common.public_addresses import PrivateHosts
from tillhand_rag.adapters.fetching.crawler import LinkCrawler
from tillhand_rag.adapters.fetching.failures import shown
from tillhand_rag.adapters.fetching.fetcher import PoliteFetcher
from tillhand_rag.adapters.fetching.sitemaps import SitemapReader
from tillhand_rag.ports.fetching import (
    CrawledPage,
    Fetched,
    FetchLimits,
    Known,
    NotModified,
    SitemapListing,
    Validators,
)

__all__ = ["Web", "egress_of", "shown"]


class Web:
    """The web as the ports see it (`Fetcher`, `Sitemaps`, `Crawler`). An async context manager, one per service.

    All fetches share one pool, one memory of robots.txt files and the turns at each host.
    """

    def __init__(
        self, limits: FetchLimits | None = None, *, clock: Clock | None = None, egress: Egress | None = None
    ) -> None:
        limits = limits or FetchLimits()
        self._egress = egress or egress_of(limits)
        self._fetcher = PoliteFetcher(self._egress, limits, clock or SystemClock())
        self._sitemaps = SitemapReader(self._fetcher, limits)
        self._crawler = LinkCrawler(self._fetcher, limits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._egress.aclose()

    async def fetch(self, url: str, *, known: Validators | None = None) -> Fetched | NotModified:
        """The document at `url`. Raises `FetchProblem`."""
        return await self._fetcher.fetch(url, known=known)

    async def urls(self, url: str) -> SitemapListing:
        """The pages of the sitemap at `url`."""
        return await self._sitemaps.urls(url)

    def crawl(self, start: str, *, depth: int = 0, known: Known | None = None) -> AsyncGenerator[CrawledPage, None]:
        """The page at `start` and what it links to, `depth` links deep."""
        return self._crawler.crawl(start, depth=depth, known=known)


def egress_of(limits: FetchLimits) -> Egress:
    """The client within these limits. ValueError when `private_hosts` cannot be read."""
    return Egress(policy_of(limits))


def policy_of(limits: FetchLimits) -> EgressPolicy:
    """What the client may do within these limits. ValueError when `private_hosts` cannot be read."""
    return EgressPolicy(
        ports=frozenset(limits.ports),
        private_hosts=PrivateHosts.of(limits.private_hosts),
        user_agent=limits.user_agent,
        max_bytes=limits.max_bytes,
        total_s=limits.timeout_s,
    )
