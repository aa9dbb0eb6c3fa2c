"""A real HTTP server on loopback that answers as a test has scripted it, misbehaviour included."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Literal, Self


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted answer.

    `after` holds it back until the event is set. `failure` is `reset` (the connection drops before any answer),
    `truncate` (it drops in the middle of the body) or `hang` (nothing comes until the server closes).

    `pieces` is a body that comes bit by bit in place of `body`: bytes are sent, an event is waited for. It may never
    end. `truncate` then drops the connection after the last piece, and `hang` leaves it open there.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after: asyncio.Event | None = None
    failure: Literal["reset", "truncate", "hang"] | None = None
    pieces: Iterable[bytes | asyncio.Event] | None = None

    @classmethod
    def json(cls, content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Self:
        """Return an answer with a JSON body."""
        return cls(status, json.dumps(content).encode(), {"content-type": "application/json", **(headers or {})})

    def held(self, after: asyncio.Event) -> Self:
        """Return the same answer, held back until `after` is set."""
        return replace(self, after=after)


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class FakeUpstream:
    """Scripted answers, in order; when they run out, `default` is given. `requests` lists what arrived.

    `fixed` holds answers by target (`/ready`) that are given whenever asked for, outside the script. `abandoned` counts
    the clients that left before they had their answer.
    """

    def __init__(self, default: Reply | None = None) -> None:
        self.base_url = ""
        self.default = default or Reply.json({})
        self.fixed: dict[str, Reply] = {}
        self.requests: list[Received] = []
        self.abandoned = 0
        self.connections = 0
        self.arrived = asyncio.Condition()
        self._script: deque[Reply] = deque()
        self._closing = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def script(self, *replies: Reply) -> None:
        """Append answers, each given once."""
        self._script.extend(replies)

    async def received(self, count: int, timeout_s: float = 10.0) -> None:
        """Return once `count` requests have arrived."""
        async with asyncio.timeout(timeout_s), self.arrived:
            await self.arrived.wait_for(lambda: len(self.requests) >= count)

    async def left(self, count: int = 1, timeout_s: float = 10.0) -> None:
        """Return once `count` clients have left before they had their answer."""
        async with asyncio.timeout(timeout_s), self.arrived:
            await self.arrived.wait_for(lambda: self.abandoned >= count)

    @classmethod
    @asynccontextmanager
    async def start(cls, default: Reply | None = None) -> AsyncIterator[Self]:
        """Listen on a free loopback port for as long as the context lasts."""
        upstream = cls(default)
        server = await asyncio.start_server(upstream._accept, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        upstream.base_url = f"http://{host}:{port}"
        try:
            yield upstream
        finally:
            upstream._closing.set()
            server.close()
            for task in upstream._tasks:
                task.cancel()
            await asyncio.gather(*upstream._tasks, return_exceptions=True)
            await server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                while await self._exchange(reader, writer):
                    pass
            finally:
                writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await _read(reader)
        async with self.arrived:
            self.requests.append(request)
            self.arrived.notify_all()
        reply = self.fixed.get(request.target) or (self._script.popleft() if self._script else self.default)
        answering = asyncio.create_task(self._answer(reply, writer))
        leaving = asyncio.create_task(reader.read(1))  # a client says no more before it has its answer
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done() or isinstance(answering.exception(), ConnectionError):
                async with self.arrived:
                    self.abandoned += 1
                    self.arrived.notify_all()
                return False
            return await answering
        finally:
            for task in (answering, leaving):
                task.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)

    async def _answer(self, reply: Reply, writer: asyncio.StreamWriter) -> bool:
        """Send an answer; False when no other can follow on this connection."""
        if reply.after is not None:
            await reply.after.wait()
        if reply.pieces is not None:
            await _send_pieces(reply, reply.pieces, writer)
        if reply.failure == "hang":
            await self._closing.wait()
        if reply.failure in {"reset", "hang"} or (reply.failure and reply.pieces is not None):
            writer.transport.abort()
            return False
        if reply.pieces is None:
            body = reply.body[: len(reply.body) // 2] if reply.failure == "truncate" else reply.body
            writer.write(_head(reply, {"content-length": str(len(reply.body))}) + body)
        await writer.drain()
        return reply.failure is None


async def _send_pieces(reply: Reply, pieces: Iterable[bytes | asyncio.Event], writer: asyncio.StreamWriter) -> None:
    writer.write(_head(reply, {"transfer-encoding": "chunked"}))
    for piece in pieces:
        if isinstance(piece, asyncio.Event):
            await piece.wait()
        else:
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(0)  # an answer without end, read as fast as it is sent, must not starve the reader
    if reply.failure is None:
        writer.write(b"0\r\n\r\n")


async def _read(reader: asyncio.StreamReader) -> Received:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:-2])}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Received(method, target, headers, await _chunks(reader))
    return Received(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return body


def _head(reply: Reply, framing: Mapping[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {reply.status} Scripted",
        *(f"{name}: {value}" for name, value in {**framing, **reply.headers}.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
