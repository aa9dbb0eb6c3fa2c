"""An internet of our own: names with the addresses that a test gives them, and servers on loopback behind those."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpcore

from tillhand_common.testing import FakeUpstream

PUBLIC = "8.8.4.4"
"""An address that is public, for tests that need no other."""


class FakeInternet(httpcore.AsyncNetworkBackend):
    """What the resolver says, and where connections go. Nothing leaves this machine: other addresses are dead ends.

    `asked` lists the names that were looked up, `dialled` the addresses and ports that were connected to.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.dialled: list[tuple[str, int]] = []
        self._names: dict[str, deque[Sequence[str]]] = {}
        self._servers: dict[str, str] = {}
        self._loopback = httpcore.AnyIOBackend()

    def name(self, name: str, *answers: Sequence[str]) -> None:
        """Let a name have these addresses, answer after answer; the last one stays."""
        self._names[name] = deque(answers)

    def serve(self, server: FakeUpstream | str, *names: str, address: str = PUBLIC) -> None:
        """Put a server (or the base URL of one) at a public address, on every port, and give it names."""
        self._servers[address] = server if isinstance(server, str) else server.base_url
        for name in names:
            self.name(name, (address,))

    async def resolve(self, host: str) -> Sequence[str]:
        """Answer as scripted; OSError for a name that nobody has."""
        self.asked.append(host)
        answers = self._names.get(host)
        if answers is None:
            raise OSError("unknown name")
        return answers.popleft() if len(answers) > 1 else answers[0]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the signature is the library's
        local_address: str | None = None,  # noqa: ARG002  # the signature is the library's
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002  # the same
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the server at this address; ConnectError where there is none."""
        self.dialled.append((host, port))
        if host not in self._servers:
            raise httpcore.ConnectError("nobody is there")
        server = urlsplit(self._servers[host])
        assert server.hostname is not None
        assert server.port is not None
        return await self._loopback.connect_tcp(server.hostname, server.port, timeout)


@asynccontextmanager
async def behind_tls(server: FakeUpstream, certificate: ssl.SSLContext) -> AsyncIterator[str]:
    """Speak TLS in front of a server on loopback; yields the base URL to connect to."""
    target = urlsplit(server.base_url)
    connections: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(converse(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(target.hostname, target.port)
        await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer))

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=certificate)
    try:
        yield "https://{}:{}".format(*listener.sockets[0].getsockname()[:2])
    finally:
        listener.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
