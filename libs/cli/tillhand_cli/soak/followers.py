"""Followers of the live feed on bare sockets: cheap, so that many fit beside the service on one machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from tillhand_cli.soak.checking import Received

LIMIT: Final = 1024 * 1024
FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 2.0
CUT_WITHIN_S: Final = 20.0
_OK: Final = b" 200 "
_SMALL: Final = 4_096


@dataclass(slots=True)
class Tally:
    """What all followers have seen together.

    A silence lasts from one frame to the next, from the opening of a connection to its first frame, and from the last
    to its end.
    """

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
        self._heard = 0.0
        self.received = Received(after)

    async def run(self) -> None:
        """Follow until cancelled; whatever ends the connection, go on after the last record."""
        wait = FIRST_WAIT_S
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, self._writer = await asyncio.open_connection(
                    self._address.hostname, self._address.port, limit=LIMIT
                )
                self._heard = time.monotonic()
                try:
                    await self._opened(reader, self._writer)
                    wait = FIRST_WAIT_S
                    await self._read(reader)
                finally:
                    self._hear()
                    self._writer.close()
                    self._writer = None
            self._tally.reconnections += 1
            await asyncio.sleep(random.uniform(0, wait))  # noqa: S311  # who comes back when is no secret
            wait = min(wait * 2, LONGEST_WAIT_S)

    def kill(self) -> bool:
        """Break the connection off, as a process does that is killed; False where there was none."""
        if self._writer is None:
            return False
        self._writer.transport.abort()
        return True

    async def stall(self, until: Awaitable[bool]) -> bool:
        """Connect, and read nothing `until` then; then what is on its way still. Whether the service had cut it off."""
        loop, rest = asyncio.get_running_loop(), bytearray()
        with socket.socket() as plain:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
            plain.setblocking(False)
            await loop.sock_connect(plain, (self._address.hostname, self._address.port))
            await loop.sock_sendall(plain, self._request())
            if not await until:
                return False
            try:
                async with asyncio.timeout(CUT_WITHIN_S):
                    while piece := await loop.sock_recv(plain, LIMIT):
                        rest += piece
            except ConnectionResetError:
                pass
            except TimeoutError:  # it was another whom the service has cut
                return False
        for frame in bytes(rest).partition(b"\r\n\r\n")[2].split(b"\n\n")[:-1]:  # what follows the last is half a frame
            self._take(frame)
        return True

    async def _opened(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._request())
        head = await reader.readuntil(b"\r\n\r\n")
        if _OK not in head.partition(b"\r\n")[0]:
            raise ConnectionRefusedError

    def _request(self) -> bytes:
        # HTTP/1.0, so that the body comes as it is, without chunks
        return (
            f"GET /v1/events HTTP/1.0\r\nHost: {self._address.netloc}\r\nAuthorization: Bearer {self._key}\r\n"
            f"Last-Event-ID: {self.received.last}\r\n\r\n"
        ).encode()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            frame = await reader.readuntil(b"\n\n")
            self._hear()
            self._take(frame)

    def _hear(self) -> None:
        now = time.monotonic()
        self._tally.silences_s = max(self._tally.silences_s, now - self._heard)
        self._heard = now

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
