"""Pages of the web: those of a sitemap, or named ones and what they link to."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final, Protocol

from tillhand_rag.domain.ingestions import SitemapSource, UrlsSource
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.errors import SourceUnavailable
from tillhand_rag.ports.fetching import (
    CrawledPage,
    Crawler,
    Fetched,
    Fetcher,
    FetchFailure,
    FetchProblem,
    NotModified,
    Sitemaps,
    Validators,
)
from tillhand_rag.service.ingesting.gathering import MOST_BYTES_TOGETHER, Content, Item, Unchanged

TOGETHER: Final = 4
"""Pages come slowly, and may be large: few at a time show that something happens."""
LONGEST_NAME: Final = 1_000

Intact = Callable[[Sequence[str]], Awaitable[dict[str, Validators]]]
"""What the web said of those pages that are stored just as they were read."""


class Web(Fetcher, Sitemaps, Crawler, Protocol):
    """Everything that the web is asked."""


class SitemapPages:
    """The pages that a sitemap lists. `intact` says what need not be read again."""

    def __init__(self, web: Web, source: SitemapSource, intact: Intact) -> None:
        self.total: int | None = None
        self.complete = False
        self.ignored = 0
        self._web = web
        self._source = source
        self._intact = intact

    async def batches(self) -> AsyncGenerator[Sequence[Item], None]:
        """The pages. Raises `SourceUnavailable` when the sitemap cannot be read at all."""
        listing = await self._web.urls(self._source.url)
        if listing.failures and not listing.entries:
            raise SourceUnavailable(f"The sitemap cannot be read: {listing.failures[0].detail}.")
        self.ignored = listing.foreign
        self.total = len(listing.entries) + len(listing.failures)
        if listing.failures:
            yield [_item(failure.url, failure) for failure in listing.failures]
        urls = [entry.url for entry in listing.entries]
        for start in range(0, len(urls), TOGETHER):
            some = urls[start : start + TOGETHER]
            known = await self._intact(some)
            outcomes = await asyncio.gather(*(_outcome(self._web, url, known.get(url)) for url in some))
            yield [_item(url, outcome) for url, outcome in zip(some, outcomes, strict=True)]
        self.complete = listing.complete


class LinkedPages:
    """Named pages, and those that they link to. `known` is what need not be read again of all that was ever read."""

    def __init__(self, web: Web, source: UrlsSource, known: Callable[[], Awaitable[dict[str, Validators]]]) -> None:
        self.total: int | None = None if source.depth else len(source.urls)
        self.complete = False
        self.ignored = 0
        self._web = web
        self._source = source
        self._known = known
        self._met: set[str] = set()
        self._missed = False

    async def batches(self) -> AsyncGenerator[Sequence[Item], None]:
        """The pages, nearest first."""
        known = await self._known()
        for url in self._source.urls:
            group: list[Item] = []
            async with aclosing(self._web.crawl(url, depth=self._source.depth, known=known.get)) as pages:
                async for page in pages:
                    group += self._new(page)
                    if len(group) >= TOGETHER or sum(map(_size, group)) > MOST_BYTES_TOGETHER:
                        yield group
                        group = []
            if group:
                yield group
        self.complete = not self._missed

    def _new(self, page: CrawledPage) -> list[Item]:
        failed = isinstance(page.outcome, FetchFailure)
        gone = isinstance(page.outcome, FetchFailure) and page.outcome.gone
        self._missed |= failed and not gone and (page.depth < self._source.depth or _is_limit(page))
        if page.url in self._met and not _is_limit(page):
            return []
        self._met.add(page.url)
        return [_item(page.url, page.outcome)]


async def _outcome(web: Fetcher, url: str, known: Validators | None) -> Fetched | NotModified | FetchFailure:
    try:
        return await web.fetch(url, known=known)
    except FetchProblem as problem:
        return problem.failure


def _is_limit(page: CrawledPage) -> bool:
    return isinstance(page.outcome, FetchFailure) and page.outcome.slug == "crawl-limit"


def _size(item: Item) -> int:
    return len(item.outcome.data) if isinstance(item.outcome, Content) else 0


def _item(url: str, outcome: Fetched | NotModified | FetchFailure) -> Item:
    if isinstance(outcome, FetchFailure):
        return Item(url, Failure(outcome.url, outcome.slug, outcome.detail), gone=outcome.gone)
    if isinstance(outcome, NotModified):
        return Item(url, Unchanged())
    if len(url) > LONGEST_NAME:
        return Item(url, Failure(outcome.url[:LONGEST_NAME], "address-too-long", "Its address is too long."))
    content = Content(
        data=outcome.data,
        digest=hashlib.sha256(outcome.data).hexdigest(),
        filename=outcome.filename,
        media_type=outcome.media_type,
        etag=outcome.validators.etag,
        last_modified=outcome.validators.last_modified,
    )
    return Item(url, content)
