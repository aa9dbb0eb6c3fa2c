"""A web of one site (and what else a test puts there), read through the knowledge base's own adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.fakes.internet import FakeInternet
from tillhand_common.egress import Egress
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_rag.adapters.fetching import Web, policy_of
from tillhand_rag.ports.fetching import FetchFailure, FetchLimits, FetchProblem

SHOP = "http://shop.example"
EAGER = FetchLimits(gap_s=0.0, timeout_s=10.0)
"""The usual limits without pauses."""


@dataclass(slots=True)
class PassingClock:
    """A clock on which waiting takes no time: it is later at once. `waits` lists how long was waited for."""

    waits: list[float] = field(default_factory=list)
    at_s: float = 0.0

    def now(self) -> datetime:
        """Return a moment of 2026."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.at_s)

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self.at_s

    async def sleep(self, seconds: float) -> None:
        """Let the seconds pass."""
        self.waits.append(seconds)
        self.at_s += seconds


@dataclass(slots=True)
class Site:
    """A server that is `shop.example` and `www.shop.example`, and who reads it."""

    web: Web
    server: FakeUpstream
    internet: FakeInternet
    clock: PassingClock

    def put(self, pages: Mapping[str, Reply | str | bytes]) -> None:
        """Put pages on the site by target; text is HTML."""
        for target, page in pages.items():
            self.server.fixed[target] = page if isinstance(page, Reply) else html(page)

    @property
    def asked(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [request.target for request in self.server.requests if request.target != "/robots.txt"]

    async def failure(self, url: str = f"{SHOP}/page") -> FetchFailure:
        """Why an address gives no document."""
        try:
            await self.web.fetch(url)
        except FetchProblem as problem:
            return problem.failure
        raise AssertionError("the address gave a document")


def html(body: str | bytes, **headers: str) -> Reply:
    """A page."""
    data = body.encode() if isinstance(body, str) else body
    return Reply(body=data, headers={"content-type": "text/html; charset=utf-8", **headers})


def linking(*references: str) -> Reply:
    """A page that links to others."""
    return html("<html><body>" + "".join(f'<a href="{reference}">x</a>' for reference in references) + "</body></html>")


@asynccontextmanager
async def a_site(limits: FetchLimits = EAGER) -> AsyncIterator[Site]:
    """A site without pages and without robots.txt."""
    internet, clock = FakeInternet(), PassingClock()
    async with FakeUpstream.start(Reply(404)) as server:
        internet.serve(server, "shop.example", "www.shop.example")
        egress = Egress(policy_of(limits), resolve=internet.resolve, network=internet)
        async with Web(limits, clock=clock, egress=egress) as web:
            yield Site(web, server, internet, clock)
