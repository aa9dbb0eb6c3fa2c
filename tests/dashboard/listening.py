"""A client of the live feed that, like a browser, comes back where its connection breaks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from tests.fakes.visitor import Visitor
from tillhand_common.sse_reader import EventDecoder

AGAIN_S = 0.05


class Listener:
    """Keeps the number of each record in the order in which they came, and whether the feed says that it is live."""

    def __init__(self, visitor: Visitor, url: str) -> None:
        self._url = url
        self._cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        self._last = ""
        self._changed = asyncio.Event()
        self.numbers: list[int] = []
        self.resets = 0
        self.live = False

    async def until_live(self) -> None:
        """Wait until it is."""
        await self._until(lambda: self.live)

    async def until_number(self, number: int) -> None:
        """Wait for a record."""
        await self._until(lambda: bool(self.numbers) and self.numbers[-1] >= number)

    async def run(self) -> None:
        """Listen until cancelled."""
        async with httpx.AsyncClient(base_url=self._url, timeout=None) as http:  # noqa: S113  # a stream has no end
            while True:
                with contextlib.suppress(httpx.TransportError):
                    await self._hear(http)
                self._say(live=False)
                await asyncio.sleep(AGAIN_S)

    async def _hear(self, http: httpx.AsyncClient) -> None:
        headers = {"cookie": self._cookies, **({"last-event-id": self._last} if self._last else {})}
        decoder = EventDecoder()
        async with http.stream("GET", "/events", headers=headers) as answer:
            async for chunk in answer.aiter_bytes():
                for event in decoder.feed(chunk):
                    self._last = event.id or self._last
                    if event.name == "record":
                        self.numbers.append(int(event.id or 0))
                    self.resets += event.name == "reset"
                    self._say(live=b"true" in event.data if event.name == "state" else self.live)

    def _say(self, *, live: bool) -> None:
        self.live = live
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self._changed.wait()


@asynccontextmanager
async def listening(visitor: Visitor, url: str) -> AsyncIterator[Listener]:
    """Somebody who listens meanwhile, once they are told that it is live."""
    listener = Listener(visitor, url)
    task = asyncio.create_task(listener.run())
    try:
        await listener.until_live()
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
