"""The line between the connectors and the approvals, which can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

HOST: Final = "127.0.0.1"
PIECE: Final = 65_536


class Wire:
    """Passes bytes on, both ways, until it is cut; what is under way then is lost."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._down = False
        self.cuts = 0

    def nick(self, chance: random.Random, most: int) -> None:
        """Break a few connections in the middle of whatever they carry."""
        self.cuts += 1
        known = sorted(self._writers, key=id)
        for writer in chance.sample(known, min(len(known), chance.randint(1, most))):
            writer.transport.abort()

    async def cut(self, for_s: float) -> None:
        """Break every connection, and take no new one for a while."""
        self.cuts += 1
        self._down = True
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.sleep(for_s)
        self._down = False

    async def passed_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        if self._down:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection(HOST, self._port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, back}
        self._writers |= ends
        try:
            await asyncio.gather(_copied(reader, back), _copied(there, writer))
        finally:
            self._writers -= ends
            for each in ends:
                each.transport.abort()


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()


@asynccontextmanager
async def wired(listen: int, port: int) -> AsyncIterator[Wire]:
    """A wire from one loopback port to another."""
    wire = Wire(port)
    server = await asyncio.start_server(wire.passed_on, HOST, listen)
    try:
        yield wire
    finally:
        server.close()
        await wire.cut(0)
