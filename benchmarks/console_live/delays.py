"""From the making of a proposal to its row in a browser, and to every client of the live feed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Final

import httpx
from playwright.async_api import Page

from benchmarks.console_live.platform import Platform, now_ms
from tillhand_cli.soak.checking import quantile

WITHIN_S: Final = 30.0
SUBJECT: Final = re.compile(rb'"subject": ?"([0-9a-f]{32})"')
WATCH: Final = """() => {
  window.seen = {};
  const look = () => {
    const now = performance.timeOrigin + performance.now();
    for (const { dataset } of document.querySelectorAll('.proposal')) window.seen[dataset.id] ??= now;
  };
  new MutationObserver(() => requestAnimationFrame(look)).observe(document.body, { childList: true, subtree: true });
}"""
SEEN: Final = """(id) => new Promise((done) => {
  const look = () => (window.seen[id] ? done(window.seen[id]) : setTimeout(look, 5));
  look();
})"""
GONE: Final = """(id) => new Promise((done) => {
  const look = () => (document.getElementById(`p-${id}`) ? setTimeout(look, 5) : done());
  look();
})"""


@dataclass
class Ear:
    """Notes when it was first told of each proposal."""

    at: dict[str, float] = field(default_factory=dict)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, http: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> None:
        """Hear a feed until cancelled."""
        held = b""
        async with http.stream("GET", url, headers=headers) as answer:
            answer.raise_for_status()
            async for chunk in answer.aiter_bytes():
                self.opened.set()
                *whole, held = (held + chunk).split(b"\n\n")
                for frame in whole:
                    if (found := SUBJECT.search(frame)) is not None:
                        self.at.setdefault(found[1].decode(), now_ms())


@asynccontextmanager
async def ears(count: int, url: str, headers: Mapping[str, str]) -> AsyncIterator[Sequence[Ear]]:
    """So many clients of a feed."""
    listening = [Ear() for _ in range(count)]
    limits = httpx.Limits(max_connections=count + 10)
    async with httpx.AsyncClient(timeout=None, limits=limits) as http:  # noqa: S113  # streams have no end
        tasks = [asyncio.create_task(each.listen(http, url, headers)) for each in listening]
        try:
            await asyncio.gather(*(each.opened.wait() for each in listening))
            yield listening
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Times:
    """Milliseconds of each proposal: from the call, and from its answer, to its row; and the ways beside that."""

    from_call: list[float] = field(default_factory=list)
    from_answer: list[float] = field(default_factory=list)
    to_peer: list[float] = field(default_factory=list)
    to_all: list[float] = field(default_factory=list)

    def tell(self, what: str) -> None:
        """Print them; what was promised is about `from_answer`."""
        print(f"{what}, of {len(self.from_answer)}:")
        for name, each in (
            ("answer to row", self.from_answer),
            ("call to row", self.from_call),
            ("call to the approvals' own feed", self.to_peer),
            ("call to every client of /events", self.to_all),
        ):
            if each:
                print(f"  {name:<32} p50 {quantile(each, 0.5):6.1f} ms, p95 {quantile(each, 0.95):6.1f} ms")
        if self.to_peer:
            ratio = median(self.from_call) / median(self.to_peer)
            print(f"  call to row is {ratio:.1f} times the way to the feed itself")


async def measured(opened: Platform, page: Page, peer: Ear, clients: Sequence[Ear], count: int) -> Times:
    """Propose so many, one after the other; each is away again before the next."""
    await page.evaluate(WATCH)
    times = Times()
    for number in range(count + 5):
        began = now_ms()
        made = await opened.propose()
        answered = now_ms()
        async with asyncio.timeout(WITHIN_S):
            seen = float(await page.evaluate(SEEN, made["id"]))
            while not all(made["id"] in each.at for each in (peer, *clients)):  # noqa: ASYNC110  # ears have no event
                await asyncio.sleep(0.005)
            await opened.reject(made)
            await page.evaluate(GONE, made["id"])
        if number >= 5:
            times.from_call.append(seen - began)
            times.from_answer.append(seen - answered)
            times.to_peer.append(peer.at[made["id"]] - began)
            if clients:
                times.to_all.append(max(each.at[made["id"]] for each in clients) - began)
    return times
