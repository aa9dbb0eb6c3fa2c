"""The layer around all upstreams: it puts every request on record and lets scripted ones go wrong."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tillhand_common.clock import Clock
from tillhand_mcp.mock.arrivals import Arrival, arrival, upstream_of
from tillhand_mcp.mock.faults import Fault, Faults
from tillhand_mcp.mock.refusals import answer, refused

TRANSPORT_EXTENSION: Final = "tillhand.transport"
KEPT_REQUESTS: Final = 10_000
MISSING_BYTES: Final = 64
LINGER_NOT: Final = struct.pack("ii", 1, 0)  # closing then sends a reset in place of an orderly end


@dataclass(slots=True)
class Answer:
    """An answer that is held back until it is clear what becomes of it."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def take(self, message: Message) -> None:
        """Keep a part of the answer, as an application sends it."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def give(self, send: Send, *pieces: bytes) -> None:
        """Send it, whole, or with other bytes in place of its body."""
        content = b"".join(pieces) if pieces else self.body
        await send(self.start(len(content)))
        await send({"type": "http.response.body", "body": content})

    def start(self, length: int) -> Message:
        """Return its beginning, with `length` as the length of the body."""
        start: Message = {"type": "http.response.start", "status": self.status, "headers": list(self.headers)}
        MutableHeaders(raw=start["headers"])["content-length"] = str(length)
        return start

    def head(self, length: int) -> bytes:
        """Return the same beginning as the bytes that go over a connection."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}".encode()]
        lines += [name + b": " + value for name, value in self.start(length)["headers"]]
        return b"\r\n".join([*lines, b"", b""])


@dataclass(slots=True)
class Exchange:
    """One request under way, and what is needed to answer it or not to."""

    app: ASGIApp
    scope: Scope
    body: bytes
    receive: Receive
    send: Send

    async def handled(self) -> Answer:
        """Let the upstream do what it was asked, and return its answer without sending it."""
        held = Answer()
        await self.app(self.scope, self._replayed(), held.take)
        return held

    async def passed_on(self) -> None:
        """Let the upstream do what it was asked, and answer."""
        await self.app(self.scope, self._replayed(), self.send)

    async def left(self) -> None:
        """Return once the client, or the server, has given the connection up."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    def transport(self) -> asyncio.Transport:
        """Return the connection itself; only a real socket has one."""
        extension = self.scope.get("extensions", {}).get(TRANSPORT_EXTENSION)
        if extension is None:
            raise ConnectionError("the connection was lost; there is none in process that could be broken otherwise")
        transport: asyncio.Transport = extension["transport"]
        return transport

    def _replayed(self) -> Receive:
        unread = [self.body]

        async def receive() -> Message:
            if unread:
                return {"type": "http.request", "body": unread.pop(), "more_body": False}
            return await self.receive()

        return receive


class Misbehaving:
    """ASGI middleware: all requests but the control's own are put on record, and the scripted ones go wrong."""

    def __init__(self, app: ASGIApp, *, faults: Faults, clock: Clock, requests: deque[Arrival]) -> None:
        self._app, self._faults, self._clock, self._requests = app, faults, clock, requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or do not."""
        if scope["type"] != "http" or upstream_of(scope["path"]) == "mock":
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        arrived = arrival(scope, body, self._clock.now())
        self._requests.append(arrived)

        async def recording(message: Message) -> None:
            if message["type"] == "http.response.start":
                arrived.status = message["status"]
            await send(message)

        exchange = Exchange(self._app, scope, body, receive, recording)
        fault = self._faults.take(arrived)
        if fault is None:
            await exchange.passed_on()
            return
        arrived.fault = fault.kind
        await self._go_wrong(fault, arrived, exchange)

    async def _go_wrong(self, fault: Fault, arrived: Arrival, exchange: Exchange) -> None:
        if fault.kind == "delay":
            await self._delay(fault, exchange)
            return
        held = await exchange.handled() if fault.takes_effect else await _held(answer({}))
        match fault.kind:
            case "status" | "throttled" | "quota":
                await (await _held(refused(fault, arrived))).give(exchange.send)
            case "bad_json":
                await held.give(exchange.send, held.body[: max(1, len(held.body) // 2)])
            case "drip":
                await self._drip(held, fault.seconds, exchange)
            case "black_hole":
                await exchange.left()
            case _:
                await _broken(fault, held, exchange)

    async def _delay(self, fault: Fault, exchange: Exchange) -> None:
        # A client that has given up before its request got there gets no effect after all.
        held = await exchange.handled() if fault.takes_effect else None
        if await self._waited(fault.seconds, exchange):
            await (exchange.passed_on() if held is None else held.give(exchange.send))

    async def _waited(self, seconds: float, exchange: Exchange) -> bool:
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        leaving = asyncio.ensure_future(exchange.left())
        try:
            await asyncio.wait({sleeping, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return not leaving.done()
        finally:
            for task in (sleeping, leaving):
                task.cancel()
            await asyncio.gather(sleeping, leaving, return_exceptions=True)

    async def _drip(self, held: Answer, seconds: float, exchange: Exchange) -> None:
        await exchange.send(held.start(len(held.body)))
        if not held.body:
            await exchange.send({"type": "http.response.body"})
        for place in range(len(held.body)):
            if not await self._waited(seconds, exchange):
                return
            piece = held.body[place : place + 1]
            more = place < len(held.body) - 1
            await exchange.send({"type": "http.response.body", "body": piece, "more_body": more})


async def _broken(fault: Fault, held: Answer, exchange: Exchange) -> None:
    transport = exchange.transport()
    if fault.kind == "reset":
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        transport.abort()
    elif fault.kind == "half_close":
        transport.write(held.head(len(held.body)) + held.body[: len(held.body) // 2])
        transport.write_eof()
    else:
        transport.write(held.head(len(held.body) + MISSING_BYTES) + held.body)
        transport.close()
    await exchange.left()


async def _read(receive: Receive) -> bytes | None:
    pieces, more = [], True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


async def _held(response: Response) -> Answer:
    held = Answer()
    await held.take({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await held.take({"type": "http.response.body", "body": bytes(response.body)})
    return held
