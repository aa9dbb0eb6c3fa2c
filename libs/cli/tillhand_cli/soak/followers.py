"""Followers of the live feed on bare sockets: cheap, so that many fit beside the service on one machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from tillhand_cli.soak.checking import Received

LIMIT: Final = 1024 * 1024
FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 2.0
_OK: Final = b" 200 "
_SMALL: Final = 4_096


@dataclass(slots=True)
class Tally:
    """What all followers have seen together."""

    silences_s: float = 0.0
    reconnections: int = 0
    heartbeats: int = 0
    resets: int = 0
    latencies_ms: list[float] = field(default_factory=list)


class Follower:
    """Reads the feed from where it had got to, for as long as it is wanted."""

    def __init__(self, url: str, key: str, after: int, tally: Tally, *, times: bool) -> None:
        self._address = urlsplit(url)
        self._key = key
        self._tally = tally
        self._times = times
        self._writer: asyncio.StreamWriter | None = None
        self.received = Received(after)

    async def run(self) -> None:
        """Follow until cancelled; whatever ends the connection, go on after the last record."""
        wait = FIRST_WAIT_S
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, self._writer = await self._connected()
                try:
                    wait = FIRST_WAIT_S
                    await self._read(reader)
                finally:
                    self._writer.close()
            self._tally.reconnections += 1
            await asyncio.sleep(random.uniform(0, wait))  # noqa: S311  # who comes back when is no secret
            wait = min(wait * 2, LONGEST_WAIT_S)

    def kill(self) -> None:
        """Break the connection off, as a process does that is killed."""
        if self._writer is not None:
            self._writer.transport.abort()

    @contextlib.asynccontextmanager
    async def stalled(self) -> AsyncIterator[None]:
        """Connect, and read nothing for as long as the block lasts."""
        loop = asyncio.get_running_loop()
        with socket.socket() as plain:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
            plain.setblocking(False)
            await loop.sock_connect(plain, (self._address.hostname, self._address.port))
            await loop.sock_sendall(plain, self._request())
            yield

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self._address.hostname, self._address.port, limit=LIMIT)
        writer.write(self._request())
        head = await reader.readuntil(b"\r\n\r\n")
        if _OK not in head.partition(b"\r\n")[0]:
            writer.close()
            raise ConnectionRefusedError
        return reader, writer

    def _request(self) -> bytes:
        # HTTP/1.0, so that the body comes as it is, without chunks
        return (
            f"GET /v1/events HTTP/1.0\r\nHost: {self._address.netloc}\r\nAuthorization: Bearer {self._key}\r\n"
            f"Last-Event-ID: {self.received.last}\r\n\r\n"
        ).encode()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        before = time.monotonic()
        while True:
            frame = await reader.readuntil(b"\n\n")
            now = time.monotonic()
            self._tally.silences_s = max(self._tally.silences_s, now - before)
            before = now
            self._take(frame)

    def _take(self, frame: bytes) -> None:
        fields = dict(line.partition(b": ")[::2] for line in frame.splitlines())
        name = fields.get(b"event", b"")
        if name == b"heartbeat":
            self._tally.heartbeats += 1
        elif name == b"reset":
            self._tally.resets += 1
        elif b"id" in fields and name != b"farewell":
            self.received.take(int(fields[b"id"]))
            if self._times:
                said = datetime.fromisoformat(json.loads(fields[b"data"])["time"])
                self._tally.latencies_ms.append(time.time() * 1e3 - said.timestamp() * 1e3)
