"""Sitemaps and the sitemaps that they name, as one list of a site's pages."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from tillhand_common.egress_errors import UrlRefused
from tillhand_common.web_address import WebAddress
from tillhand_rag.adapters.fetching.failures import address_of, refuse_status
from tillhand_rag.adapters.fetching.fetcher import PoliteFetcher
from tillhand_rag.adapters.fetching.sitemap_files import SitemapFile, SitemapRecord, SitemapUnreadable, read_sitemap
from tillhand_rag.ports.fetching import FetchFailure, FetchLimits, FetchProblem, SitemapEntry, SitemapListing


class SitemapReader:
    """Lists what sitemaps list, as far as it belongs to their own site.

    A site is one host, with or without `www.`, over http or https. A sitemap that lists pages of somebody else proves
    nothing about them, so those are left out, and sitemaps elsewhere are not read.
    """

    def __init__(self, fetcher: PoliteFetcher, limits: FetchLimits) -> None:
        self._fetcher = fetcher
        self._limits = limits

    async def urls(self, url: str) -> SitemapListing:
        """The pages of the sitemap at `url` and of those below it."""
        try:
            root = address_of(url)
        except FetchProblem as problem:
            return SitemapListing(failures=(problem.failure,))
        walk = _Walk(self._limits, waiting=deque([(root, 0)]), met={root}, sites=[root])
        while walk.waiting and not walk.truncated:
            address, depth = walk.waiting.popleft()
            try:
                file = await self._read(address, walk, is_root=depth == 0)
            except FetchProblem as problem:
                walk.failures.append(problem.failure)
                continue
            await asyncio.to_thread(walk.take, file, address, depth)  # a second for 50,000 addresses
        return walk.listing()

    async def _read(self, address: WebAddress, walk: _Walk, *, is_root: bool) -> SitemapFile:
        max_bytes = self._limits.max_sitemap_bytes
        walk.files += 1
        async with self._fetcher.open(address, max_bytes=max_bytes) as answer:
            refuse_status(address.shown, answer)
            if is_root:
                walk.sites.append(answer.url)
            elif not walk.is_ours(answer.url):
                detail = f"{answer.url.host}: the sitemap redirects away from its site"
                raise FetchProblem(FetchFailure(address.shown, "redirect-refused", detail))
            data = await answer.read()
        try:
            return await asyncio.to_thread(
                read_sitemap, data, max_bytes=max_bytes, max_records=self._limits.max_sitemap_urls
            )
        except SitemapUnreadable as error:
            detail = f"{address.host}: {error}"
            raise FetchProblem(FetchFailure(address.shown, "sitemap-unreadable", detail)) from None


@dataclass(slots=True)
class _Walk:
    """What has been found so far."""

    limits: FetchLimits
    waiting: deque[tuple[WebAddress, int]]
    met: set[WebAddress]
    sites: list[WebAddress]
    entries: dict[str, SitemapEntry] = field(default_factory=dict)
    failures: list[FetchFailure] = field(default_factory=list)
    files: int = 0
    foreign: int = 0
    truncated: bool = False

    def is_ours(self, address: WebAddress) -> bool:
        """Whether an address belongs to the site of the first sitemap, as asked for or as redirected."""
        return any(address.is_same_site(site) for site in self.sites)

    def take(self, file: SitemapFile, at: WebAddress, depth: int) -> None:
        """Add what a file lists."""
        self.truncated = self.truncated or file.truncated
        for record in file.records:
            try:
                address = at.join(record.location)
            except UrlRefused:
                self.foreign += 1
                continue
            if not self.is_ours(address):
                self.foreign += 1
            elif file.kind == "urlset":
                self._add_page(address, record)
            else:
                self._add_sitemap(address, depth + 1)

    def _add_page(self, address: WebAddress, record: SitemapRecord) -> None:
        if len(self.entries) < self.limits.max_sitemap_urls:
            self.entries.setdefault(str(address), SitemapEntry(str(address), record.modified_at))
        elif str(address) not in self.entries:
            self.truncated = True

    def _add_sitemap(self, address: WebAddress, depth: int) -> None:
        if address in self.met:
            return
        self.met.add(address)
        if depth > self.limits.max_sitemap_depth:
            detail = f"{address.host}: sitemaps name sitemaps more than {self.limits.max_sitemap_depth} deep"
            self.failures.append(FetchFailure(address.shown, "sitemap-too-deep", detail))
        elif self.files + len(self.waiting) >= self.limits.max_sitemaps:
            self.truncated = True
        else:
            self.waiting.append((address, depth))

    def listing(self) -> SitemapListing:
        """All of it."""
        return SitemapListing(tuple(self.entries.values()), tuple(self.failures), self.foreign, self.truncated)
