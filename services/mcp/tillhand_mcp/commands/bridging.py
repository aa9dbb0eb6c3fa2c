"""The protocol over standard input and output, for clients that start a program: each message goes on over HTTP."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import anyio
from mcp.client.streamable_http import streamable_http_client
from mcp.server.stdio import stdio_server
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.inbound import (
    MCP_METHOD_HEADER,
    MCP_NAME_HEADER,
    MCP_PROTOCOL_VERSION_HEADER,
    NAME_BEARING_METHODS,
    encode_header_value,
)
from mcp.shared.message import ClientMessageMetadata, SessionMessage
from mcp_types import (
    CONNECTION_CLOSED,
    PROTOCOL_VERSION_META_KEY,
    ErrorData,
    JSONRPCError,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
)

AGAIN_S: Final = 0.5


class _Reads(Protocol):
    def __aiter__(self) -> AsyncIterator[SessionMessage | Exception]: ...


class _Writes(Protocol):
    async def send(self, item: SessionMessage) -> None: ...


async def bridge(url: str, key: str | None) -> None:
    """Serve until standard input ends. A service that is away is told as an error of each request, and tried again."""
    logging.getLogger("mcp").setLevel(logging.CRITICAL)  # the failures it tells of are told to the client
    async with stdio_server() as (asked, told), told:  # which the server's end waits for to be closed
        await Bridge(url, key).run(asked, told)


class Bridge:
    """One client on one side, one service on the other."""

    def __init__(self, url: str, key: str | None) -> None:
        self._url = url
        self._headers = {} if key is None else {"authorization": f"Bearer {key}"}
        self._waiting: dict[RequestId, str] = {}
        self._version: str | None = None
        self._ended = False
        self._settled = anyio.Event()

    async def run(self, asked: _Reads, told: _Writes) -> None:
        """Carry messages both ways until the client's side ends."""
        send, receive = anyio.create_memory_object_stream[SessionMessage](16)
        async with anyio.create_task_group() as tasks, send, receive:
            tasks.start_soon(self._connect, receive, told)
            async for message in asked:
                if isinstance(message, SessionMessage):
                    await send.send(self._outward(message))
            self._ended = True
            if self._waiting:  # what was asked is answered, though nothing more will be asked
                await self._settled.wait()
            tasks.cancel_scope.cancel()

    async def _connect(self, outward: _Reads, told: _Writes) -> None:
        while True:
            reason = "it closed the connection"
            try:
                async with (
                    self._connected() as (answers, requests),
                    anyio.create_task_group() as tasks,
                ):
                    tasks.start_soon(self._carry, outward, requests)
                    async for answer in answers:
                        if isinstance(answer, SessionMessage):
                            self._inward(answer)
                            await told.send(answer)
                            self._settle()
            except Exception as error:  # noqa: BLE001  # whatever ends the connection, the client is told of it
                reason = _named(error)
            await self._give_up(told, reason)
            await anyio.sleep(AGAIN_S)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[_Reads, _Writes]]:
        async with (
            create_mcp_http_client(headers=self._headers) as client,
            streamable_http_client(self._url, http_client=client) as streams,
        ):
            yield streams

    async def _carry(self, outward: _Reads, requests: _Writes) -> None:
        async for message in outward:
            if isinstance(message, SessionMessage):
                await requests.send(message)

    async def _give_up(self, told: _Writes, reason: str) -> None:
        """Answer what was asked of a connection that is gone."""
        text = f"Tillhand does not answer at {self._url} ({reason}). Is it running (`make up`), and is the key right?"
        waiting, self._waiting = self._waiting, {}
        for name in waiting:
            error = JSONRPCError(jsonrpc="2.0", id=name, error=ErrorData(code=CONNECTION_CLOSED, message=text))
            await told.send(SessionMessage(error))
        self._settle()

    def _settle(self) -> None:
        if self._ended and not self._waiting:
            self._settled.set()

    def _outward(self, message: SessionMessage) -> SessionMessage:
        """The message with the headers that go with it over HTTP."""
        body = message.message
        if isinstance(body, JSONRPCRequest):
            self._waiting[body.id] = body.method
        if not isinstance(body, JSONRPCRequest | JSONRPCNotification):
            return message
        headers = self._routing(body.method, body.params or {})
        return SessionMessage(body, metadata=ClientMessageMetadata(headers=headers))

    def _routing(self, method: str, params: Mapping[str, Any]) -> dict[str, str]:
        stated = (params.get("_meta") or {}).get(PROTOCOL_VERSION_META_KEY)
        if stated is None:  # an era that agrees on a revision once
            agreed = self._version if method != "initialize" else None
            return {} if agreed is None else {MCP_PROTOCOL_VERSION_HEADER: agreed}
        headers = {MCP_PROTOCOL_VERSION_HEADER: str(stated), MCP_METHOD_HEADER: method}
        name = params.get(NAME_BEARING_METHODS.get(method, ""))
        return {**headers, MCP_NAME_HEADER: encode_header_value(str(name))} if name is not None else headers

    def _inward(self, message: SessionMessage) -> None:
        body = message.message
        if isinstance(body, JSONRPCResponse | JSONRPCError) and body.id is not None:
            method = self._waiting.pop(body.id, None)
            if method == "initialize" and isinstance(body, JSONRPCResponse):
                with contextlib.suppress(KeyError, TypeError):
                    self._version = str(body.result["protocolVersion"])


def _named(error: Exception) -> str:
    """What went wrong first: the library gathers failures in groups."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__
