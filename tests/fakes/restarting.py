"""A service that stops and comes back at its address, and a wire to one that can be cut or go dead."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from fastapi import FastAPI

from tillhand_common.testing import running

Serve = Callable[[Callable[[], FastAPI]], AbstractAsyncContextManager[str]]
"""Serves what is made, and yields where."""
_CHUNK = 65_536


class Restarting:
    """A service at one address: each start makes the application anew, over the same folder."""

    def __init__(self) -> None:
        self._make: Callable[[], FastAPI] | None = None
        self._running = AsyncExitStack()
        self._port = 0

    @asynccontextmanager
    async def serve(self, make: Callable[[], FastAPI]) -> AsyncIterator[str]:
        """Start, and in the end stop, whatever was started and stopped meanwhile."""
        self._make = make
        yield await self.start()
        await self.stop()

    async def start(self) -> str:
        """Serve, at the port of the first start."""
        assert self._make is not None
        url = await self._running.enter_async_context(running(self._make, port=self._port))
        self._port = urlsplit(url).port or 0
        return url

    async def stop(self) -> None:
        """Drain and leave. A second call does nothing."""
        await self._running.aclose()


class Wire:
    """A way to a service that can be lost, as where somebody leaves a network: nothing arrives, and nobody is told."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._links: set[asyncio.Task[None]] = set()
        self._through = asyncio.Event()
        self._through.set()
        self._lost: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Where this end of it is."""
        server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        try:
            yield f"http://{host}:{port}"
        finally:
            server.close()
            for link in self._links:
                link.cancel()
            await asyncio.gather(*self._links, return_exceptions=True)
            await server.wait_closed()

    def die(self) -> None:
        """From now on nothing arrives; what is open stays so, for good."""
        self._through.clear()
        self._lost |= self._links

    def revive(self) -> None:
        """New connections arrive again. One of before never does: who sends on it is cut off, who waits waits on."""
        self._through.set()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        assert link is not None
        self._links.add(link)
        try:
            await self._through.wait()
            there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
            with contextlib.closing(back):
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._carry(link, reader, back))
                    both.create_task(self._carry(link, there, writer))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._links.discard(link)
            writer.close()

    async def _carry(
        self, link: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while chunk := await reader.read(_CHUNK):
            if link not in self._lost:
                writer.write(chunk)
                await writer.drain()
            elif self._through.is_set():
                link.cancel()
        writer.close()
