"""Documents from the web: single addresses, sitemaps, and pages that are linked from one page.

Whatever goes wrong with an address is a `FetchFailure` with a reason a person can read; nothing else is raised. A
failure that is `gone` says that the document does not exist any more; after every other one, what was stored of the
address still stands. A listing or a crawl that is not `complete` does not tell which documents have vanished.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much is fetched, from where, and how politely.

    `private_hosts` are host names, addresses and CIDR networks that may be fetched although they are not public.
    `timeout_s` is for one fetch with its redirects, waiting for our turn excluded. `gap_s` lies between two requests to
    one host; a crawl delay of its robots.txt widens it, up to `max_crawl_delay_s`.
    """

    max_bytes: int = 32 * _MIB
    timeout_s: float = 30.0
    max_pages: int = 1_000
    max_depth: int = 3
    max_sitemap_urls: int = 50_000
    max_sitemaps: int = 500
    max_sitemap_depth: int = 3
    max_sitemap_bytes: int = 50 * _MIB
    private_hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = (80, 443)
    user_agent: str = "Tillhand"
    connections_per_host: int = 2
    gap_s: float = 0.25
    max_crawl_delay_s: float = 10.0
    robots_ttl_s: float = 3_600.0


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave along with a document, to be asked with whether it has changed since."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document as it came. `url` is where redirects ended; `media_type` is what the server said, charset included.

    `filename` is made so that a parser recognises the document by it and the media type together.
    """

    url: str
    data: bytes
    filename: str
    media_type: str | None = None
    validators: Validators = Validators()


@dataclass(frozen=True, slots=True)
class NotModified:
    """The document is still what the known validators stand for."""

    url: str


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """Why an address gave no document. `url` and `detail` hold no query and no credentials.

    `gone`: the server says that there is no such document (404, 410). `transient`: a later try may succeed, not before
    `retry_after_s` where the server asked for that.
    """

    url: str
    slug: str
    detail: str
    gone: bool = False
    transient: bool = False
    retry_after_s: float | None = None


class FetchProblem(Exception):
    """An address gave no document, for the reason in `failure`."""

    def __init__(self, failure: FetchFailure) -> None:
        super().__init__(f"{failure.slug}: {failure.detail}")
        self.failure = failure


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """An address that a sitemap lists, in one spelling, and when it says that the page last changed."""

    url: str
    last_modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class SitemapListing:
    """What a sitemap and those that it names list: each address once, in their order.

    `failures` are sitemaps that could not be read. `foreign` counts entries of other sites and addresses that cannot be
    fetched at all; they are left out. `truncated` says that a limit cut the list.
    """

    entries: Sequence[SitemapEntry] = ()
    failures: Sequence[FetchFailure] = ()
    foreign: int = 0
    truncated: bool = False

    @property
    def complete(self) -> bool:
        """Whether an address that is missing here is missing on the site."""
        return not self.failures and not self.truncated


@dataclass(frozen=True, slots=True)
class CrawledPage:
    """One address of a crawl, as it was linked, and what became of it."""

    url: str
    depth: int
    outcome: Fetched | NotModified | FetchFailure


Known = Callable[[str], Validators | None]
"""The validators that came with what is stored of an address, if anything is."""


class Fetcher(Protocol):
    """Fetches single addresses."""

    async def fetch(self, url: str, *, known: Validators | None = None) -> Fetched | NotModified:
        """The document at `url`; `NotModified` only where `known` were given. Raises `FetchProblem`."""
        ...


class Sitemaps(Protocol):
    """Lists what sitemaps list."""

    async def urls(self, url: str) -> SitemapListing:
        """The pages of the sitemap at `url`; raises nothing, a sitemap that cannot be read is among the failures."""
        ...


class Crawler(Protocol):
    """Follows links."""

    def crawl(self, start: str, *, depth: int = 0, known: Known | None = None) -> AsyncGenerator[CrawledPage, None]:
        """The page at `start` and what it links to on its own origin, `depth` links deep (0: only that page).

        Each document comes once, nearest first. A failure `crawl-limit` at the end says that there were more pages.
        `known` is asked where links no longer matter, at full depth: pages above are always fetched anew.
        """
        ...
